//! Papers counted by two: what each teller enters, what either may see of the other's, and the statement that both sign.

use std::collections::BTreeMap;

use axum::extract::multipart::MultipartError;
use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::{Form, Json};

use crate::app::album::{MOST_PHOTOS, album};
use crate::app::counting::{Due, Entered, Figures, Invalid, MOST_PAPERS, Papers, Round, Told, beside};
use crate::app::error::AppError;
use crate::app::forms::draft::{Drafted, candidates, newest_key};
use crate::app::forms::{About, Actor, Values};
use crate::app::print::ballot::{Layout, layout};
use crate::app::views::library::Wanted;
use crate::core::act::Act;
use crate::core::act::voting::{NamedPaper, PaperCounted};
use crate::core::ids::{MatterId, PersonId, SessionId, VillageCode};
use crate::core::judge::count::MOST_ALBUMS;
use crate::core::model::{Doc, Level, OptionCode, QuestionCode, Role};
use crate::core::state::State as Village;
use crate::core::state::session::Session;
use crate::core::state::voting::{Voting, VotingStatus};
use crate::core::statement::Statement;
use crate::http::act::draft::{Proposed, draft_page};
use crate::http::act::upload::may_name;
use crate::http::act::who;
use crate::http::pages::count::{Agreed, Change, CountPage, CountRow, NamedRow, Sort, Stage};
use crate::http::pages::parts::Who;
use crate::http::print::ballots::ballot;
use crate::http::problem::{Code, Problem};
use crate::http::read::ballots::{Sheet, want_questions};
use crate::http::read::context::View;
use crate::http::read::frame::{At, Visit, page};
use crate::http::session::Identity;
use crate::http::state::AppState;

/// What the address names.
type Named = (VillageCode, SessionId, MatterId, QuestionCode);
/// What was sent, by field.
type Sent = BTreeMap<String, String>;
/// Most half-signed statements that are looked through.
const MOST_WAITING: u64 = 500;

/// One teller at the count of one question.
struct Desk<'a> {
    view: View<'a>,
    papers: Papers,
    me: PersonId,
    role: Role,
    other: PersonId,
}

/// `GET /v/{code}/s/{session}/count/{matter}/{question}`.
///
/// # Errors
/// `NotFound` where nothing of it was voted on by paper; `NotAllowed` for everyone but counter and scrutineer; the store's.
pub async fn show(
    State(state): State<AppState>,
    visit: Visit,
    identity: Identity,
    At(named): At<Named>,
) -> Result<Response, Problem> {
    let desk = Desk::open(&state, &visit, &identity, named).await?;
    page(&desk.page(&state, Vec::new(), None).await?)
}

/// Takes what a teller found.
///
/// # Errors
/// As [`show`].
pub async fn enter(
    State(state): State<AppState>,
    visit: Visit,
    identity: Identity,
    At(named): At<Named>,
    Form(sent): Form<Sent>,
) -> Result<Response, Problem> {
    let desk = Desk::open(&state, &visit, &identity, named).await?;
    let Some(due) = Due::of(desk.voting()?) else { return Ok(Redirect::to(&desk.address()).into_response()) };
    let figures = match desk.read(&sent)? {
        Ok(figures) => figures,
        Err(wrong) => return page(&desk.page(&state, vec![wrong], Some(&sent)).await?),
    };
    let photos = desk.photos(&state, &visit, &sent).await?;
    match state.app().enter_count(&desk.papers, due.round(), desk.me, &figures, &photos).await {
        Err(AppError::Invalid { .. }) => page(&desk.page(&state, vec!["count-too-often"], None).await?),
        kept => kept.map(|()| Redirect::to(&desk.address()).into_response()).map_err(Problem::from),
    }
}

