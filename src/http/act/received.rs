//! What people without a key write: a suggestion, an objection, an interpellation or complaint, a rating. A form each, and the page to come
//! back to. Works without script; who has no phone prints the form and puts it into the box.

use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use crate::app::App;
use crate::app::error::AppError;
use crate::app::forms::settle::{inquiry_of, score_of};
use crate::app::forms::spec::{INQUIRIES, SCORES};
use crate::app::received::{Received, objectable, receipt_of};
use crate::app::views::library::Wanted;
use crate::app::views::told::{About, Told};
use crate::core::act::{Act, Kind};
use crate::core::ids::{Digest, MatterId, VillageCode};
use crate::core::model::{Doc, Outcome, Stage};
use crate::core::state::matter::{Matter, Standing};
use crate::http::act::draft::explain;
use crate::http::pages::act::Item;
use crate::http::pages::parts::Answer;
use crate::http::pages::received::{ReceivedPage, WritePage};
use crate::http::problem::{Code, Problem};
use crate::http::read::context::View;
use crate::http::read::frame::{At, Visit, page};
use crate::http::read::{receipt, rows};
use crate::http::state::AppState;

/// What was written.
#[derive(Debug, Default, Deserialize)]
pub struct Written {
    #[serde(default)]
    text: String,
    /// What is asked of whom, or the score.
    #[serde(default)]
    choice: String,
}

/// `GET /v/{code}/suggest`.
///
/// # Errors
/// There is no such village; the store can't be read now.
pub async fn suggest(
    State(state): State<AppState>,
    visit: Visit,
    At(village): At<VillageCode>,
) -> Result<Response, Problem> {
    Desk { state: &state, visit: &visit, village, writing: Writing::Suggestion }.show(Written::default(), None).await
}

/// `POST /v/{code}/suggest`: puts the suggestion on record and leads to the page that shows it.
///
/// # Errors
/// As [`suggest`].
pub async fn send_suggestion(
    State(state): State<AppState>,
    visit: Visit,
    At(village): At<VillageCode>,
    Form(written): Form<Written>,
) -> Result<Response, Problem> {
    Desk { state: &state, visit: &visit, village, writing: Writing::Suggestion }.take(written).await
}

/// The form for what is written about a matter, and where it is sent.
macro_rules! about_matter {
    ($show:ident, $send:ident, $writing:ident, $path:literal) => {
        #[doc = concat!("`GET /v/{code}/m/{matter}/", $path, "`.")]
        ///
        /// # Errors
        /// There is no such village or matter; `Gone` where this can't be written of it now.
        pub async fn $show(
            State(state): State<AppState>,
            visit: Visit,
            At((village, matter)): At<(VillageCode, MatterId)>,
        ) -> Result<Response, Problem> {
            let desk = Desk { state: &state, visit: &visit, village, writing: Writing::$writing(matter) };
            desk.show(Written::default(), None).await
        }

        #[doc = concat!("`POST /v/{code}/m/{matter}/", $path, "`: puts it on record and leads to the page that shows it.")]
        ///
        /// # Errors
        /// As the form.
        pub async fn $send(
            State(state): State<AppState>,
            visit: Visit,
            At((village, matter)): At<(VillageCode, MatterId)>,
            Form(written): Form<Written>,
        ) -> Result<Response, Problem> {
            let desk = Desk { state: &state, visit: &visit, village, writing: Writing::$writing(matter) };
            desk.take(written).await
        }
    };
}

about_matter!(object, send_objection, Objection, "object");
about_matter!(ask, send_inquiry, Inquiry, "ask");
about_matter!(rate, send_rating, Rating, "rate");

/// What is written, and of which matter.
#[derive(Clone, Copy)]
enum Writing {
    Suggestion,
    Objection(MatterId),
    Inquiry(MatterId),
    Rating(MatterId),
}

impl Writing {
    fn kind(self) -> Kind {
        match self {
            Self::Suggestion => Kind::SuggestionReceived,
            Self::Objection(_) => Kind::ObjectionReceived,
            Self::Inquiry(_) => Kind::InquiryReceived,
            Self::Rating(_) => Kind::RatingReceived,
        }
    }

    fn matter(self) -> Option<MatterId> {
        match self {
            Self::Suggestion => None,
            Self::Objection(id) | Self::Inquiry(id) | Self::Rating(id) => Some(id),
        }
    }

