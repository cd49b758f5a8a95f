//! The register of opinions (意见登记簿) on a matter: all that was said about it, how it was gathered, what was answered, what came of it.
//! Words and names as the matter's own page shows them.

use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use crate::app::table::{Cell, Table};
use crate::app::views::library::Wanted;
use crate::app::views::told::{About, Told};
use crate::core::act::{Act, Kind};
use crate::core::clock::Date;
use crate::core::ids::{MatterId, VillageCode};
use crate::http::i18n::Lang;
use crate::http::pages::figures::Files;
use crate::http::pages::opinions::{Opinion, OpinionsPage, Outcome};
use crate::http::pages::parts::{Exchange, Pager, Who};
use crate::http::problem::{Code, Problem};
use crate::http::read::context::View;
use crate::http::read::figures::{Form, answer};
use crate::http::read::frame::{At, Visit, page};
use crate::http::read::steps::Steps;
use crate::http::read::{acts, rows};
use crate::http::state::AppState;

/// Opinions on a page.
const PAGE: usize = 50;
/// What of all that is said about a matter is an opinion: a suggestion began it, a rating and a dispute come after the decision.
const KINDS: [&str; 5] = ["opinion", "objection", "concern", "interpellation", "complaint"];
/// What members who attended the enlarged meeting said.
const ATTENDING: &str = "attending";

/// Which page.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    page: Option<usize>,
}

/// `GET /v/{code}/m/{matter}/opinions`.
///
/// # Errors
/// There is no such village or matter; the store can't be read now.
pub async fn show(
    State(state): State<AppState>,
    visit: Visit,
    At((code, id)): At<(VillageCode, MatterId)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let (view, opinions) = read(&state, &visit, code, id).await?;
    let title = view.state().matter(id).map(|matter| view.title(matter)).unwrap_or_default();
    let all = opinions.len() as u64;
    let file = |form: &str| format!("/v/{code}/m/{id}/opinions/{form}/file");
    let waiting = opinions.iter().filter(|opinion| matches!(opinion.outcome, Outcome::Waiting(_))).count() as u64;
    let link = |page: u64| format!("/v/{code}/m/{id}/opinions?page={page}");
    let (opinions, pager) = Pager::cut(opinions, asked.page, PAGE, link);
    page(&OpinionsPage {
        c: visit.c.clone(),
        place: view.place.clone(),
        id,
        title,
        all,
        waiting,
        opinions,
        pager,
        files: Files { csv: file("csv"), xlsx: file("xlsx"), report: None },
    })
}

/// `GET /v/{code}/m/{matter}/opinions/{form}/file`.
///
/// # Errors
/// As [`show`].
pub async fn file(
    State(state): State<AppState>,
    visit: Visit,
    At((code, id, form)): At<(VillageCode, MatterId, Form)>,
) -> Result<Response, Problem> {
    let (_, opinions) = read(&state, &visit, code, id).await?;
    let lang = visit.c.lang;
    let heads = [
        "number",
        "kind",
        "opinion",
        "said-by",
        "how",
        "taken-by",
        "held-on",
        "recorded",
        "reply",
        "replied-by",
        "replied",
        "outcome",
        "entry",
    ];
    let table = Table {
        name: lang.t("register-title").to_string(),
        head: heads.iter().map(|head| lang.named("register-head", head).to_string()).collect(),
        rows: opinions.iter().map(|opinion| row(lang, opinion)).collect(),
    };
    answer(&state, form, &[table], &format!("{id}-opinions"))
}

fn row(lang: Lang, opinion: &Opinion) -> Vec<Cell> {
    let said = &opinion.said;
    let day = |date: Option<Date>| date.map_or(Cell::Empty, |date| Cell::Words(date.to_string()));
    let answer = said.answer.as_ref();
    let outcome = lang.named("register", opinion.outcome.code()).to_string();
    let until = match opinion.outcome {
        Outcome::Settled(day, _) => Some(lang.t("register-settled-on").with("date", lang.date(day)).to_string()),
        Outcome::Waiting(Some(day)) => Some(lang.t("answer-due").with("date", lang.date(day)).to_string()),
        Outcome::Answered | Outcome::Waiting(None) | Outcome::Noted => None,
    };
    vec![
        Cell::Number(opinion.number),
        Cell::Words(lang.named("exchange", &said.kind).to_string()),
        Cell::Words(said.text.clone()),
        said.who
            .as_ref()
            .map_or_else(|| Cell::Words(lang.t("unnamed").to_string()), |who| Cell::Words(named(lang, who))),
        Cell::Words(lang.named("source", &said.source).to_string()),
        several(lang, &opinion.taken),
        day(opinion.held_on),
        day(Some(said.at.date())),
        answer.map_or(Cell::Empty, |answer| Cell::Words(answer.text.clone())),
        answer.map_or(Cell::Empty, |answer| several(lang, &answer.who)),
        day(answer.map(|answer| answer.at.date())),
        Cell::Words(until.map_or_else(|| outcome.clone(), |until| format!("{outcome} {until}"))),
        Cell::Number(said.seq),
    ]
}

