//! Whether a target may be copied into: it is empty, or what is there is a beginning of the source.

use sqlx::AssertSqlSafe;

use crate::log::tree::Frontier;
use crate::store::copy::CopyError;
use crate::store::copy::check::districts_of;
use crate::store::copy::entries::VILLAGES;
use crate::store::db::Db;
use crate::store::district::{DistrictHead, LogOf};
use crate::store::error::StoreError;
use crate::store::record::{Head, PAGE};
use crate::store::schema::TABLES;
use crate::store::sql::{placeholders, val};
use crate::store::tx::Tx;

/// How a copy begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begun {
    /// The target is marked and takes rows.
    Goes,
    /// The target has the whole record, and was not made by an unfinished copy: nothing is to be done.
    There,
}

/// Marks an empty target, or looks whether one that isn't empty fits.
pub(super) async fn begin(source: &mut Tx<'_>, to: &Db) -> Result<Begun, CopyError> {
    let unfinished = to.unfinished_copy().await?;
    if !unfinished && to.read("copy_empty", |tx| Box::pin(tx.holds_nothing())).await? {
        let mark = "INSERT INTO copying (copy, projecting) VALUES ($1, $2)";
        let values = || vec![val(1_u64), val(false)];
        to.write("begin_copy", |tx| Box::pin(async { tx.execute(mark, values()).await.map(|_| ()) }))
            .await
            .map_err(CopyError::Store)?;
        return Ok(Begun::Goes);
    }
    let same = villages_fit(source, to).await? & districts_fit(source, to).await?;
    match (unfinished, same) {
        (true, _) => Ok(Begun::Goes),
        (false, true) => Ok(Begun::There),
        (false, false) => Err(CopyError::NotEmpty),
    }
}

/// Refuses where the target has a village that the source doesn't, or another history of one. True if they have the same.
async fn villages_fit(source: &mut Tx<'_>, to: &Db) -> Result<bool, CopyError> {
    let (mut after, mut met, mut same) = (None, 0_u64, true);
    loop {
        let theirs = to.read("copy_heads", |tx| Box::pin(tx.heads(after, VILLAGES))).await?;
        let Some(last) = theirs.last() else { break };
        after = Some(last.village);
        met += theirs.len() as u64;
        let mut mine = source.heads_of(&theirs).await?.into_iter().peekable();
        for there in theirs {
            let here = mine.next_if(|head| head.village == there.village && head.origin == there.origin);
            let here = here.ok_or_else(|| CopyError::Other { log: there.origin.clone() })?;
            same &= here == there;
            begins_with(source, &here, &there).await?;
        }
    }
    Ok(same && met == source.village_count().await?)
}

/// Refuses where `there` is no beginning of `here`: each entry names the one before, so one leaf tells of all before it.
async fn begins_with(source: &mut Tx<'_>, here: &Head, there: &Head) -> Result<(), CopyError> {
    if there.size > here.size {
        return Err(CopyError::Longer { log: there.origin.clone(), here: here.size, there: there.size });
    }
    let leaf = match there.size.checked_sub(1) {
        None => return Ok(()),
        Some(_) if there.size == here.size => Some(here.last_leaf),
        Some(seq) => source.entry(here.village, seq).await?.map(|entry| entry.leaf),
    };
    if leaf == Some(there.last_leaf) { Ok(()) } else { Err(CopyError::Other { log: there.origin.clone() }) }
}

/// The same for districts.
async fn districts_fit(source: &mut Tx<'_>, to: &Db) -> Result<bool, CopyError> {
    let mine = source.districts().await?;
    let theirs = to.read("copy_districts", |tx| Box::pin(tx.districts())).await?;
    for there in &theirs {
        let other = || CopyError::Other { log: there.origin.clone() };
        let here = mine.iter().find(|head| head.district == there.district && head.origin == there.origin);
        let here = here.ok_or_else(other)?;
        if there.size > here.size {
            return Err(CopyError::Longer { log: there.origin.clone(), here: here.size, there: there.size });
        }
        if tree_of(source, here, there.size).await?.to_bytes() != there.frontier {
            return Err(other());
        }
    }
    Ok(districts_of(mine) == districts_of(theirs))
}

/// The right edge of a district's tree when it had `size` leaves.
async fn tree_of(source: &mut Tx<'_>, head: &DistrictHead, size: u64) -> Result<Frontier, StoreError> {
    if size == head.size {
        let tree = Frontier::from_bytes(size, &head.frontier);
        return tree.ok_or_else(|| StoreError::Damaged("a head's tree edge doesn't fit its size".to_owned()));
    }
    let mut tree = Frontier::default();
    while tree.size() < size {
        let limit = PAGE.min(size - tree.size());
        let leaves = source.log_leaves(LogOf::District(head.district), tree.size(), limit).await?;
        if leaves.is_empty() {
            return Err(StoreError::Damaged(format!("leaf {} of district {} is missing", tree.size(), head.district)));
        }
        for leaf in leaves {
            tree.append(leaf);
        }
    }
    Ok(tree)
}

impl Tx<'_> {
    /// Whether no table whose rows last has any.
    async fn holds_nothing(&mut self) -> Result<bool, StoreError> {
        for table in TABLES.iter().filter(|table| table.lasts()) {
            // Safe: a constant of this crate.
            let sql = AssertSqlSafe(format!("SELECT 1 AS one FROM {} LIMIT 1", table.name));
            if self.row(sql, vec![]).await?.is_some() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Heads of the villages of others, in order of code.
    async fn heads_of(&mut self, others: &[Head]) -> Result<Vec<Head>, StoreError> {
        // Safe: placeholders.
        let sql = AssertSqlSafe(format!(
            "SELECT village, origin, size, frontier, last_time, last_leaf FROM villages WHERE village IN {} \
             ORDER BY village",
            placeholders(1, others.len())
        ));
        let values = others.iter().map(|other| val(other.village)).collect();
        self.rows(sql, values).await?.iter().map(crate::store::record::head).collect()
    }

    async fn village_count(&mut self) -> Result<u64, StoreError> {
        let row = self.row("SELECT COUNT(*) AS villages FROM villages", vec![]).await?;
        row.map_or(Ok(0), |row| row.one("villages"))
    }
}
