//! What a form asks for in people's terms, put as the statement has it, and checks of fields that belong together.

use serde_json::{Map, Value, json};

use crate::app::App;
use crate::app::error::AppError;
use crate::app::forms::{About, FieldError, Values, compute};
use crate::core::act::Kind;
use crate::core::act::inquiry::{Addressee, Asked};
use crate::core::ids::VillageCode;
use crate::core::state::State;

type Fields = Map<String, Value>;

impl App {
    /// Brings the fields of some kinds into the statement's form.
    pub(in crate::app) async fn settle(
        &self,
        state: &State,
        about: &mut About,
        fields: &mut Fields,
        values: &Values,
    ) -> Result<Result<(), FieldError>, AppError> {
        match about.kind {
            Kind::ProgressRecorded => report_under(fields),
            Kind::ContractRecorded => report(fields),
            Kind::InquiryEntered => asks(fields),
            Kind::RatingEntered => scores(fields),
            Kind::KinDeclared => return Ok(relatives(fields)),
            Kind::DelegationRecorded => delegate(fields),
            Kind::DocumentWithdrawn => return Ok(replace(fields)),
            Kind::EnlargedMeetingRecorded => return Ok(heard(fields)),
            Kind::ClericalCorrected => return self.put_right(state, about, fields, values).await,
            _ => {}
        }
        Ok(Ok(()))
    }

    /// The entry with the slip is found from the document; a text that is the same puts nothing right.
    async fn put_right(
        &self,
        state: &State,
        about: &mut About,
        fields: &mut Fields,
        values: &Values,
    ) -> Result<Result<(), FieldError>, AppError> {
        let old = values.one("old").unwrap_or_default();
        let slips = compute::slips(state, about);
        let Some(slip) = slips.iter().find(|slip| slip.document.to_string() == old) else {
            return Ok(Err(FieldError::new("old", "choice")));
        };
        let before = self.words(about.village, slip.document).await?;
        if before.as_deref().map(str::trim) == values.one("new") {
            return Ok(Err(FieldError::new("new", "slip-unchanged")));
        }
        about.basis = Some(slip.leaf);
        fields.insert("of".to_owned(), json!(slip.of));
        Ok(Ok(()))
    }

    /// The words of a document that is a text on hand.
    async fn words(&self, village: VillageCode, name: crate::core::ids::Digest) -> Result<Option<String>, AppError> {
        let (document, content) = self.document(village, name).await?;
        let text = content.filter(|_| document.media == crate::core::model::Media::Text.code());
        Ok(text.and_then(|content| String::from_utf8(content.bytes).ok()))
    }
}

/// A report's words are the first of its papers.
fn report(fields: &mut Fields) {
    let text = fields.remove("text");
    if let (Some(text), Some(Value::Array(papers))) = (text, fields.get_mut("papers")) {
        papers.insert(0, text);
    }
}

/// A report's contract is chosen together with the milestone that it reaches; who watched is said only where somebody did.
fn report_under(fields: &mut Fields) {
    report(fields);
    let chosen = fields.remove("contract");
    if let Some((contract, milestone)) = chosen.as_ref().and_then(Value::as_str).map(contract_of) {
        fields.insert("contract".to_owned(), json!(contract));
        fields.extend(milestone.map(|number| ("milestone".to_owned(), json!(number))));
    }
    if fields.get("witnesses").and_then(Value::as_array).is_some_and(Vec::is_empty) {
        fields.remove("witnesses");
    }
}

/// A contract's leaf hash, and after a stroke the number of a milestone.
fn contract_of(chosen: &str) -> (&str, Option<u16>) {
    let (contract, number) = chosen.split_once('/').unwrap_or((chosen, ""));
    (contract, number.parse().ok())
}

/// People choose at once what they ask and whom.
fn asks(fields: &mut Fields) {
    let chosen = fields.remove("inquiry");
    if let Some((what, to)) = chosen.as_ref().and_then(Value::as_str).and_then(inquiry_of) {
        fields.insert("what".to_owned(), json!(what));
        fields.insert("to".to_owned(), json!(to));
    }
}

