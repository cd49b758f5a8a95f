//! What becomes of private drafts: kept while they are written, gone once what they became is signed, so that nobody
//! signs the same thing twice.

use std::collections::BTreeMap;

use ulid::Ulid;

use crate::app::App;
use crate::app::error::AppError;
use crate::app::forms::spec::elsewhere;
use crate::core::ids::{Digest, PersonId, VillageCode};
use crate::core::statement::Statement;
use crate::store::drafts::Draft;
use crate::store::error::StoreError;

/// Most drafts of one person in one village that are listed or looked through.
pub const MOST_DRAFTS: u64 = 50;
/// Field of a draft's body, beside those of the form: the id of the statement that it was last shown as, to be signed.
const SHOWN_AS: &str = "shown-as";

/// What was typed, by field; `shown_as`: the statement that it was shown as.
#[must_use]
pub fn body(fields: &BTreeMap<String, Vec<String>>, shown_as: Option<Digest>) -> String {
    let typed = fields.iter().filter(|(name, _)| !matches!(name.as_str(), "csrf" | "go" | SHOWN_AS));
    let mut kept: BTreeMap<&str, Vec<String>> = typed.map(|(name, values)| (name.as_str(), values.clone())).collect();
    kept.extend(shown_as.map(|id| (SHOWN_AS, vec![id.to_string()])));
    serde_json::json!(kept).to_string()
}

/// The fields of a draft; none if they can't be read.
#[must_use]
pub fn typed(draft: &Draft) -> BTreeMap<String, Vec<String>> {
    serde_json::from_str(&draft.body).unwrap_or_default()
}

/// The kind of statement that a draft is to become.
#[must_use]
pub fn kind(draft: &Draft) -> &str {
    draft.kind.split('?').next().unwrap_or_default()
}

/// What the address of a draft's form says of `name`, such as `matter`.
#[must_use]
pub fn named<'a>(draft: &'a Draft, name: &str) -> Option<&'a str> {
    let (_, query) = draft.kind.split_once('?')?;
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

/// Whether a draft has become this statement: it was shown as exactly this one, or is for the same act on the same matter
/// or session. A draft that names neither, such as one of a new proposal, is known by what it was shown as alone.
#[must_use]
pub fn became(draft: &Draft, statement: &Statement, id: Digest) -> bool {
    if kind(draft) != statement.kind().code() {
        return false;
    }
    if typed(draft).get(SHOWN_AS).is_some_and(|shown| shown.contains(&id.to_string())) {
        return true;
    }
    let subject = [
        ("matter", statement.matter.map(|id| id.to_string())),
        ("session", statement.session.map(|id| id.to_string())),
        ("question", statement.question.as_ref().map(ToString::to_string)),
    ];
    let about = ["matter", "session"].iter().any(|name| named(draft, name).is_some());
    about && subject.iter().all(|(name, is)| named(draft, name).is_none_or(|wanted| Some(wanted) == is.as_deref()))
}

impl App {
    /// Notes on a person's own draft, if it is still there, what it is now shown as.
    ///
    /// # Errors
    /// The store's.
    pub async fn show_draft_as(
        &self,
        draft: Ulid,
        person: PersonId,
        fields: &BTreeMap<String, Vec<String>>,
        id: Digest,
    ) -> Result<(), AppError> {
        let (body, updated) = (body(fields, Some(id)), self.now());
        let write = self.db().write("show_draft_as", |tx| {
            let body = body.clone();
            Box::pin(async move {
                if let Some(kept) = tx.draft(draft, person).await? {
                    tx.put_draft(&Draft { body, updated, ..kept }).await?;
                }
                Ok::<_, StoreError>(())
            })
        });
        Ok(write.await?)
    }

    /// Throws away the drafts that have become a statement, of those who have signed it.
    ///
    /// # Errors
    /// The store's.
    pub(in crate::app) async fn end_drafts(
        &self,
        statement: &Statement,
        id: Digest,
        signed: &[PersonId],
    ) -> Result<(), AppError> {
        // Ballots and what else has no form were never drafts.
        if elsewhere(statement.kind()).is_some() {
            return Ok(());
        }
        for person in signed.iter().copied() {
            let village = statement.village;
            let drafts = self.db().read("drafts", |tx| Box::pin(tx.drafts(village, person, MOST_DRAFTS))).await?;
            for draft in drafts.iter().filter(|draft| became(draft, statement, id)) {
                self.drop_draft(village, draft.draft, person).await?;
            }
        }
        Ok(())
    }

    /// Throws a person's own draft away; `false` where the person has none of this id in this village.
    ///
    /// # Errors
    /// The store's.
    pub async fn drop_draft(&self, village: VillageCode, draft: Ulid, person: PersonId) -> Result<bool, AppError> {
        let write = self.db().write("drop_draft", |tx| Box::pin(tx.drop_draft(village, draft, person)));
        Ok(write.await?)
    }
}
