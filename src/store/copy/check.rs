//! Whether what is in the target is whole: every log computed anew from the bytes of its entries, and held against the heads
//! and newest checkpoints of target and source.

use std::collections::BTreeMap;

use crate::core::ids::{Digest, VillageCode};
use crate::log::checkpoint::Checkpoint;
use crate::log::note::Note;
use crate::log::tree::{Frontier, leaf_hash};
use crate::store::copy::entries::VILLAGES;
use crate::store::copy::{CHECK, CopyError, PAGE, Progress, Whole};
use crate::store::db::Db;
use crate::store::district::{DistrictHead, DistrictLeaf};
use crate::store::error::StoreError;
use crate::store::record::{Head, head};
use crate::store::sql::{text, val};
use crate::store::tx::Tx;

/// Where a village's record ends, what of it is published, and its newest checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
struct End {
    head: Head,
    published: Option<u64>,
    note: Option<Vec<u8>>,
}

/// Computes every log of the target anew.
pub(super) async fn logs(
    source: &mut Tx<'_>,
    to: &Db,
    told: &mut (dyn FnMut(Progress) + Send),
) -> Result<Whole, CopyError> {
    let mut whole = Whole::default();
    let mut after = None;
    loop {
        let mine = source.ends(after, VILLAGES).await?;
        let theirs = to.read("check_ends", |tx| Box::pin(tx.ends(after, VILLAGES))).await?;
        if mine != theirs {
            return Err(CopyError::MovedOn);
        }
        let Some(last) = theirs.last() else { break };
        records(to, after, last.head.village, &theirs).await?;
        after = Some(last.head.village);
        whole.villages += theirs.len() as u64;
        whole.entries += theirs.iter().map(|end| end.head.size).sum::<u64>();
        told(Progress { step: CHECK, rows: whole.entries, of: None, villages: None, done: false });
    }
    let theirs = to.read("check_districts", |tx| Box::pin(tx.districts())).await?;
    if districts_of(source.districts().await?) != districts_of(theirs.clone()) {
        return Err(CopyError::MovedOn);
    }
    for district in theirs {
        directory(source, to, &district).await?;
        whole.districts += 1;
        whole.leaves += district.size;
    }
    told(Progress { step: CHECK, rows: whole.entries, of: None, villages: None, done: true });
    Ok(whole)
}

/// Heads of districts without what is said of the database that they are in.
pub(super) fn districts_of(heads: Vec<DistrictHead>) -> Vec<DistrictHead> {
    heads.into_iter().map(|head| DistrictHead { restored: false, ..head }).collect()
}

/// A log as its leaves make it.
#[derive(Default)]
struct Log {
    tree: Frontier,
    /// The size that the newest checkpoint speaks of, and the root at that size once it is reached.
    noted: Option<(Checkpoint, Option<Digest>)>,
    last: Option<Digest>,
}

impl Log {
    /// A log that its checkpoint, if it has one, will be held against.
    fn under(origin: &str, note: Option<&[u8]>) -> Result<Self, String> {
        let Some(note) = note else { return Ok(Self::default()) };
        let note = Note::parse(note).map_err(|error| format!("its newest checkpoint: {error}"))?;
        let checkpoint = Checkpoint::parse(&note.text).map_err(|error| format!("its newest checkpoint: {error}"))?;
        if checkpoint.origin != origin {
            return Err(format!("its newest checkpoint is of {}", checkpoint.origin));
        }
        let reached = (checkpoint.size == 0).then(|| Frontier::default().root());
        Ok(Self { noted: Some((checkpoint, reached)), ..Self::default() })
    }

    fn take(&mut self, seq: u64, kept: Digest, bytes: &[u8]) -> Result<(), String> {
        let leaf = leaf_hash(bytes);
        if seq != self.tree.size() {
            return Err(format!("entry {} is missing", self.tree.size()));
        }
        if leaf != kept {
            return Err(format!("entry {seq} does not have the hash that is kept of it"));
        }
        self.tree.append(leaf);
        self.last = Some(leaf);
        if let Some((checkpoint, reached)) = &mut self.noted
            && checkpoint.size == self.tree.size()
        {
            *reached = Some(self.tree.root());
        }
        Ok(())
    }

    fn ends_as(&self, size: u64, frontier: &[u8]) -> Result<(), String> {
        if (self.tree.size(), self.tree.to_bytes().as_slice()) != (size, frontier) {
            return Err(format!("{} entries lead to another root than the head's of {size}", self.tree.size()));
        }
        match &self.noted {
            Some((checkpoint, reached)) if *reached != Some(checkpoint.root) => {
                Err(format!("its newest checkpoint, of {} entries, has another root", checkpoint.size))
            }
            _ => Ok(()),
        }
    }
}