/// Keeps photographs of papers as one document, that the next figures of this teller name.
///
/// # Errors
/// As [`show`]; `Unprocessable` for what is no photograph, too many or too large.
pub async fn photograph(
    State(state): State<AppState>,
    visit: Visit,
    identity: Identity,
    At(named): At<Named>,
    mut form: Multipart,
) -> Result<Response, Problem> {
    let desk = Desk::open(&state, &visit, &identity, named).await?;
    Due::of(desk.voting()?).ok_or_else(|| Problem::new(Code::NotFound))?;
    let broken = |error: MultipartError| Problem::new(Code::of_status(error.status()));
    let mut photos = Vec::new();
    while let Some(field) = form.next_field().await.map_err(broken)? {
        if field.file_name().is_some() && photos.len() <= MOST_PHOTOS {
            photos.push(field.bytes().await.map_err(broken)?.to_vec());
        }
    }
    let made = tokio::task::spawn_blocking(move || album(&photos)).await.ok().flatten();
    let bytes = made.ok_or_else(|| Problem::new(Code::Unprocessable).rule("photos"))?;
    let doc = state.app().keep_file(desk.papers.village, desk.me, Level::Officials, bytes).await?;
    Ok((StatusCode::CREATED, Json(doc)).into_response())
}

/// Makes the statement of figures that agree, to be signed by both.
///
/// # Errors
/// As [`show`]; the rule that refuses it.
pub async fn draft(
    State(state): State<AppState>,
    visit: Visit,
    identity: Identity,
    At(named): At<Named>,
    Form(sent): Form<Sent>,
) -> Result<Response, Problem> {
    let app = state.app();
    let desk = Desk::open(&state, &visit, &identity, named).await?;
    let back = || Ok(Redirect::to(&desk.address()).into_response());
    let Some(due) = Due::of(desk.voting()?) else { return back() };
    let round = app.round(&desk.papers, due.round()).await?;
    let Told::Agree(figures) = round.told(desk.me, desk.other) else { return back() };
    let live = app.lives().live(desk.papers.village).await?;
    let about = desk.about(due);
    let actor = who::actor(app, &identity, live.state(), &about, Some(desk.role)).await?;
    let third = sent.get("third").and_then(|person| person.parse().ok());
    let others: Vec<PersonId> = std::iter::once(desk.other).chain(third).collect();
    let mut values = values(desk.voting()?, figures);
    values.papers.insert("photos".to_owned(), round.photos());
    match app.draft(about, &actor, &others, &values).await? {
        Drafted::Ready { statement, payload, remarks } => {
            let edit = Some(desk.address());
            let proposed = Proposed { statement: *statement, payload, remarks, edit, signed: Vec::new(), waits: false };
            draft_page(&state, &visit, &identity, &live, proposed).await
        }
        Drafted::Fields(_) => page(&desk.page(&state, vec!["count-third-missing"], None).await?),
        Drafted::Refused(rejection) => Err(Problem::from(AppError::Rejected(rejection))),
    }
}

/// The figures as the form of the statement takes them.
fn values(voting: &Voting, figures: &Figures) -> Values {
    let mut fields: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut put = |name: String, number: u64| fields.insert(name, vec![number.to_string()]);
    put("in_box".to_owned(), figures.in_box.into());
    put("invalid".to_owned(), figures.invalid_in_all());
    for (option, count) in voting.opening.options.iter().zip(&figures.counts) {
        put(format!("counts.{option}"), u64::from(*count));
    }
    let rows = figures.rows.iter().map(|row| format!("{}:{}", row.voter, row.choice));
    fields.insert("rows".to_owned(), rows.collect());
    Values { fields, ..Values::default() }
}

impl<'a> Desk<'a> {
    async fn open(
        state: &AppState,
        visit: &'a Visit,
        identity: &Identity,
        (village, session, matter, question): Named,
    ) -> Result<Self, Problem> {
        let missing = || Problem::new(Code::NotFound);
        let view = View::of(state.app(), visit, village).await?;
        let met = view.state().session(session).ok_or_else(missing)?;
        let (me, papers) = (identity.person, Papers { village, session, matter, question });
        let tellers = met.tellers.as_ref().ok_or_else(missing)?;
        let (role, other) = beside(tellers, me).ok_or_else(|| Problem::new(Code::NotAllowed))?;
        let mut wanted = Wanted::default();
        for item in met.agenda.iter().filter(|item| item.matter == matter) {
            want_questions(&view, met, item, &mut wanted);
        }
        wanted
            .spoken
            .extend(view.state().matter(matter).and_then(|matter| matter.proposal.as_ref()).map(|p| p.title.sha256));
        let view = view.fetch(state.app(), &wanted).await?;
        let desk = Self { view, papers, me, role, other };
        desk.voting()?;
        Ok(desk)
    }

    fn met(&self) -> Result<&Session, Problem> {
        self.view.state().session(self.papers.session).ok_or_else(|| Problem::new(Code::NotFound))
    }

