//! A statement put together without its form and kept for its first signer, who signs several at one go.

use crate::app::App;
use crate::app::error::AppError;
use crate::app::forms::draft::Drafted;
use crate::app::forms::{About, Actor, Values};
use crate::http::pages::chrome::Chrome;
use crate::http::problem::Problem;

/// Keeps a statement for its signer; why not, in words, where the form or the law refuses it.
///
/// # Errors
/// The store's.
pub async fn prepare<const N: usize>(
    app: &App,
    c: &Chrome,
    about: About,
    actor: &Actor,
    fields: [(&str, String); N],
) -> Result<Option<String>, Problem> {
    let fields = fields.map(|(name, value)| (name.to_owned(), vec![value])).into();
    let (village, values) = (about.village, Values { fields, ..Values::default() });
    let payload = match app.draft(about, actor, &[], &values).await? {
        Drafted::Ready { payload, .. } => payload,
        Drafted::Fields(errors) => {
            let reason = errors.first().map_or("form", |error| error.reason);
            return Ok(Some(c.named("invalid", reason).to_string()));
        }
        Drafted::Refused(rejection) => return Ok(Some(c.named("rule", rejection.rule.code()).to_string())),
    };
    match app.hand_over(village, payload, actor.person, actor.key).await {
        Ok(_) => Ok(None),
        Err(AppError::Invalid { reason, .. }) => Ok(Some(c.named("invalid", reason).to_string())),
        Err(AppError::Rejected(rejection)) => Ok(Some(c.named("rule", rejection.rule.code()).to_string())),
        Err(error) => Err(error.into()),
    }
}