/// What a choice of [`INQUIRIES`](crate::app::forms::spec::INQUIRIES) asks of whom.
#[must_use]
pub fn inquiry_of(chosen: &str) -> Option<(Asked, Addressee)> {
    match chosen.split_once('_') {
        None => Some((chosen.parse().ok()?, Addressee::Village)),
        Some((what, to)) => Some((what.parse().ok()?, to.parse().ok()?)),
    }
}

fn scores(fields: &mut Fields) {
    if let Some(score) = fields.get("score").and_then(Value::as_str).and_then(score_of) {
        fields.insert("score".to_owned(), json!(score));
    }
}

/// The number of a choice of [`SCORES`](crate::app::forms::spec::SCORES).
#[must_use]
pub fn score_of(chosen: &str) -> Option<u8> {
    chosen.strip_prefix("score_")?.parse().ok()
}

/// Two people, in the order of their ids.
fn relatives(fields: &mut Fields) -> Result<(), FieldError> {
    let mut two: Vec<Value> = ["person", "other"].iter().filter_map(|name| fields.remove(*name)).collect();
    two.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
    two.dedup();
    if two.len() < 2 {
        return Err(FieldError::new("other", "same-person"));
    }
    fields.insert("persons".to_owned(), json!(two));
    Ok(())
}

/// Each assembly delegates to its own representatives.
fn delegate(fields: &mut Fields) {
    let to = match fields.get("from").and_then(Value::as_str) {
        Some("members_assembly") => "members_representatives",
        _ => "representative_assembly",
    };
    fields.insert("to".to_owned(), json!(to));
}

/// A redacted text or a redacted file takes the place of what is withdrawn, not both.
fn replace(fields: &mut Fields) -> Result<(), FieldError> {
    let Some(Value::Array(files)) = fields.remove("papers") else { return Ok(()) };
    let text = fields.contains_key("replacement");
    match files.as_slice() {
        [] => {}
        [file] if !text => {
            fields.insert("replacement".to_owned(), file.clone());
        }
        _ => return Err(FieldError::new("papers", "one-replacement")),
    }
    Ok(())
}

/// Whoever attended without a vote was heard: their opinions are on record (R1).
fn heard(fields: &Fields) -> Result<(), FieldError> {
    let nonvoting = fields.get("nonvoting").and_then(Value::as_u64).unwrap_or_default();
    let opinions = fields.contains_key("opinions");
    if nonvoting > 0 && !opinions { Err(FieldError::new("opinions", "opinions-needed")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::{heard, relatives, replace};

    fn fields(value: Value) -> Map<String, Value> {
        let Value::Object(fields) = value else { panic!("an object") };
        fields
    }

    #[test]
    fn relatives_are_two_people_in_order() {
        let mut two = fields(json!({"person": "B", "other": "A"}));
        assert_eq!(relatives(&mut two), Ok(()));
        assert_eq!(Value::Object(two), json!({"persons": ["A", "B"]}));
        assert_eq!(relatives(&mut fields(json!({"person": "A", "other": "A"}))).unwrap_err().reason, "same-person");
    }

    #[test]
    fn one_copy_replaces_what_is_withdrawn() {
        let mut file = fields(json!({"papers": [{"size": 1}]}));
        assert_eq!(replace(&mut file), Ok(()));
        assert_eq!(Value::Object(file), json!({"replacement": {"size": 1}}));
        let mut both = fields(json!({"papers": [{"size": 1}], "replacement": {"size": 2}}));
        assert_eq!(replace(&mut both).unwrap_err().field, "papers");
    }

    #[test]
    fn attendants_without_a_vote_need_their_opinions_on_record() {
        assert_eq!(heard(&fields(json!({"nonvoting": 3}))).unwrap_err().field, "opinions");
        assert_eq!(heard(&fields(json!({"nonvoting": 3, "opinions": {}}))), Ok(()));
        assert_eq!(heard(&fields(json!({"nonvoting": 0}))), Ok(()));
    }
}
