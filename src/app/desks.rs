//! Desks that stay open: who waits for what the tables say of several villages. They are told once the tables are written, since a desk
//! shows nothing else, and not of ballots, which change none of its lines. A desk of a whole district costs one bell and a line for each
//! village; while nothing happens it costs nothing, and however much happens it is told at most once every few seconds.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::app::App;
use crate::core::ids::{PublicKey, VillageCode};
use crate::store::error::StoreError;

/// Most villages of one desk.
const MOST_VILLAGES: u64 = 2_000;

/// The villages that desks look at. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Desks(Arc<Mutex<Open>>);

#[derive(Debug, Default)]
struct Open {
    villages: HashMap<VillageCode, Seen>,
    closed: bool,
}

/// A village that desks look at.
#[derive(Debug, Default)]
struct Seen {
    /// How far its tables are, as far as was said.
    size: u64,
    bells: Vec<Arc<Notify>>,
}

/// One desk.
#[derive(Debug)]
pub struct DeskWatch {
    desks: Desks,
    villages: Vec<VillageCode>,
    bell: Arc<Notify>,
}

impl Desks {
    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A desk that looks at these villages from now on.
    #[must_use]
    pub fn watch(&self, villages: Vec<VillageCode>) -> DeskWatch {
        let bell = Arc::new(Notify::new());
        let mut open = self.open();
        for village in &villages {
            open.villages.entry(*village).or_default().bells.push(Arc::clone(&bell));
        }
        DeskWatch { desks: self.clone(), villages, bell }
    }

    /// Says that a village's tables are as far as `size` entries; nobody is disturbed by what is known.
    pub fn grown(&self, village: VillageCode, size: u64) {
        if let Some(seen) = self.open().villages.get_mut(&village).filter(|seen| seen.size < size) {
            seen.size = size;
            seen.ring();
        }
    }

    /// Notes how far a village's tables are without telling anybody.
    fn known(&self, village: VillageCode, size: u64) {
        if let Some(seen) = self.open().villages.get_mut(&village) {
            seen.size = seen.size.max(size);
        }
    }

    /// Lets those who look at a village look again: what stands beside its record has changed, such as a note.
    pub fn stir(&self, village: VillageCode) {
        if let Some(seen) = self.open().villages.get(&village) {
            seen.ring();
        }
    }

    /// Ends every watch, and each that begins later: the server stops.
    pub fn close(&self) {
        let mut open = self.open();
        open.closed = true;
        for seen in open.villages.values() {
            seen.ring();
        }
    }

    /// Villages that some desk looks at.
    #[must_use]
    pub fn villages(&self) -> Vec<VillageCode> {
        self.open().villages.keys().copied().collect()
    }
}

impl Seen {
    fn ring(&self) {
        for bell in &self.bells {
            bell.notify_one();
        }
    }
}

impl DeskWatch {
    /// Waits until one of the villages has changed since the last call ended. False once nobody is told any more.
    pub async fn next(&self) -> bool {
        if !self.desks.open().closed {
            self.bell.notified().await;
        }
        !self.desks.open().closed
    }
}

impl Drop for DeskWatch {
    fn drop(&mut self) {
        let mut open = self.desks.open();
        for village in &self.villages {
            let Some(seen) = open.villages.get_mut(village) else { continue };
            seen.bells.retain(|bell| !Arc::ptr_eq(bell, &self.bell));
            if seen.bells.is_empty() {
                open.villages.remove(village);
            }
        }
    }
}

impl App {
    /// How much the tables hold of all villages of a key together: grows with each of them.
    ///
    /// # Errors
    /// The store's.
    pub async fn desk_size(&self, key: PublicKey) -> Result<u64, StoreError> {
        self.db().read("desk_size", |tx| Box::pin(tx.projected_of(key))).await
    }

    /// A desk of all villages in which a key is enrolled.
    ///
    /// # Errors
    /// The store's.
    pub async fn watch_desk(&self, key: PublicKey) -> Result<DeskWatch, StoreError> {
        let rows = self.db().read("keys_of", |tx| Box::pin(tx.keys_of(key, MOST_VILLAGES))).await?;
        let villages: Vec<VillageCode> = rows.into_iter().map(|row| row.village).collect();
        let watch = self.desks().watch(villages.clone());
        if self.lives().are_shared() {
            // What others appended before is no news.
            for (village, size) in self.projected_sizes(&villages).await? {
                self.desks().known(village, size);
            }
        }
        Ok(watch)
    }

    async fn projected_sizes(&self, villages: &[VillageCode]) -> Result<Vec<(VillageCode, u64)>, StoreError> {
        self.db().read("projected_sizes", |tx| Box::pin(tx.projected_sizes(villages))).await
    }

    /// One look at how far other servers have brought the tables of villages that desks look at; none where there is no desk.
    ///
    /// # Errors
    /// The store's.
    pub async fn look_at_other_desks(&self) -> Result<(), StoreError> {
        let villages = self.desks().villages();
        if villages.is_empty() {
            return Ok(());
        }
        for (village, size) in self.projected_sizes(&villages).await? {
            self.desks().grown(village, size);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::Desks;
    use crate::core::ids::VillageCode;

    fn village(n: u32) -> VillageCode {
        format!("331102206{n:03}").parse().expect("a village code")
    }

    #[tokio::test]
    async fn a_desk_is_told_of_its_own_villages_once_however_many_have_grown() {
        let desks = Desks::default();
        let (one, other) = (desks.watch((201..411).map(village).collect()), desks.watch(vec![village(500)]));
        assert_eq!(one.next().now_or_never(), None, "nothing has happened");
        for n in 201..411 {
            desks.grown(village(n), 7);
        }
        assert!(one.next().await);
        assert_eq!(one.next().now_or_never(), None, "told once");
        desks.grown(village(201), 7);
        assert_eq!(one.next().now_or_never(), None, "the same size is no news");
        desks.known(village(201), 9);
        desks.grown(village(201), 9);
        assert_eq!(one.next().now_or_never(), None);
        desks.stir(village(201));
        assert_eq!(one.next().now_or_never(), Some(true));
        assert_eq!(other.next().now_or_never(), None, "another official's village");
    }

    #[tokio::test]
    async fn what_no_desk_looks_at_is_forgotten_and_a_server_that_stops_ends_all() {
        let desks = Desks::default();
        let (one, two) = (desks.watch(vec![village(201), village(202)]), desks.watch(vec![village(201)]));
        drop(one);
        assert_eq!(desks.villages(), [village(201)]);
        desks.close();
        assert!(!two.next().await && !desks.watch(vec![village(201)]).next().await);
        drop(two);
        assert_eq!(desks.villages(), []);
    }
}
