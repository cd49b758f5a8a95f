//! Paper ballots for a session's questions: the page on which the clerk asks for them, and the file. Nothing of a print run is
//! kept: neither how many were printed nor which stub went to whom.

use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use crate::app::print::ballot::{Ballot, MOST, Run, Stub, Words, ballots};
use crate::app::views::library::Wanted;
use crate::core::ids::{MatterId, SessionId, VillageCode};
use crate::core::model::QuestionCode;
use crate::core::state::session::Session;
use crate::http::i18n::{Lang, Text};
use crate::http::pages::printed::{BallotsPage, PaperQuestion};
use crate::http::print::pdf;
use crate::http::problem::{Code, Problem};
use crate::http::read::ballots::{NamesOnPapers, Sheet, want_questions};
use crate::http::read::context::View;
use crate::http::read::frame::{At, Visit, page};
use crate::http::read::rows;
use crate::http::state::AppState;

/// Stub numbers have four digits.
const LAST_NUMBER: u32 = 9_999;
/// Ballots for everyone and some to replace spoiled ones, in per cent.
const WITH_SPARE: u32 = 120;
/// How many are offered where the roster isn't fixed yet.
const WITHOUT_ROSTER: u32 = 60;

/// A session's question with the words for its ballot.
async fn view_of<'v>(
    state: &AppState,
    visit: &'v Visit,
    code: VillageCode,
    id: SessionId,
) -> Result<View<'v>, Problem> {
    let app = state.app();
    let view = View::of(app, visit, code).await?;
    let session = view.state().session(id).ok_or_else(|| Problem::new(Code::NotFound))?;
    let mut wanted = Wanted::default();
    rows::want_agenda(view.state(), [session], &mut wanted);
    for item in &session.agenda {
        want_questions(&view, session, item, &mut wanted);
    }
    view.fetch(app, &wanted).await
}

/// `GET /v/{code}/s/{session}/ballots`: how many, with which numbers, in which languages.
///
/// # Errors
/// There is no such session, or nothing in it is voted on by paper.
pub async fn ask(
    State(state): State<AppState>,
    visit: Visit,
    At((code, id)): At<(VillageCode, SessionId)>,
) -> Result<Response, Problem> {
    let view = view_of(&state, &visit, code, id).await?;
    let session = view.state().session(id).ok_or_else(|| Problem::new(Code::NotFound))?;
    let questions: Vec<PaperQuestion> = view
        .sheets(session)
        .into_iter()
        .map(|sheet| PaperQuestion {
            action: format!("/v/{code}/s/{id}/ballots/{}/{}/file", sheet.matter, sheet.question),
            names: view.names_on_papers(session, &sheet),
            title: sheet.title,
        })
        .collect();
    if questions.is_empty() {
        return Err(Problem::new(Code::NotFound).rule("print-no-paper"));
    }
    let members = session.eligible();
    let count = if members == 0 { WITHOUT_ROSTER } else { (members * WITH_SPARE).div_ceil(100).min(MOST) };
    page(&BallotsPage {
        c: visit.c.clone(),
        place: view.place.clone(),
        session: id,
        body: session.body.code().to_owned(),
        at: session.starts_at,
        questions,
        count,
        most: MOST,
    })
}

/// A print run as it is asked for.
#[derive(Debug, Deserialize)]
pub struct Asked {
    count: u32,
    #[serde(default = "one")]
    first: u32,
    #[serde(default)]
    batch: String,
    /// English below the Chinese.
    #[serde(default)]
    english: Option<String>,
    /// Two on a sheet of A4.
    #[serde(default)]
    pairs: Option<String>,
    /// A line for the voter's name, where the vote is not opened yet.
    #[serde(default)]
    named: Option<String>,
}

fn one() -> u32 {
    1
}

impl Asked {
    /// The run, if it is one: 1 to [`MOST`] ballots, numbers of four digits, a batch of one capital letter.
    fn run(&self) -> Option<(Run, char)> {
        let run = Run { first: self.first, count: self.count, in_pairs: self.pairs.is_some() };
        let last = self.first.checked_add(self.count)?.checked_sub(1)?;
        let mut batch = self.batch.chars();
        let mark = batch.next().unwrap_or('A');
        let fits = (1..=MOST).contains(&self.count) && self.first >= 1 && last <= LAST_NUMBER;
        (fits && mark.is_ascii_uppercase() && batch.next().is_none()).then_some((run, mark))
    }
}

