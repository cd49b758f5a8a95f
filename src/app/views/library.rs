//! Documents that a page names: which of them can be shown to this reader, and the words of those that it speaks out.

use std::collections::{BTreeSet, HashMap};

use crate::app::App;
use crate::app::documents::MAX_TEXT_BYTES;
use crate::app::error::AppError;
use crate::core::act::village::WithdrawReason;
use crate::core::act::{Act, Kind};
use crate::core::clock::Time;
use crate::core::ids::{Digest, VillageCode};
use crate::core::model::{Level, Media};
use crate::store::documents::Document;
use crate::store::error::StoreError;

/// That a document is no longer shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// Since when.
    pub at: Time,
    /// Why, where the record says so.
    pub reason: Option<WithdrawReason>,
    /// The redacted copy in its place.
    pub replacement: Option<Digest>,
}

/// What can be shown of a document.
#[derive(Debug, Clone)]
pub struct Known {
    /// Its row.
    pub document: Document,
    /// Its words, where it was asked for them, is a text and may be read.
    pub text: Option<String>,
    /// That it was withdrawn.
    pub withdrawal: Option<Withdrawal>,
}

impl Known {
    /// Who may read it; the fewest where the row doesn't say.
    #[must_use]
    pub fn level(&self) -> Level {
        self.document.level.parse().unwrap_or(Level::Discipline)
    }

    /// What it is.
    #[must_use]
    pub fn media(&self) -> Option<Media> {
        self.document.media.parse().ok()
    }
}

/// Documents of one village by commitment.
#[derive(Debug, Clone, Default)]
pub struct Library(HashMap<Digest, Known>);

impl Library {
    /// What is known of a document.
    #[must_use]
    pub fn known(&self, name: Digest) -> Option<&Known> {
        self.0.get(&name)
    }

    /// Documents closed to the village whose words were fetched.
    pub fn closed_words(&self) -> impl Iterator<Item = Digest> {
        let closed = self.0.iter().filter(|(_, known)| known.text.is_some() && known.level().is_closed());
        closed.map(|(name, _)| *name)
    }

    /// The words of a document.
    #[must_use]
    pub fn text(&self, name: Digest) -> Option<&str> {
        self.0.get(&name)?.text.as_deref()
    }
}

/// Which documents a page needs.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Those it lists.
    pub listed: BTreeSet<Digest>,
    /// Those whose words it shows.
    pub spoken: BTreeSet<Digest>,
}

impl App {
    /// Fetches what a page needs of a village's documents; texts only of levels for which `may_read` holds.
    ///
    /// # Errors
    /// The store's.
    pub async fn library(
        &self,
        village: VillageCode,
        wanted: &Wanted,
        may_read: impl Fn(Level) -> bool,
    ) -> Result<Library, AppError> {
        let all: BTreeSet<Digest> = wanted.listed.union(&wanted.spoken).copied().collect();
        let rows = self
            .db()
            .read("library", |tx| {
                Box::pin(async move {
                    let mut rows = Vec::new();
                    for name in all {
                        rows.extend(tx.document(village, name).await?);
                    }
                    Ok::<_, StoreError>(rows)
                })
            })
            .await?;
        let withdrawals = self.withdrawals(village, &rows).await?;
        let mut known = HashMap::with_capacity(rows.len());
        for document in rows {
            let name = document.commitment;
            let withdrawal = document.withdrawn.map(|at| Withdrawal {
                at,
                reason: withdrawals.get(&name).map(|(reason, _)| *reason),
                replacement: withdrawals.get(&name).and_then(|(_, replacement)| *replacement),
            });
            let mut known_one = Known { document, text: None, withdrawal };
            if wanted.spoken.contains(&name) && may_read(known_one.level()) {
                known_one.text = self.text_of(&known_one).await?;
            }
            known.insert(name, known_one);
        }
        Ok(Library(known))
    }

    async fn text_of(&self, known: &Known) -> Result<Option<String>, AppError> {
        let document = &known.document;
        let short = document.size <= MAX_TEXT_BYTES as u64;
        if known.withdrawal.is_some() || known.media() != Some(Media::Text) || !short {
            return Ok(None);
        }
        let content = self.db().document_content(self.objects(), self.vault(), document, MAX_TEXT_BYTES).await?;
        Ok(content.map(|content| String::from_utf8_lossy(&content.bytes).into_owned()))
    }

    /// Why documents were withdrawn: looked up only when one of them was.
    async fn withdrawals(
        &self,
        village: VillageCode,
        rows: &[Document],
    ) -> Result<HashMap<Digest, (WithdrawReason, Option<Digest>)>, AppError> {
        if rows.iter().all(|document| document.withdrawn.is_none()) {
            return Ok(HashMap::new());
        }
        let told = self.told_of_kind(village, Kind::DocumentWithdrawn).await?;
        let why = told.into_iter().filter_map(|told| match told.statement.act {
            Act::DocumentWithdrawn(act) => {
                Some((act.document, (act.reason, act.replacement.map(|replacement| replacement.sha256))))
            }
            _ => None,
        });
        Ok(why.collect())
    }
}
