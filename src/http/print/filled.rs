//! Papers to be filled in by hand, with what is known already: notice, visit form, resolution, sign-in sheet. Each bears the code by
//! which its photograph finds its form.

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::app::print::draw::About;
use crate::app::print::line::{Side, Style};
use crate::app::print::sheet::{Block, Format, Sheet};
use crate::app::views::library::Wanted;
use crate::core::clock::Time;
use crate::core::ids::{MatterId, SessionId, VillageCode};
use crate::core::state::matter::Matter;
use crate::core::state::session::Session;
use crate::http::act::filled::{Filled, Subject, address};
use crate::http::pages::chrome::Chrome;
use crate::http::pages::matter::Question;
use crate::http::pages::parts::Place;
use crate::http::print::words::{Beside, leads};
use crate::http::print::{pdf, words};
use crate::http::problem::{Code, Problem};
use crate::http::read::ballots::{Opened, want_questions};
use crate::http::read::context::View;
use crate::http::read::frame::{At, Visit};
use crate::http::read::rows;
use crate::http::read::sheet::plan_paragraphs;
use crate::http::state::AppState;

/// Empty rows of the visit form, which fill a page.
const ROWS: usize = 12;
/// Side of the code, in points.
const CODE: f32 = 84.0;
/// Size of what is filled in by hand, in points.
const HAND: f32 = 15.0;

/// What a paper says.
#[derive(Debug, Clone)]
pub struct Blank {
    /// The reader's language.
    pub c: Chrome,
    /// The village.
    pub place: Place,
    /// Which paper.
    pub what: Filled,
    /// The matter's title, or when the session is.
    pub about: String,
    /// Paragraphs: the words of a notice and its plan.
    pub text: Vec<String>,
    /// Questions with their results.
    pub questions: Vec<Question>,
    /// Number and name of each member.
    pub members: Vec<(u32, String)>,
    /// What its code says.
    pub link: String,
    /// Time of the record's newest entry.
    pub as_of: Time,
}

/// The code that leads to the form for a paper's photograph, and how to use it.
#[must_use]
pub fn code(c: &Chrome, link: &str) -> Beside {
    leads(link, c.t("paper-scan").to_string(), vec![c.t("paper-scan-say").to_string(), link.to_owned()])
}

/// `GET /v/{code}/paper/{what}/{id}/file`: the PDF.
///
/// # Errors
/// `NotFound` for a paper about nothing that the village has; no font; the store's.
pub async fn file(
    State(state): State<AppState>,
    visit: Visit,
    At((village, what, id)): At<(VillageCode, Filled, String)>,
) -> Result<Response, Problem> {
    let view = View::of(state.app(), &visit, village).await?;
    let subject = what.subject(view.state(), &id).ok_or_else(|| Problem::new(Code::NotFound))?;
    let link = address(&state, village, what, &id);
    let blank = match subject {
        // The minutes have a paper of their own, made from the record.
        Subject::Session(id) if what == Filled::Minutes => {
            return Ok(Redirect::to(&format!("/v/{village}/s/{id}/minutes/file?named=true")).into_response());
        }
        Subject::Session(id) => of_session(&state, view, id, link).await?,
        Subject::Matter(id) => of_matter(&state, view, what, id, link).await?,
    };
    let sheet = sheet(&blank);
    pdf(&state, format!("{village}-{id}-{}", what.code()), move |fonts| sheet.file(fonts)).await
}

async fn of_session(state: &AppState, view: View<'_>, id: SessionId, link: String) -> Result<Blank, Problem> {
    let register = state.app().register(view.village(), id).await?;
    let session = view.state().session(id).ok_or_else(|| Problem::new(Code::NotFound))?;
    let c = &view.visit.c;
    let body = c.named("body", session.body.code());
    Ok(Blank {
        c: c.clone(),
        place: view.place.clone(),
        what: Filled::SignIn,
        about: format!("{} {} · {body}", c.lang.time(session.starts_at), c.lang.weekday(session.starts_at.date())),
        text: Vec::new(),
        questions: Vec::new(),
        members: register.members.iter().map(|member| (member.no, view.name_of(member.person))).collect(),
        link,
        as_of: view.state().last.time,
    })
}

/// The session that decided a matter last.
fn decided(view: &View<'_>, id: MatterId, matter: &Matter) -> Option<SessionId> {
    let last = matter.results.iter().rev().find(|result| result.round == matter.round)?;
    view.state().session(last.session)?.item(id).map(|_| last.session)
}