/// `GET /v/{code}/s/{session}/ballots/{matter}/{question}/file`: the PDF.
///
/// # Errors
/// There is no such question on paper; a number out of range; the question does not fit; no font.
pub async fn file(
    State(state): State<AppState>,
    visit: Visit,
    At((code, id, matter, question)): At<(VillageCode, SessionId, MatterId, QuestionCode)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let wrong = || Problem::new(Code::Unprocessable).rule("print-run");
    let (run, mark) = asked.run().ok_or_else(wrong)?;
    let view = view_of(&state, &visit, code, id).await?;
    let missing = || Problem::new(Code::NotFound);
    let session = view.state().session(id).ok_or_else(missing)?;
    let sheets = view.sheets(session);
    let sheet = sheets.iter().find(|sheet| sheet.matter == matter && sheet.question == question).ok_or_else(missing)?;
    let named = match view.names_on_papers(session, sheet) {
        NamesOnPapers::Yes => true,
        NamesOnPapers::No => false,
        NamesOnPapers::ToBeSaid => asked.named.is_some(),
    };
    let ballot = ballot(&view, session, sheet, mark, (asked.english.is_some(), named));
    let stub = stub(&view, session, sheet, mark);
    pdf(&state, format!("{code}-ballots-{mark}"), move |fonts| ballots(fonts, &ballot, &stub, run)).await
}

/// An interface text in Chinese and, where wanted, in English.
fn both(english: bool, text: impl Fn(Lang) -> Text) -> Words {
    Words(text(Lang::ZhCn).to_string(), english.then(|| text(Lang::En).to_string()))
}

/// The words of a ballot; in English, too, and with a line for the voter's name, where `english` and `named` say so.
pub(in crate::http) fn ballot(
    view: &View<'_>,
    session: &Session,
    sheet: &Sheet,
    mark: char,
    (english, named): (bool, bool),
) -> Ballot {
    let say = |key: &'static str| both(english, |lang| lang.t(key));
    let option = |(code, own): &(String, Option<String>)| match own {
        Some(words) => Words(words.clone(), None),
        None => both(english, |lang| lang.named("option", code)),
    };
    let occasion = |lang: Lang| {
        let place = format!("{}{}", view.place.township_name, view.place.name);
        let text = lang.t("ballot-occasion").with("village", place);
        text.with("body", lang.named("body", session.body.code())).with("date", lang.date(session.starts_at.date()))
    };
    Ballot {
        title: say(if named { "ballot-title-named" } else { "ballot-title" }),
        occasion: both(english, occasion),
        question: Words(sheet.title.clone(), None),
        options: sheet.options.iter().map(option).collect(),
        rules: if named {
            vec![say("ballot-how"), say("ballot-invalid-named"), say("ballot-named-say")]
        } else {
            vec![say("ballot-how"), say("ballot-invalid")]
        },
        voter: named.then(|| say("ballot-voter")),
        scribe: say("ballot-scribe"),
        seal: say("ballot-seal"),
        batch: both(english, |lang| lang.t("ballot-batch").with("mark", mark.to_string())),
    }
}

fn stub(view: &View<'_>, session: &Session, sheet: &Sheet, mark: char) -> Stub {
    let lang = Lang::ZhCn;
    let date = lang.date(session.starts_at.date());
    Stub {
        occasion: format!("{} {date} {}", view.place.name, sheet.title),
        note: lang.t("ballot-stub").to_string(),
        number: lang.t("ballot-number").with("mark", mark.to_string()).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::Asked;

    #[test]
    fn a_run_is_bounded() {
        let asked = |count, first, batch: &str| {
            let asked = Asked { count, first, batch: batch.to_owned(), english: None, pairs: None, named: None };
            asked.run().is_some()
        };
        assert!(asked(1, 1, "") && asked(2_000, 8_000, "B"));
        for (count, first, batch) in [
            (0, 1, "A"),
            (2_001, 1, "A"),
            (10, 0, "A"),
            (11, 9_990, "A"),
            (1, u32::MAX, "A"),
            (1, 1, "AB"),
            (1, 1, "甲"),
        ] {
            assert!(!asked(count, first, batch), "{count} from {first}, batch {batch}");
        }
    }
}
