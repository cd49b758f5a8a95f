//! What stands on an official's desk: warnings of all villages where their key serves.

use crate::app::App;
use crate::app::error::AppError;
use crate::app::login::holder;
use crate::app::reading::Reader;
use crate::core::ids::{Digest, MatterId, PublicKey, VillageCode};
use crate::core::privacy;
use crate::core::warnings::Rule;
use crate::store::alike::AgainRow;
use crate::store::board::MatterRow;
use crate::store::error::StoreError;
use crate::store::warnings::{After, WarningNote, WarningRow};

/// Longest note about a warning, in characters.
pub const LONGEST_NOTE: usize = 500;

/// A page of warnings.
#[derive(Debug, Clone)]
pub struct Warnings {
    /// How many stand, by rule; of rules under which none does, none.
    pub counted: Vec<(Rule, u64)>,
    /// The gravest and oldest first.
    pub rows: Vec<WarningRow>,
    /// Where the next page begins.
    pub next: Option<After>,
}

impl App {
    /// The warnings that the holder of a key sees now, by one rule or by any, at most `limit` after `after`.
    ///
    /// # Errors
    /// The store's.
    pub async fn warnings(
        &self,
        key: PublicKey,
        rule: Option<Rule>,
        after: Option<After>,
        limit: usize,
    ) -> Result<Warnings, AppError> {
        let now = self.now();
        let read = self.db().read("warnings", |tx| {
            let after = after.clone();
            Box::pin(async move {
                let most = limit as u64 + 1;
                let rows = tx.warnings_for(key, now, rule.map(Rule::code), after.as_ref(), most).await?;
                Ok::<_, StoreError>((tx.warnings_counted(key, now).await?, rows))
            })
        });
        let (counted, mut rows) = read.await?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|row| After {
            rank: row.rank,
            from: row.stands_from,
            village: row.village,
            warning: row.warning.clone(),
        });
        // A rule that a later program knew is none of this one's.
        let counted = counted.into_iter().filter_map(|(rule, many)| Some((rule.parse().ok()?, many))).collect();
        Ok(Warnings { counted, rows, next })
    }

    /// Keeps what an official found or did about a warning that stands for them.
    ///
    /// # Errors
    /// `NotFound` where none of that name does; `Invalid` words: none, too long, with a private number; the store's.
    pub async fn note_warning(&self, key: PublicKey, note: WarningNote) -> Result<(), AppError> {
        let invalid = |reason| AppError::Invalid { field: "words", reason };
        if note.words.is_empty() {
            return Err(invalid("empty"));
        }
        if note.words.chars().count() > LONGEST_NOTE {
            return Err(invalid("too-long"));
        }
        if !privacy::find_private(&note.words).is_empty() {
            return Err(invalid("private-number"));
        }
        let write = self.db().write("note_warning", |tx| {
            let note = note.clone();
            Box::pin(async move {
                let stands = tx.seen_warning(key, note.noted, note.village, &note.warning).await?.is_some();
                if stands {
                    tx.add_warning_note(&note).await?;
                }
                Ok::<_, StoreError>(stands)
            })
        });
        if write.await? { Ok(()) } else { Err(AppError::NotFound { what: "warning" }) }
    }

    /// A warning, if it stands now for the holder of a key.
    ///
    /// # Errors
    /// The store's.
    pub async fn warning(
        &self,
        key: PublicKey,
        village: VillageCode,
        warning: &str,
    ) -> Result<Option<WarningRow>, AppError> {
        let now = self.now();
        let read = self.db().read("seen_warning", |tx| {
            let warning = warning.to_owned();
            Box::pin(async move { tx.seen_warning(key, now, village, &warning).await })
        });
        Ok(read.await?)
    }

    /// The last note of a warning.
    ///
    /// # Errors
    /// The store's.
    pub async fn warning_note(&self, village: VillageCode, warning: &str) -> Result<Option<WarningNote>, AppError> {
        let read = self.db().read("warning_note", |tx| {
            let warning = warning.to_owned();
            Box::pin(async move { tx.warning_note(village, &warning).await })
        });
        Ok(read.await?)
    }

    /// What a matter's picture is like in another matter.
    ///
    /// # Errors
    /// The store's.
    pub async fn picture_again(&self, village: VillageCode, matter: MatterId) -> Result<Option<AgainRow>, AppError> {
        Ok(self.db().read("picture_again", |tx| Box::pin(tx.picture_again(village, matter))).await?)
    }

    /// Whether the holder of a key may see a picture of a village, and it is still there.
    ///
    /// # Errors
    /// The store's.
    pub async fn may_see(&self, village: VillageCode, name: Digest, key: PublicKey) -> Result<bool, AppError> {
        let document = self.db().read("document", |tx| Box::pin(tx.document(village, name))).await?;
        let Some(document) = document.filter(|document| document.withdrawn.is_none() && !document.erased) else {
            return Ok(false);
        };
        let live = self.lives().live(village).await?;
        let holder = holder(live.state(), &key);
        let reader = holder.map(|person| Reader::of(live.state(), person, self.now().date())).unwrap_or_default();
        self.may_open(&document, &reader).await
    }

    /// A matter as lists show it.
    ///
    /// # Errors
    /// The store's.
    pub async fn matter_row(&self, village: VillageCode, matter: MatterId) -> Result<Option<MatterRow>, AppError> {
        Ok(self.db().read("matter", |tx| Box::pin(tx.matter(village, matter))).await?)
    }
}