async fn of_matter(
    state: &AppState,
    view: View<'_>,
    what: Filled,
    id: MatterId,
    link: String,
) -> Result<Blank, Problem> {
    let missing = || Problem::new(Code::NotFound);
    let matter = view.state().matter(id).ok_or_else(missing)?;
    let session = decided(&view, id, matter).filter(|_| what == Filled::Resolution);
    let mut wanted = Wanted::default();
    rows::want_titles([matter], &mut wanted);
    wanted.spoken.extend(matter.settled.as_ref().map(|settled| settled.plan.sha256));
    let asked = session.and_then(|session| view.state().session(session));
    if let Some((session, item)) = asked.and_then(|session| Some((session, session.item(id)?))) {
        want_questions(&view, session, item, &mut wanted);
    }
    let view = view.fetch(state.app(), &wanted).await?;
    let matter = view.state().matter(id).ok_or_else(missing)?;
    let (c, title) = (&view.visit.c, view.title(matter));
    let notice = match what {
        Filled::Notice => Some("text-notice-plan"),
        Filled::Resolution => Some("text-notice-resolution"),
        Filled::Visits | Filled::SignIn | Filled::Minutes => None,
    };
    let mut text: Vec<String> =
        notice.map(|key| c.t(key).with("matter", title.as_str()).to_string()).into_iter().collect();
    if what == Filled::Notice {
        text.extend(matter.settled.iter().flat_map(|settled| plan_paragraphs(&view, &settled.plan)));
    }
    let questions = |session: &Session| {
        let item = session.item(id)?;
        Some(view.questions(session, item, &Opened::default()))
    };
    Ok(Blank {
        c: c.clone(),
        place: view.place.clone(),
        what,
        text,
        questions: session.and_then(|id| questions(view.state().session(id)?)).unwrap_or_default(),
        members: Vec::new(),
        link,
        as_of: view.state().last.time,
        about: title,
    })
}

/// The paper.
#[must_use]
pub fn sheet(blank: &Blank) -> Sheet {
    let c = &blank.c;
    let middle = |size: f32| Style::of(size).at(Side::Middle);
    let title = c.named("paper-title", blank.what.code()).to_string();
    let mut blocks = vec![
        Block::Heading(words::village(&blank.place), middle(14.0)),
        Block::Heading(title.clone(), middle(22.0).bold()),
        Block::Space(4.0),
        Block::Heading(blank.about.clone(), middle(15.0).bold().led(1.6)),
        Block::Space(4.0),
    ];
    blocks.extend(blank.text.iter().map(|text| words::paragraph(c, text)));
    blocks.extend(blank.questions.iter().map(|question| Block::Together(words::question(c, question))));
    blocks.extend(lines(blank));
    blocks.push(Block::Space(6.0));
    blocks.push(Block::Together(vec![Block::Codes(vec![code(c, &blank.link)], CODE)]));
    let head = format!("{title} {}", blank.about);
    let about = About::Archive { title: head.clone(), language: c.lang.code(), as_of: blank.as_of };
    Sheet { format: Format::A4, about, fills: false, head, foot: words::foot(c), blocks }
}

/// What is filled in by hand.
fn lines(blank: &Blank) -> Vec<Block> {
    let c = &blank.c;
    let say = |keys: &[&'static str]| keys.iter().map(|key| c.t(*key).to_string()).collect::<Vec<_>>();
    match blank.what {
        Filled::Visits => {
            let head = say(&["choices-number", "households-label", "paper-opinion", "print-signature"]);
            let row = |n: usize| vec![n.to_string(), String::new(), String::new(), String::new()];
            vec![
                words::line(c.t("paper-visits-line").to_string()),
                Block::Table(vec![0.7, 2.0, 5.0, 1.8], head, (1..=ROWS).map(row).collect(), HAND),
                Block::Signatures(say(&["role-grid-worker"]), words::TEXT),
            ]
        }
        Filled::SignIn => {
            let head: Vec<String> =
                (0..2).flat_map(|_| say(&["choices-number", "choices-name", "print-signature"])).collect();
            let cells = |(no, name): &(u32, String)| [no.to_string(), name.clone(), String::new()];
            let rows = blank.members.chunks(2).map(|two| {
                let mut row: Vec<String> = two.iter().flat_map(cells).collect();
                row.resize(6, String::new());
                row
            });
            let rows = rows.collect();
            vec![
                Block::Table(vec![0.7, 1.6, 2.2, 0.7, 1.6, 2.2], head, rows, 13.0),
                Block::Space(8.0),
                Block::Signatures(say(&["role-clerk", "print-supervision"]), words::TEXT),
            ]
        }
        Filled::Notice | Filled::Resolution => vec![
            words::line(c.t("paper-posted-line").to_string()),
            Block::Space(8.0),
            Block::Signatures(say(&["role-chair", "role-clerk"]), words::TEXT),
        ],
        Filled::Minutes => Vec::new(),
    }
}
