//! Who waits for which village's record to grow: pages that show it live. A village that nobody watches costs nothing, and
//! while nothing happens none does: what is appended here is told by the lane, and what other servers append is seen by
//! one statement for all watched villages.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use crate::app::App;
use crate::core::ids::VillageCode;
use crate::store::error::StoreError;

/// How often it is looked whether other servers have appended to a watched record.
const OTHERS_EVERY: Duration = Duration::from_secs(2);

/// The records that are watched. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Growth(Arc<Mutex<Watched>>);

#[derive(Debug, Default)]
struct Watched {
    sizes: HashMap<VillageCode, watch::Sender<u64>>,
    closed: bool,
}

/// One who watches a village's record.
#[derive(Debug)]
pub struct Watch {
    growth: Growth,
    village: VillageCode,
    /// `None` where nobody is told any more.
    sizes: Option<watch::Receiver<u64>>,
}

impl Growth {
    fn watched(&self) -> MutexGuard<'_, Watched> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Watches a village's record from now on.
    #[must_use]
    pub fn watch(&self, village: VillageCode) -> Watch {
        let mut watched = self.watched();
        let open = !watched.closed;
        let sizes = open.then(|| watched.sizes.entry(village).or_insert_with(|| watch::Sender::new(0)).subscribe());
        Watch { growth: self.clone(), village, sizes }
    }

    /// Says that a village's record has so many entries. Who knows of as many or more is not disturbed.
    pub fn grown(&self, village: VillageCode, size: u64) {
        if let Some(sizes) = self.watched().sizes.get(&village) {
            sizes.send_if_modified(|known| {
                let more = size > *known;
                *known = size.max(*known);
                more
            });
        }
    }

    /// Lets everyone look again though no record has grown: a demonstration's clock was set ahead.
    pub fn stir(&self) {
        for sizes in self.watched().sizes.values() {
            sizes.send_modify(|_| {});
        }
    }

    /// Lets those who watch one village look again: what its pages show beside the record has changed.
    pub fn stir_in(&self, village: VillageCode) {
        if let Some(sizes) = self.watched().sizes.get(&village) {
            sizes.send_modify(|_| {});
        }
    }

    /// Ends every watch, and each that begins later: the server stops.
    pub fn close(&self) {
        let mut watched = self.watched();
        watched.closed = true;
        watched.sizes.clear();
    }

    /// Villages that somebody watches.
    #[must_use]
    pub fn villages(&self) -> Vec<VillageCode> {
        self.watched().sizes.keys().copied().collect()
    }
}

impl Watch {
    /// Waits until the record has more than `known` entries, or everyone is to look again: how many it has. `None` once
    /// nobody is told any more.
    pub async fn next(&mut self, known: u64) -> Option<u64> {
        let sizes = self.sizes.as_mut()?;
        // Not marked as seen before it is returned: what is to be looked at again would be lost.
        if *sizes.borrow() <= known {
            sizes.changed().await.ok()?;
        }
        Some(*sizes.borrow_and_update())
    }

    /// Takes what was said so far as known.
    pub fn settle(&mut self) {
        if let Some(sizes) = &mut self.sizes {
            sizes.mark_unchanged();
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut watched = self.growth.watched();
        // This one is counted still.
        if watched.sizes.get(&self.village).is_some_and(|sizes| sizes.receiver_count() <= 1) && self.sizes.is_some() {
            watched.sizes.remove(&self.village);
        }
    }
}

impl App {
    /// Where several servers append: looks for ever what the others have added to watched records. Ends at once where there
    /// is no other.
    pub async fn see_others_grow(&self) {
        if !self.lives().are_shared() {
            return;
        }
        let mut every = interval(OTHERS_EVERY);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            every.tick().await;
            let looked = match self.look_at_others().await {
                Ok(()) => self.look_at_other_desks().await,
                failed => failed,
            };
            if let Err(error) = looked {
                tracing::debug!(%error, "what other servers appended is seen at the next look");
            }
        }
    }

    /// One look at how large the watched records are: one statement, and none where nobody watches.
    ///
    /// # Errors
    /// The store's.
    pub async fn look_at_others(&self) -> Result<(), StoreError> {
        let villages = self.growth().villages();
        if villages.is_empty() {
            return Ok(());
        }
        for (village, size) in self.db().read("watched", |tx| Box::pin(async { tx.sizes(&villages).await })).await? {
            self.growth().grown(village, size);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::Growth;
    use crate::core::ids::VillageCode;

    fn village(text: &str) -> VillageCode {
        text.parse().expect("a village code")
    }

    #[tokio::test]
    async fn who_watches_hears_the_newest_size_once() {
        let (growth, here) = (Growth::default(), village("331102206201"));
        let mut watch = growth.watch(here);
        growth.grown(here, 7);
        growth.grown(here, 9);
        growth.grown(here, 8);
        growth.grown(village("331102206202"), 99);
        assert_eq!(watch.next(7).await, Some(9));
        assert_eq!(watch.next(9).now_or_never(), None, "nothing more has happened");
        growth.grown(here, 9);
        assert_eq!(watch.next(9).now_or_never(), None, "the same size is no news");
        assert_eq!(watch.next(3).await, Some(9), "who knows less is told at once");
        growth.stir();
        assert_eq!(watch.next(9).await, Some(9), "who is to look again is told though nothing has grown");
        growth.stir_in(village("331102206202"));
        assert_eq!(watch.next(9).now_or_never(), None, "another village is to look again");
        growth.stir_in(here);
        assert_eq!(watch.next(9).await, Some(9), "this one is");
    }

    #[tokio::test]
    async fn what_nobody_watches_any_more_is_forgotten() {
        let (growth, here) = (Growth::default(), village("331102206201"));
        let (one, two) = (growth.watch(here), growth.watch(here));
        drop(one);
        assert_eq!(growth.villages(), [here]);
        drop(two);
        assert_eq!(growth.villages(), []);
    }

    #[tokio::test]
    async fn every_watch_ends_when_it_is_closed() {
        let (growth, here) = (Growth::default(), village("331102206201"));
        let mut watch = growth.watch(here);
        growth.close();
        assert_eq!(watch.next(0).await, None);
        assert_eq!(growth.watch(here).next(0).await, None);
        assert_eq!(growth.villages(), []);
    }
}