    fn voting(&self) -> Result<&Voting, Problem> {
        let voting = self.met()?.voting_of(self.papers.matter, &self.papers.question);
        voting.map(AsRef::as_ref).ok_or_else(|| Problem::new(Code::NotFound))
    }

    fn address(&self) -> String {
        address(self.papers.village, self.papers.session, self.papers.matter, &self.papers.question)
    }

    fn about(&self, due: Due) -> About {
        let Papers { village, session, matter, question } = &self.papers;
        About {
            matter: Some(*matter),
            session: Some(*session),
            question: Some(question.clone()),
            basis: due.basis,
            by: Some(self.me),
            ..About::new(*village, due.kind)
        }
    }

    /// The documents of photographs that a form names, as far as they are this teller's own.
    async fn photos(&self, state: &AppState, visit: &Visit, sent: &Sent) -> Result<Vec<Doc>, Problem> {
        let named: Vec<Doc> = sent.get("photos").and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        let reader = visit.reader(self.papers.village);
        let mut photos = Vec::new();
        for doc in named.into_iter().take(MOST_ALBUMS) {
            if may_name(state.app(), self.papers.village, &reader, &doc).await? {
                photos.push(doc);
            }
        }
        Ok(photos)
    }

    /// Where the boxes of these ballots are, in Chinese alone and with English below; nothing where no ballot can be printed here.
    async fn layouts(&self, state: &AppState, sheet: &Sheet) -> Result<Vec<Layout>, Problem> {
        let met = self.met()?;
        let both = [false, true].map(|english| ballot(&self.view, met, sheet, 'A', (english, false)));
        let made = state.printer().print(move |fonts| both.iter().map(|ballot| layout(fonts, ballot)).collect()).await;
        Ok(made.unwrap_or_default())
    }

