//! The questions of a plan as its form has them, put as the ballots that the matter needs.

use serde_json::{Value, json};

use crate::app::App;
use crate::app::error::AppError;
use crate::app::forms::build::yuan;
use crate::app::forms::{About, Values, compute};
use crate::core::act::matter::{Question, RequiredBallot};
use crate::core::ids::Digest;
use crate::core::model::{Body, Category, OptionCode};
use crate::core::state::State;

/// Most options that a question has of its own.
const MOST_OPTIONS: usize = 20;
/// Most questions in one plan.
pub const MAX_QUESTIONS: usize = 30;

impl App {
    /// The required ballots: the questions that one body decides make one ballot, under the profile in force.
    pub(in crate::app) async fn ballots(
        &self,
        state: &State,
        about: &About,
        values: &Values,
    ) -> Result<Result<Value, &'static str>, AppError> {
        let Some((category, proposed)) = compute::category(state, about, values) else {
            return Ok(Err("no-proposal"));
        };
        let fen = values.one("amount_fen").and_then(yuan).unwrap_or(proposed);
        let mut ballots: Vec<RequiredBallot> = Vec::new();
        for nth in 0..MAX_QUESTIONS {
            let part = |part| values.one(&format!("questions.{nth}.{part}"));
            let Some(title) = part("title") else { continue };
            let (body, group, profile) = match self.decides(state, (category, fen), part("body"), part("group")) {
                Ok(found) => found,
                Err(reason) => return Ok(Err(reason)),
            };
            let code = format!("q{}", 1 + ballots.iter().map(|ballot| ballot.questions.len()).sum::<usize>());
            let own = part("options").unwrap_or_default();
            let question = match self.question(about, &code, title, own, part("required").is_some()).await? {
                Ok(question) => question,
                Err(reason) => return Ok(Err(reason)),
            };
            match ballots.iter_mut().find(|ballot| ballot.body == body && ballot.group == group) {
                Some(ballot) => ballot.questions.push(question),
                None => ballots.push(RequiredBallot { body, profile, group, questions: vec![question] }),
            }
        }
        Ok(if ballots.is_empty() { Err("empty") } else { Ok(json!(ballots)) })
    }

    /// Who decides a question, and the profile in force for that.
    fn decides(
        &self,
        state: &State,
        (category, fen): (Category, u64),
        body: Option<&str>,
        group: Option<&str>,
    ) -> Result<(Body, Option<u16>, Digest), &'static str> {
        let body = body.and_then(|code| code.parse::<Body>().ok()).ok_or("no-profile")?;
        let applicable = state.law.applicable(body, category, fen, self.now().date());
        let (profile, _) = applicable.ok_or("no-profile")?;
        let group = group.and_then(|group| group.parse::<u16>().ok()).filter(|_| body == Body::GroupMeeting);
        if group.is_none() && body == Body::GroupMeeting { Err("group") } else { Ok((body, group, profile)) }
    }

    async fn question(
        &self,
        about: &About,
        code: &str,
        title: &str,
        own: &str,
        required: bool,
    ) -> Result<Result<Question, &'static str>, AppError> {
        let title = match self.text_field(about, title).await? {
            Ok(doc) => doc,
            Err(reason) => return Ok(Err(reason)),
        };
        let (Some((options, words)), Ok(code)) = (options(own), code.parse()) else { return Ok(Err("options")) };
        let labels = self.text_list(about, words.into_iter()).await?;
        Ok(labels.map(|labels| Question { code, title, options, labels, required }))
    }
}

/// Options of a question: its own, written one a line in words, get codes in order, with an abstention last; without any, the
/// three common ones. `None` for one option alone, or more than twenty.
fn options(own: &str) -> Option<(Vec<OptionCode>, Vec<&str>)> {
    let words: Vec<&str> = own.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let mut codes: Vec<String> = (1..=words.len()).map(|number| format!("o{number}")).collect();
    match words.len() {
        0 => codes = vec![OptionCode::FOR.to_owned(), OptionCode::AGAINST.to_owned()],
        2..=MOST_OPTIONS => {}
        _ => return None,
    }
    codes.push(OptionCode::ABSTAIN.to_owned());
    let codes = codes.into_iter().map(|code| code.parse().ok()).collect::<Option<Vec<_>>>()?;
    Some((codes, words))
}

#[cfg(test)]
mod tests {
    use super::options;

    #[test]
    fn a_question_always_offers_to_abstain() {
        let codes =
            |text| options(text).map(|(all, _)| all.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
        assert_eq!(codes("").as_deref(), Some("for against abstain"));
        assert_eq!(codes("先修东段\n\n先修西段").as_deref(), Some("o1 o2 abstain"));
        assert_eq!(options("先修东段\n先修西段").map(|(_, words)| words), Some(vec!["先修东段", "先修西段"]));
        assert_eq!(codes("只有一个"), None);
        assert_eq!(codes(&"甲\n".repeat(21)), None);
    }
}