    /// The form's address below its village.
    fn path(self) -> String {
        match self {
            Self::Suggestion => "suggest".to_owned(),
            Self::Objection(id) => format!("m/{id}/object"),
            Self::Inquiry(id) => format!("m/{id}/ask"),
            Self::Rating(id) => format!("m/{id}/rate"),
        }
    }

    /// What is chosen beside the words.
    fn choices(self) -> &'static [&'static str] {
        match self {
            Self::Suggestion | Self::Objection(_) => &[],
            Self::Inquiry(_) => INQUIRIES,
            Self::Rating(_) => SCORES,
        }
    }

    /// Puts it on record.
    async fn receive(self, app: &App, village: VillageCode, written: &Written) -> Result<Received, AppError> {
        let unchosen = AppError::Invalid { field: "choice", reason: "choice" };
        match self {
            Self::Suggestion => app.receive_suggestion(village, &written.text).await,
            Self::Objection(matter) => app.receive_objection(village, matter, &written.text).await,
            Self::Inquiry(matter) => {
                let chosen = INQUIRIES.contains(&written.choice.as_str()).then(|| inquiry_of(&written.choice));
                let asked = chosen.flatten().ok_or(unchosen)?;
                app.receive_inquiry(village, matter, asked, &written.text).await
            }
            Self::Rating(matter) => {
                let score = score_of(&written.choice).ok_or(unchosen)?;
                app.receive_rating(village, matter, score, &written.text).await
            }
        }
    }
}

/// Whether somebody without a key can rate how this matter is, or was, carried out.
#[must_use]
pub fn ratable(matter: &Matter) -> bool {
    let done = matches!(matter.standing, Standing::At(Stage::Supervision) | Standing::Ended(Outcome::Finished));
    done && matter.papers.paper(Kind::ProgressRecorded).is_some()
}

/// Somebody at one of the forms.
struct Desk<'a> {
    state: &'a AppState,
    visit: &'a Visit,
    village: VillageCode,
    writing: Writing,
}

impl Desk<'_> {
    async fn take(&self, written: Written) -> Result<Response, Problem> {
        let village = self.village;
        match self.writing.receive(self.state.app(), village, &written).await {
            Ok(Received { seq, code }) => {
                Ok(Redirect::to(&format!("/v/{village}/received/{seq}?receipt={code}")).into_response())
            }
            Err(AppError::Invalid { reason, .. }) => self.show(written, Some(reason)).await,
            Err(AppError::NotFound { what: "notice" }) => Err(Problem::new(Code::Gone)),
            Err(error) => Err(explain(self.visit, error)),
        }
    }

    async fn show(&self, written: Written, wrong: Option<&'static str>) -> Result<Response, Problem> {
        let Self { state, visit, village, writing } = self;
        let app = state.app();
        let view = View::of(app, visit, *village).await?;
        let mut wanted = Wanted::default();
        rows::want_titles(writing.matter().and_then(|id| view.state().matter(id)), &mut wanted);
        let view = view.fetch(app, &wanted).await?;
        let (mut about, mut until) = (None, None);
        if let Some(id) = writing.matter() {
            let found = view.state().matter(id).ok_or_else(|| Problem::new(Code::NotFound))?;
            about = Some((view.title(found), format!("/v/{village}/m/{id}")));
            let gone = || Problem::new(Code::Gone);
            match writing {
                Writing::Objection(_) => until = Some(objectable(found, view.now).ok_or_else(gone)?.ends.last_day()),
                Writing::Rating(_) if !ratable(found) => return Err(gone()),
                _ => {}
            }
        }
        let action = format!("/v/{village}/{}", writing.path());
        let link = format!("{}{action}", state.origin());
        let choice = |code: &&str| Item {
            value: (*code).to_owned(),
            label: visit.c.named("choice", code).to_string(),
            chosen: written.choice == **code,
        };
        page(&WritePage {
            c: visit.c.clone(),
            place: view.place.clone(),
            kind: writing.kind().code().to_owned(),
            about,
            until,
            action,
            choices: writing.choices().iter().map(choice).collect(),
            text: written.text,
            error: wrong.map(|reason| visit.c.named("invalid", reason).to_string()),
            qr_svg: receipt::qr(&link)?,
            link,
        })
    }
}

