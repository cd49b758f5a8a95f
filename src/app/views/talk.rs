//! What is said in a village's hall (议事厅): by matter, or of the village in general.

use crate::app::App;
use crate::app::error::AppError;
use crate::app::views::told::Told;
use crate::core::act::Kind;
use crate::core::ids::{MatterId, VillageCode};
use crate::store::error::StoreError;
use crate::store::record::PAGE;
use crate::store::talk::TalkRow;

/// What is said of one thing.
#[derive(Debug, Clone)]
pub struct Talk {
    /// What was said, the newest last.
    pub posts: Vec<Told>,
    /// Whether more was said before the first of them.
    pub more: bool,
    /// What else is talked about, the newest first.
    pub others: Vec<TalkRow>,
    /// Whether there is more of it.
    pub more_others: bool,
}

impl App {
    /// The last `most` posts about a matter, or about the village in general, before index `before`; with the `others` talked about
    /// last.
    ///
    /// # Errors
    /// The store's.
    pub async fn talk(
        &self,
        village: VillageCode,
        matter: Option<MatterId>,
        before: Option<u64>,
        (most, others): (u64, u64),
    ) -> Result<Talk, AppError> {
        let read = self.db().read("talk", |tx| {
            Box::pin(async move {
                let projected = tx.projected(village).await?;
                let kept = tx.entries_of_talk(village, matter, before, most + 1).await?;
                // What was said just now is on record before it is in tables.
                let new = if before.is_none() { tx.entries(village, projected, PAGE).await? } else { Vec::new() };
                Ok::<_, StoreError>((kept, new, tx.talks(village, None, others + 1).await?))
            })
        });
        let (kept, new, mut rows) = read.await?;
        let mut posts = Vec::with_capacity(kept.len());
        for stored in kept.iter().rev().chain(&new) {
            posts.push(Told::read(stored)?);
        }
        posts.retain(|told| told.statement.kind() == Kind::HallPosted && told.statement.matter == matter);
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let surplus = posts.len().saturating_sub(most);
        posts.drain(..surplus);
        let limit = usize::try_from(others).unwrap_or(usize::MAX);
        let more_others = rows.len() > limit;
        rows.truncate(limit);
        Ok(Talk { posts, more: surplus > 0, others: rows, more_others })
    }

    /// How often something was said about a matter.
    ///
    /// # Errors
    /// The store's.
    pub async fn posts_about(&self, village: VillageCode, matter: MatterId) -> Result<u64, AppError> {
        let row = self.db().read("posts_about", |tx| Box::pin(tx.talk(village, Some(matter)))).await?;
        Ok(row.map_or(0, |row| row.posts))
    }
}