fn named(lang: Lang, who: &Who) -> String {
    let role = lang.named("role", &who.role).to_string();
    who.name.as_ref().map_or(role.clone(), |name| format!("{role} {name}"))
}

fn several(lang: Lang, people: &[Who]) -> Cell {
    if people.is_empty() {
        return Cell::Empty;
    }
    let names: Vec<String> = people.iter().map(|who| named(lang, who)).collect();
    Cell::Words(names.join(&lang.t("list-and").to_string()))
}

/// All opinions on a matter, in the order of the record.
async fn read<'v>(
    state: &AppState,
    visit: &'v Visit,
    code: VillageCode,
    id: MatterId,
) -> Result<(View<'v>, Vec<Opinion>), Problem> {
    let app = state.app();
    let view = View::of(app, visit, code).await?;
    let matter = view.state().matter(id).ok_or_else(|| Problem::new(Code::NotFound))?;
    let told = app.told(code, About::Matter(id)).await?;
    let mut wanted = Wanted::default();
    acts::want(&told, &mut wanted);
    rows::want_titles([matter], &mut wanted);
    wanted.spoken.extend(told.iter().filter_map(|told| match &told.statement.act {
        Act::EnlargedMeetingRecorded(act) => act.opinions.as_ref().map(|doc| doc.sha256),
        _ => None,
    }));
    let view = view.fetch(app, &wanted).await?;
    let matter = view.state().matter(id).ok_or_else(|| Problem::new(Code::NotFound))?;
    let steps = Steps { view: &view, id, matter, told: &told }.steps();
    let said = steps.into_iter().flat_map(|step| step.opinions.into_iter().chain(step.objections));
    let mut said: Vec<Exchange> = said.filter(|said| KINDS.contains(&said.kind.as_str())).collect();
    said.extend(told.iter().filter_map(|told| attending(&view, told)));
    said.sort_by_key(|said| said.seq);
    let opinions = said.into_iter().zip(1..).map(|(said, number)| opinion(&view, &told, said, number)).collect();
    Ok((view, opinions))
}

/// What those who attended the enlarged meeting without a vote said: one paper for all of them.
fn attending(view: &View<'_>, told: &Told) -> Option<Exchange> {
    let Act::EnlargedMeetingRecorded(act) = &told.statement.act else { return None };
    Some(Exchange {
        kind: ATTENDING.to_owned(),
        text: view.words(act.opinions.as_ref()?.sha256),
        who: None,
        source: "meeting".to_owned(),
        at: told.at.time,
        answer: None,
        due: None,
        seq: told.at.seq,
    })
}

fn opinion(view: &View<'_>, all: &[Told], said: Exchange, number: u64) -> Opinion {
    let told = all.iter().find(|told| told.at.seq == said.seq);
    let kind = told.map(|told| told.statement.kind());
    // Who received something on line is the village's server: it took nothing down.
    let by_others = matches!(
        kind,
        Some(Kind::VisitsRecorded | Kind::EnlargedMeetingRecorded | Kind::ObjectionEntered | Kind::InquiryEntered)
    );
    let signed = told.filter(|_| by_others).map(|told| view.signers(&told.statement.by)).unwrap_or_default();
    let own = said.who.as_ref().is_some_and(|who| who.name.is_some());
    Opinion {
        number,
        taken: if own { Vec::new() } else { signed },
        held_on: told.and_then(|told| told.statement.held_on).filter(|day| *day != said.at.date()),
        outcome: outcome(all, &said),
        said,
    }
}

/// What came of it. That a plan was settled after the answer is what the record knows; how far it follows the opinion, the reply says.
fn outcome(all: &[Told], said: &Exchange) -> Outcome {
    let heard = said.kind == ATTENDING;
    if said.answer.is_none() && !heard {
        return Outcome::Waiting(said.due);
    }
    let since = said.answer.as_ref().map_or(said.at, |answer| answer.at);
    let settled = all
        .iter()
        .find(|told| told.statement.kind() == Kind::PlanSettled && told.at.seq > said.seq && told.at.time >= since);
    match settled {
        Some(told) => Outcome::Settled(told.at.time.date(), told.at.seq),
        None if heard => Outcome::Noted,
        None => Outcome::Answered,
    }
}