    /// Figures from a form, or the text key of what is wrong with them.
    fn read(&self, sent: &Sent) -> Result<Result<Figures, &'static str>, Problem> {
        let number = |name: String| {
            let text = sent.get(&name).map(|text| text.trim()).filter(|text| !text.is_empty());
            text.unwrap_or("0").parse::<u32>().ok().filter(|number| *number <= MOST_PAPERS)
        };
        let voting = self.voting()?;
        let (options, rows) = (&voting.opening.options, named_rows(voting, sent));
        let counted = |option: &OptionCode| {
            if voting.opening.named_papers {
                u32::try_from(rows.iter().filter(|row| row.choice == *option).count()).ok()
            } else {
                number(format!("counts.{option}"))
            }
        };
        let figures = || {
            Some(Figures {
                in_box: number("in_box".to_owned())?,
                counts: options.iter().map(counted).collect::<Option<_>>()?,
                invalid: Invalid::ALL.iter().map(|why| number(format!("invalid.{why}"))).collect::<Option<_>>()?,
                rows: rows.clone(),
            })
        };
        Ok(match figures() {
            None => Err("count-no-number"),
            Some(figures) if figures.sum() != u64::from(figures.in_box) => Err("count-does-not-add-up"),
            Some(figures) => Ok(figures),
        })
    }

    async fn page(
        &self,
        state: &AppState,
        errors: Vec<&'static str>,
        sent: Option<&Sent>,
    ) -> Result<CountPage, Problem> {
        let (view, voting) = (&self.view, self.voting()?);
        let due = Due::of(voting);
        let round = match due {
            Some(due) => state.app().round(&self.papers, due.round()).await?,
            None => Round::default(),
        };
        let met = self.met()?;
        let item = met.item(self.papers.matter).ok_or_else(|| Problem::new(Code::NotFound))?;
        let mut sheets = view.sheets_of(met, item).into_iter();
        let sheet = sheets.find(|sheet| sheet.question == self.papers.question);
        let sheet = sheet.ok_or_else(|| Problem::new(Code::NotFound))?;
        let told = round.told(self.me, self.other);
        let mut rows = rows(&sheet, told);
        rows.retain(|row| row.is_of(voting.opening.named_papers));
        let mut named = self.named_papers(voting, told);
        if let Some(sent) = sent {
            for row in &mut rows {
                row.own = sent.get(&row.field()).and_then(|text| text.trim().parse().ok());
            }
            for paper in &mut named {
                paper.own = sent.get(&paper.field()).cloned().filter(|code| !code.is_empty());
            }
        }
        let matter = view.state().matter(self.papers.matter);
        // A named paper is told by its number, which no camera reads.
        let layouts = match due.filter(|_| !voting.opening.named_papers) {
            Some(_) => Some(serde_json::json!(self.layouts(state, &sheet).await?).to_string()),
            None => None,
        };
        Ok(CountPage {
            c: view.visit.c.clone(),
            place: view.place.clone(),
            session: self.papers.session,
            matter: self.papers.matter,
            title: matter.map(|matter| view.title(matter)).unwrap_or_default(),
            question: sheet.title,
            role: self.role.code().to_owned(),
            other: self.named(self.other),
            issued: voting.paper_issued.len() as u64,
            visited: voting.visited().count() as u64,
            missed: voting.home.difference(&voting.paper_issued).count() as u64,
            again: due.is_some_and(|due| due.round() > 1),
            most: MOST_PAPERS,
            action: self.address(),
            errors,
            rows,
            layouts,
            named: voting.opening.named_papers.then_some(named),
            options: sheet.options,
            stage: self.stage(state, due, &round).await?,
        })
    }

    /// Who was handed a paper, with what stands on it as far as the reader may know.
    fn named_papers(&self, voting: &Voting, told: Told<'_>) -> Vec<NamedRow> {
        let (own, others) = figures_of(told);
        let choice = |figures: Option<&Figures>, voter: u32| {
            let mut rows = figures.into_iter().flat_map(|figures| &figures.rows);
            rows.find(|row| row.voter == voter).map(|row| row.choice.to_string())
        };
        let roster = self.met().map(|met| &met.roster).ok();
        let name = |voter: &u32| self.view.names.get(roster?.get(voter)?).cloned();
        let row = |voter: &u32| NamedRow {
            voter: *voter,
            name: name(voter),
            own: choice(own, *voter),
            others: choice(others, *voter),
            compared: others.is_some(),
        };
        voting.paper_issued.iter().map(row).collect()
    }

    async fn stage(&self, state: &AppState, due: Option<Due>, round: &Round) -> Result<Stage, Problem> {
        let voting = self.voting()?;
        let Some(due) = due else { return Ok(Stage::Shut(why_shut(voting))) };
        let changes = || round.history(self.me, self.other).iter().map(|entered| self.change(entered)).collect();
        Ok(match round.told(self.me, self.other) {
            Told::Nothing => Stage::Enter,
            Told::Own(own) => Stage::Sent(own.at),
            Told::Differ(..) => Stage::Differ(changes()),
            Told::Agree(figures) => Stage::Agree(Box::new(Agreed {
                draft: format!("{}/draft", self.address()),
                waiting: self.waiting(state, due, figures).await?,
                thirds: self.thirds(state, due),
                excess: figures.in_box as usize > voting.paper_issued.len(),
                changes: changes(),
            })),
        })
    }

    fn named(&self, person: PersonId) -> Who {
        let role = if person == self.me { self.role } else { other_role(self.role) };
        Who { name: self.view.names.get(&person).cloned(), role: role.code().to_owned() }
    }

    fn change(&self, entered: &Entered) -> Change {
        let figures = &entered.figures;
        let named = self.voting().is_ok_and(|voting| voting.opening.named_papers);
        let invalid = Invalid::ALL.iter().zip(&figures.invalid).filter(|(why, _)| why.is_of(named)).map(|(_, n)| *n);
        let numbers = std::iter::once(figures.in_box).chain(figures.counts.iter().copied()).chain(invalid);
        Change { who: self.named(entered.person), at: entered.at, numbers: numbers.collect() }
    }

    /// The statement of these very figures that waits for a signature, and whether for the reader's.
    async fn waiting(&self, state: &AppState, due: Due, figures: &Figures) -> Result<Option<(String, bool)>, Problem> {
        let (app, village, me) = (state.app(), self.papers.village, self.me);
        let now = app.now();
        let rows = app.db().read("half_signed_of", |tx| Box::pin(tx.half_signed_of(village, me, now, MOST_WAITING)));
        for row in rows.await.map_err(AppError::Store)? {
            let statement = Statement::parse(&row.payload).map_err(AppError::from)?;
            let same = statement.kind() == due.kind && self.is_about(&statement);
            if same && counted(&statement).is_some_and(|count| figures.are_of(count)) {
                return Ok(Some((format!("/v/{village}/pending/{}", row.statement), row.waits_for.contains(&me))));
            }
        }
        Ok(None)
    }

    fn is_about(&self, statement: &Statement) -> bool {
        let Papers { session, matter, question, .. } = &self.papers;
        (statement.session, statement.matter) == (Some(*session), Some(*matter))
            && statement.question.as_ref() == Some(question)
    }

    /// Who could sign beside the two, by name.
    fn thirds(&self, state: &AppState, due: Due) -> Vec<(PersonId, String)> {
        let (village, now): (&Village, _) = (self.view.state(), state.app().now());
        let Some(key) = newest_key(village, self.me) else { return Vec::new() };
        let actor = Actor { person: self.me, role: self.role, key };
        let places = candidates(village, &self.about(due), &actor, now);
        let people = places.get(1).into_iter().flatten().filter(|(person, _)| *person != self.other);
        let barred = |person: PersonId| village.people.are_kin(person, self.other);
        let free = people.filter(|(person, _)| !barred(*person));
        free.map(|(person, _)| (*person, self.view.names.get(person).cloned().unwrap_or_default())).collect()
    }
}

