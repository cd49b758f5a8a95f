//! A bounded queue that is fair between villages: what is taken goes round the villages that wait, one of each in turn, so
//! a village with a flood gets its share of a batch and no more, and never fills the queue for the others.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::Notify;

use crate::core::ids::VillageCode;

/// Why something was not taken in; it comes back.
#[derive(Debug, PartialEq, Eq)]
pub enum Refused<T> {
    /// The queue, or the village's share of it, is full.
    Full(T),
    /// Nobody takes any more.
    Closed(T),
}

#[derive(Debug)]
struct Waiting<T> {
    /// What waits, by village; no empty list stays.
    villages: HashMap<VillageCode, VecDeque<T>>,
    /// Whose turn it is; each village that waits stands here once.
    turns: VecDeque<VillageCode>,
    count: usize,
    /// No more comes.
    ended: bool,
    /// Nobody takes.
    closed: bool,
}

#[derive(Debug)]
struct Shared<T> {
    most: usize,
    most_each: usize,
    waiting: Mutex<Waiting<T>>,
    grown: Notify,
}

impl<T> Shared<T> {
    fn waiting(&self) -> MutexGuard<'_, Waiting<T>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The end that puts in. When the last one is dropped, the receiver ends after what waits.
#[derive(Debug)]
pub struct Sender<T>(Arc<Alive<T>>);

#[derive(Debug)]
struct Alive<T>(Arc<Shared<T>>);

impl<T> Drop for Alive<T> {
    fn drop(&mut self) {
        self.0.waiting().ended = true;
        self.0.grown.notify_one();
    }
}

/// A sender that does not keep the queue open.
#[derive(Debug)]
pub struct WeakSender<T>(Weak<Alive<T>>);

/// The end that takes out.
#[derive(Debug)]
pub struct Receiver<T>(Arc<Shared<T>>);

/// A queue of at most `most`, of which at most `most_each` are one village's.
#[must_use]
pub fn channel<T>(most: usize, most_each: usize) -> (Sender<T>, Receiver<T>) {
    let waiting = Waiting { villages: HashMap::new(), turns: VecDeque::new(), count: 0, ended: false, closed: false };
    let shared = Arc::new(Shared { most, most_each, waiting: Mutex::new(waiting), grown: Notify::new() });
    (Sender(Arc::new(Alive(Arc::clone(&shared)))), Receiver(shared))
}

impl<T> Sender<T> {
    /// Puts in at once, or not at all.
    ///
    /// # Errors
    /// See [`Refused`].
    pub fn try_send(&self, village: VillageCode, item: T) -> Result<(), Refused<T>> {
        let shared = &self.0.0;
        let mut waiting = shared.waiting();
        if waiting.closed {
            return Err(Refused::Closed(item));
        }
        let own = waiting.villages.get(&village).map_or(0, VecDeque::len);
        if waiting.count >= shared.most || own >= shared.most_each {
            return Err(Refused::Full(item));
        }
        if own == 0 {
            waiting.turns.push_back(village);
        }
        waiting.villages.entry(village).or_default().push_back(item);
        waiting.count += 1;
        drop(waiting);
        shared.grown.notify_one();
        Ok(())
    }