/// What a writer's address carries beside village and index.
#[derive(Debug, Deserialize)]
pub struct Kept {
    receipt: Option<String>,
}

/// What somebody without a key wrote: the words, and the hash of the receipt code.
fn written_in(told: &Told) -> Option<(Option<&Doc>, Digest)> {
    match &told.statement.act {
        Act::SuggestionReceived(act) => Some((Some(&act.text), act.receipt)),
        Act::ObjectionReceived(act) => Some((Some(&act.text), act.receipt)),
        Act::InquiryReceived(act) => Some((Some(&act.text), act.receipt)),
        Act::RatingReceived(act) => Some((act.text.as_ref(), act.receipt)),
        _ => None,
    }
}

/// The answer to it, and where it is on record.
fn answer_to<'a>(all: &'a [Told], told: &Told) -> Option<(&'a Told, &'a Doc)> {
    all.iter().filter(|other| other.statement.basis == Some(told.at.leaf)).find_map(|other| {
        match &other.statement.act {
            Act::ObjectionAnswered(act) | Act::InquiryAnswered(act) | Act::RatingAnswered(act) => {
                Some((other, &act.text))
            }
            _ => None,
        }
    })
}

/// `GET /v/{code}/received/{seq}`: what was written, its answer, where it can be followed, and the receipt code for who has it. Whoever has
/// the code wrote it, and reads words and answer that are kept from others.
///
/// # Errors
/// There is no such entry, or it isn't somebody's who wrote without a key; the store can't be read now.
pub async fn received(
    State(state): State<AppState>,
    visit: Visit,
    At((village, seq)): At<(VillageCode, u64)>,
    Query(kept): Query<Kept>,
) -> Result<Response, Problem> {
    let app = state.app();
    let view = View::of(app, &visit, village).await?;
    let gone = || Problem::new(Code::NotFound);
    let told = app.told_from(village, seq, 1).await?.into_iter().next().ok_or_else(gone)?;
    let (text, receipt_hash) = written_in(&told).ok_or_else(gone)?;
    let all = match told.statement.matter {
        Some(id) => app.told(village, About::Matter(id)).await?,
        None => Vec::new(),
    };
    let answered = answer_to(&all, &told);
    let mut wanted = Wanted::default();
    wanted.spoken.extend(text.into_iter().chain(answered.map(|(_, doc)| doc)).map(|doc| doc.sha256));
    rows::want_titles(told.statement.matter.and_then(|id| view.state().matter(id)), &mut wanted);
    let view = view.fetch(app, &wanted).await?;
    let code = kept.receipt.filter(|code| receipt_of(code) == receipt_hash);
    let mine = code.as_ref().map(|code| format!("?receipt={code}")).unwrap_or_default();
    let link = format!("{}/v/{village}/received/{seq}{mine}", state.origin());
    let writer = code.is_some();
    let answer = match answered {
        None => None,
        Some((told, doc)) => Some(Answer {
            text: words(app, &view, doc, writer).await?,
            who: view.signers(&told.statement.by),
            at: told.at.time,
        }),
    };
    let mut said = Vec::new();
    if let Act::RatingReceived(act) = &told.statement.act {
        said.push(visit.c.named("choice", &format!("score_{}", act.score)).to_string());
    }
    if let Some(doc) = text {
        said.push(words(app, &view, doc, writer).await?);
    }
    page(&ReceivedPage {
        c: visit.c.clone(),
        place: view.place.clone(),
        kind: told.statement.kind().code().to_owned(),
        at: told.at.time,
        seq,
        words: said.join("\n"),
        answer,
        about: view.about(&told),
        code,
        qr_svg: receipt::qr(&link)?,
        link,
    })
}

/// The words of a document, which its writer reads whatever its level.
async fn words(app: &App, view: &View<'_>, doc: &Doc, writer: bool) -> Result<String, Problem> {
    let open = view.library.text(doc.sha256).is_some();
    if open || !writer {
        return Ok(view.words(doc.sha256));
    }
    let (_, content) = app.document(view.village(), doc.sha256).await?;
    let text = content.and_then(|content| String::from_utf8(content.bytes).ok());
    Ok(text.unwrap_or_else(|| view.words(doc.sha256)))
}