/// Computes the records of the villages after `after` up to `upto` anew.
async fn records(to: &Db, after: Option<VillageCode>, upto: VillageCode, ends: &[End]) -> Result<(), CopyError> {
    let faulty = |village: VillageCode, reason: String| CopyError::NotWhole {
        log: ends
            .iter()
            .find(|end| end.head.village == village)
            .map_or_else(String::new, |end| end.head.origin.clone()),
        reason,
    };
    let mut logs = BTreeMap::new();
    for End { head, note, .. } in ends {
        let log = Log::under(&head.origin, note.as_deref()).map_err(|reason| faulty(head.village, reason))?;
        logs.insert(head.village, log);
    }
    let mut at = (after.map_or_else(|| text(""), val), val(i64::MAX));
    loop {
        let from = at.clone();
        let page = to.read("check_entries", |tx| Box::pin(tx.entry_page(from, upto))).await?;
        for (village, seq, leaf, bytes) in &page {
            let log = logs.get_mut(village).ok_or_else(|| faulty(*village, "it has no head".to_owned()))?;
            log.take(*seq, *leaf, bytes).map_err(|reason| faulty(*village, reason))?;
        }
        match page.last() {
            Some((village, seq, ..)) if page.len() == PAGE => at = (val(*village), val(*seq)),
            _ => break,
        }
    }
    for End { head, .. } in ends {
        let log = &logs[&head.village];
        log.ends_as(head.size, &head.frontier).map_err(|reason| faulty(head.village, reason))?;
        if log.last.is_some_and(|last| last != head.last_leaf) {
            return Err(faulty(head.village, "its last entry is not the head's".to_owned()));
        }
    }
    Ok(())
}

/// Computes the log of a district anew.
async fn directory(source: &mut Tx<'_>, to: &Db, head: &DistrictHead) -> Result<(), CopyError> {
    let faulty = |reason: String| CopyError::NotWhole { log: head.origin.clone(), reason };
    let district = head.district;
    let newest = to.read("check_newest", |tx| Box::pin(tx.newest_district_checkpoint(district))).await?;
    if newest != source.newest_district_checkpoint(district).await? {
        return Err(CopyError::MovedOn);
    }
    let mut log = Log::under(&head.origin, newest.as_ref().map(|one| one.note.as_slice())).map_err(faulty)?;
    loop {
        let from = log.tree.size();
        let page: Vec<DistrictLeaf> = to.read("check_leaves", |tx| Box::pin(tx.leaf_page(head, from))).await?;
        for leaf in &page {
            log.take(leaf.seq, leaf.leaf, &leaf.bytes).map_err(faulty)?;
        }
        if page.len() < PAGE {
            break;
        }
    }
    log.ends_as(head.size, &head.frontier).map_err(faulty)
}

/// Village, index, leaf hash and bytes of an entry.
type Line = (VillageCode, u64, Digest, Vec<u8>);

impl Tx<'_> {
    async fn ends(&mut self, after: Option<VillageCode>, limit: u64) -> Result<Vec<End>, StoreError> {
        let sql = "SELECT v.village AS village, v.origin AS origin, v.size AS size, v.frontier AS frontier, \
                   v.last_time AS last_time, v.last_leaf AS last_leaf, v.published AS published, \
                   (SELECT c.note FROM checkpoints c WHERE c.village = v.village ORDER BY c.size DESC LIMIT 1) AS note \
                   FROM villages v WHERE v.village > $1 ORDER BY v.village LIMIT $2";
        let after = after.map_or_else(|| text(""), val);
        let rows = self.rows(sql, vec![after, val(limit)]).await?;
        rows.iter()
            .map(|row| Ok(End { head: head(row)?, published: row.maybe("published")?, note: row.maybe("note")? }))
            .collect()
    }

    async fn entry_page(
        &mut self,
        (village, seq): (crate::store::sql::Value, crate::store::sql::Value),
        upto: VillageCode,
    ) -> Result<Vec<Line>, StoreError> {
        let sql = "SELECT village, seq, leaf, bytes FROM entries WHERE (village, seq) > ($1, $2) AND village <= $3 \
                   ORDER BY village, seq LIMIT $4";
        let rows = self.rows(sql, vec![village, seq, val(upto), val(PAGE as u64)]).await?;
        rows.iter().map(|row| Ok((row.one("village")?, row.one("seq")?, row.one("leaf")?, row.one("bytes")?))).collect()
    }

    async fn leaf_page(&mut self, head: &DistrictHead, from: u64) -> Result<Vec<DistrictLeaf>, StoreError> {
        let clause = "WHERE district = $1 AND seq >= $2 ORDER BY seq LIMIT $3";
        self.all(clause, vec![val(head.district), val(from), val(PAGE as u64)]).await
    }
}
