//! What a reading writes: the copy of a village's record, and its cosigned checkpoint.

use crate::app::{snapshot, tiles};
use crate::core::ids::VillageCode;
use crate::core::state::State;
use crate::log::entry;
use crate::store::error::StoreError;
use crate::store::record::{Head, VillageAppend};
use crate::store::tx::Tx;
use crate::store::witness::Witnessed;

/// The state to be kept beside the copy, so that the next reading begins there.
pub(in crate::witness) fn kept_state(state: &State) -> Option<(u64, Vec<u8>)> {
    Some((state.size(), snapshot::encode(state)?))
}

/// Adds entries to the copy of a village's record; begins it with the first.
pub(in crate::witness) async fn put_entries(tx: &mut Tx<'_>, append: &VillageAppend) -> Result<(), StoreError> {
    if append.old_size == 0 {
        let last_leaf = entry::genesis(&append.head.origin);
        tx.found_village(&Head { size: 0, frontier: Vec::new(), last_leaf, ..append.head.clone() }).await?;
    }
    tiles::append(tx, std::slice::from_ref(append)).await
}

/// Puts a village's newly cosigned checkpoint in the place of the one before.
pub(in crate::witness) async fn put_lawful(
    tx: &mut Tx<'_>,
    village: VillageCode,
    lawful: &Witnessed,
) -> Result<(), StoreError> {
    let before = tx.witnessed(&lawful.origin).await?.map_or(0, |row| row.size);
    if !tx.put_witnessed(before, lawful).await? {
        return Err(StoreError::Conflict { village });
    }
    tx.mark_lawful(village, lawful.size).await
}