    /// A sender that does not keep the queue open.
    #[must_use]
    pub fn downgrade(&self) -> WeakSender<T> {
        WeakSender(Arc::downgrade(&self.0))
    }
}

impl<T> WeakSender<T> {
    /// A sender, unless the queue is closed.
    #[must_use]
    pub fn upgrade(&self) -> Option<Sender<T>> {
        self.0.upgrade().map(Sender)
    }
}

impl<T> Receiver<T> {
    /// Waits until something is there and takes at most `most`, one of each village in turn, in each village's own order;
    /// how many. 0 when nothing more will come.
    pub async fn recv_many(&mut self, into: &mut Vec<T>, most: usize) -> usize {
        loop {
            {
                let mut waiting = self.0.waiting();
                let taken = waiting.take(into, most);
                if taken > 0 || waiting.ended {
                    return taken;
                }
            }
            self.0.grown.notified().await;
        }
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        // Who waits for an answer to what is still queued hears that there will be none.
        let mut waiting = self.0.waiting();
        waiting.closed = true;
        (waiting.count, waiting.villages, waiting.turns) = (0, HashMap::new(), VecDeque::new());
    }
}

impl<T> Waiting<T> {
    fn take(&mut self, into: &mut Vec<T>, most: usize) -> usize {
        let before = into.len();
        while into.len() - before < most {
            let Some(village) = self.turns.pop_front() else { break };
            let Some(own) = self.villages.get_mut(&village) else { continue };
            into.extend(own.pop_front());
            if own.is_empty() {
                self.villages.remove(&village);
            } else {
                self.turns.push_back(village);
            }
        }
        self.count -= into.len() - before;
        into.len() - before
    }
}

#[cfg(test)]
mod tests {
    use super::{Refused, channel};
    use crate::core::ids::VillageCode;

    fn village(n: u32) -> VillageCode {
        format!("331102001{n:03}").parse().expect("a code")
    }

    #[tokio::test]
    async fn a_flood_of_one_village_takes_no_more_than_its_turn() {
        let (sender, mut receiver) = channel(100, 50);
        for n in 0..50 {
            sender.try_send(village(1), (1, n)).expect("room");
        }
        assert_eq!(sender.try_send(village(1), (1, 50)), Err(Refused::Full((1, 50))), "its share is full");
        for n in 0..3 {
            sender.try_send(village(2), (2, n)).expect("room for others");
            sender.try_send(village(3), (3, n)).expect("room for others");
        }
        let mut batch = Vec::new();
        assert_eq!(receiver.recv_many(&mut batch, 10).await, 10);
        let of = |v| batch.iter().filter(|(village, _)| *village == v).map(|(_, n)| *n).collect::<Vec<_>>();
        assert_eq!((of(1), of(2), of(3)), (vec![0, 1, 2, 3], vec![0, 1, 2], vec![0, 1, 2]));
    }

    #[tokio::test]
    async fn alone_a_village_has_the_whole_batch_in_its_order() {
        let (sender, mut receiver) = channel(100, 100);
        for n in 0..20 {
            sender.try_send(village(1), n).expect("room");
        }
        let mut batch = vec![99];
        assert_eq!(receiver.recv_many(&mut batch, 64).await, 20);
        assert_eq!(batch[1..], (0..20).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn the_whole_queue_is_bounded_and_has_room_again() {
        let (sender, mut receiver) = channel(4, 4);
        for n in 0..4 {
            sender.try_send(village(n), n).expect("room");
        }
        assert_eq!(sender.try_send(village(9), 9), Err(Refused::Full(9)));
        receiver.recv_many(&mut Vec::new(), 1).await;
        sender.try_send(village(9), 9).expect("room again");
    }

    #[tokio::test]
    async fn it_ends_after_what_waits_when_no_sender_is_left() {
        let (sender, mut receiver) = channel(4, 4);
        let weak = sender.downgrade();
        sender.try_send(village(1), 1).expect("room");
        drop(sender);
        assert!(weak.upgrade().is_none());
        let mut batch = Vec::new();
        assert_eq!(receiver.recv_many(&mut batch, 4).await, 1);
        assert_eq!(receiver.recv_many(&mut batch, 4).await, 0);
    }

    #[tokio::test]
    async fn nothing_is_taken_in_when_nobody_takes_out() {
        let (sender, receiver) = channel(4, 4);
        let (reply, answer) = tokio::sync::oneshot::channel::<()>();
        sender.try_send(village(1), Some(reply)).expect("room");
        drop(receiver);
        assert!(answer.await.is_err(), "what waited is let go");
        assert!(matches!(sender.try_send(village(1), None), Err(Refused::Closed(None))));
    }
}