/// The page's address.
#[must_use]
pub fn address(village: VillageCode, session: SessionId, matter: MatterId, question: &QuestionCode) -> String {
    format!("/v/{village}/s/{session}/count/{matter}/{question}")
}

fn other_role(role: Role) -> Role {
    if role == Role::Counter { Role::Scrutineer } else { Role::Counter }
}

fn counted(statement: &Statement) -> Option<&PaperCounted> {
    match &statement.act {
        Act::PaperCounted(count) | Act::PaperRecounted(count) => Some(count),
        _ => None,
    }
}

/// Why nothing is to be counted now.
fn why_shut(voting: &Voting) -> &'static str {
    match voting.status {
        VotingStatus::Open => "open",
        VotingStatus::Closed => "deliveries",
        VotingStatus::DeliveriesEnded | VotingStatus::BallotsOpened if voting.paper_count.is_some() => "counted",
        VotingStatus::DeliveriesEnded | VotingStatus::BallotsOpened => "no-paper",
        VotingStatus::Announced => "announced",
        VotingStatus::Voided => "void",
    }
}

/// Named papers of a form: a choice at the number of each voter who was handed one.
fn named_rows(voting: &Voting, sent: &Sent) -> Vec<NamedPaper> {
    let voters = voting.paper_issued.iter().filter(|_| voting.opening.named_papers);
    let choice = |voter: &u32| sent.get(&format!("row.{voter}"))?.parse::<OptionCode>().ok();
    let known = |choice: &OptionCode| voting.opening.options.contains(choice);
    voters.filter_map(|voter| Some(NamedPaper { voter: *voter, choice: choice(voter).filter(known)? })).collect()
}

/// The reader's figures and the other's, as far as the reader may know.
fn figures_of(told: Told<'_>) -> (Option<&Figures>, Option<&Figures>) {
    match told {
        Told::Nothing => (None, None),
        Told::Own(own) => (Some(&own.figures), None),
        Told::Differ(own, others) => (Some(&own.figures), Some(&others.figures)),
        Told::Agree(figures) => (Some(figures), Some(figures)),
    }
}

/// The numbers that are entered, with what the reader may know of them.
fn rows(sheet: &Sheet, told: Told<'_>) -> Vec<CountRow> {
    let (own, others) = figures_of(told);
    let row = |sort: Sort, code: &str, label: Option<String>, of: &dyn Fn(&Figures) -> Option<u32>| CountRow {
        sort,
        code: code.to_owned(),
        label,
        own: own.and_then(of),
        others: others.and_then(of),
    };
    let mut rows = vec![row(Sort::Box, "in_box", None, &|figures| Some(figures.in_box))];
    for (nth, (code, label)) in sheet.options.iter().enumerate() {
        rows.push(row(Sort::Option, code, label.clone(), &|figures| figures.counts.get(nth).copied()));
    }
    for (nth, why) in Invalid::ALL.iter().enumerate() {
        rows.push(row(Sort::Invalid, why.code(), None, &|figures| figures.invalid.get(nth).copied()));
    }
    rows
}
