//! Before a session: the clerk's register of service, and the page on which a member says "I was told" and tries the own key.

use std::collections::BTreeMap;

use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use ulid::Ulid;

use crate::app::service::{DUTIES, Member, Readiness, Register, Way};
use crate::app::views::library::Wanted;
use crate::core::clock::{DAY_MS, Date, MINUTE_MS, Time};
use crate::core::ids::{PersonId, SessionId, VillageCode};
use crate::core::model::{Channel, Role};
use crate::core::state::session::Session;
use crate::http::act::prefill::local;
use crate::http::pages::printed::Printable;
use crate::http::pages::service::{
    Batch, MemberGroup, MemberRow, NoteLine, Noted, Prepared, ReadyPage, ServicePage, Show, Tester, Unready,
};
use crate::http::problem::{Code, Problem};
use crate::http::read::context::View;
use crate::http::read::frame::{At, Visit, page};
use crate::http::read::rows;
use crate::http::read::session::tellers;
use crate::http::session::Identity;
use crate::http::state::AppState;
use crate::store::service::ServiceNote;

/// From so long before a session on, what is missing is said aloud.
const SOON_MS: i64 = 3 * DAY_MS;
/// States of keys that don't work yet, in the order in which most is to be done.
pub const UNREADY: [Readiness; 4] = [Readiness::NoKey, Readiness::Waiting, Readiness::Locked, Readiness::Untested];

/// What of the register is asked for.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    show: Show,
    /// The batch that was noted just now.
    noted: Option<String>,
}

/// How far a session is prepared.
#[must_use]
pub fn prepared(register: &Register, session: &Session, now: Time) -> Prepared {
    Prepared {
        members: register.members.len(),
        told: register.count(Member::is_told),
        confirmed: register.count(Member::is_confirmed),
        ready: register.count(|member| member.readiness.is_ready()),
        soon: session.starts_at.ms() - now.ms() <= SOON_MS,
    }
}

/// `GET /v/{code}/s/{session}/service`: the register.
///
/// # Errors
/// There is no such session; the store's.
pub async fn show(
    State(state): State<AppState>,
    visit: Visit,
    At((code, id)): At<(VillageCode, SessionId)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let app = state.app();
    let view = View::of(app, &visit, code).await?;
    let register = app.register(code, id).await?;
    let session = view.state().session(id).ok_or_else(|| Problem::new(Code::NotFound))?;
    let mut wanted = Wanted::default();
    rows::want_agenda(view.state(), [session], &mut wanted);
    let view = view.fetch(app, &wanted).await?;
    let session = view.state().session(id).ok_or_else(|| Problem::new(Code::NotFound))?;
    let link = format!("{}/v/{code}/s/{id}/ready", state.origin());
    page(&ServicePage {
        c: visit.c.clone(),
        place: view.place.clone(),
        id,
        body: session.body.code().to_owned(),
        at: session.starts_at,
        prepared: prepared(&register, session, view.now),
        writes: visit.roles(code).contains(&Role::Clerk),
        show: asked.show,
        groups: groups(&view, &register, asked.show),
        unready: unready(&view, &register),
        just: asked.noted.as_deref().and_then(|batch| Ulid::from_string(batch).ok()),
        batches: batches(&view, &register),
        now: local(view.now),
        message: message(&view, session, &link),
        tellers: tellers(&view, session),
        duties: DUTIES.map(|duty| (duty.to_owned(), who_has(&register, duty))).to_vec(),
        prints: prints(&format!("/v/{code}/s/{id}")),
    })
}

/// Who has a duty, in the clerk's words.
#[must_use]
pub fn who_has(register: &Register, duty: &str) -> String {
    register.duties.iter().find(|noted| noted.duty == duty).map(|noted| noted.who.clone()).unwrap_or_default()
}

fn prints(session: &str) -> Vec<Printable> {
    let lists = ["calls", "slips", "register", "agenda", "seats", "duties"];
    let words = [
        "service-print-calls",
        "service-print-slips",
        "service-print-register",
        "service-print-agenda",
        "service-print-seats",
        "service-print-duties",
    ];
    let offer = |(what, list): (&'static str, &str)| Printable { what, href: format!("{session}/lists/{list}/file") };
    words.into_iter().zip(lists).map(offer).collect()
}

impl View<'_> {
    /// The name of somebody of the village, for those who keep its papers.
    #[must_use]
    pub fn name_of(&self, person: PersonId) -> String {
        self.names.get(&person).cloned().unwrap_or_else(|| self.t("name-hidden"))
    }

    fn note_line(&self, note: &ServiceNote) -> NoteLine {
        let own = note.how == Way::Own.code();
        NoteLine {
            how: note.how.clone(),
            told: note.told,
            by: (!own).then(|| self.name_of(note.noted_by)),
            confirmed: note.confirmed && !own,
        }
    }
}

/// Members by villager group, those of no group last.
#[must_use]
pub fn by_group<'r>(members: impl Iterator<Item = &'r Member>) -> Vec<(Option<u16>, Vec<&'r Member>)> {
    let mut groups: BTreeMap<(bool, Option<u16>), Vec<&Member>> = BTreeMap::new();
    for member in members {
        groups.entry((member.group.is_none(), member.group)).or_default().push(member);
    }
    groups.into_iter().map(|((_, group), members)| (group, members)).collect()
}

fn groups(view: &View<'_>, register: &Register, show: Show) -> Vec<MemberGroup> {
    let listed = |member: &&Member| match show {
        Show::All => true,
        Show::Unreached => !member.is_told(),
        Show::Unconfirmed => !member.is_confirmed(),
        Show::Unready => !member.readiness.is_ready(),
    };
    let row = |member: &Member| MemberRow {
        no: member.no,
        person: member.person,
        name: view.name_of(member.person),
        notes: member.standing().map(|note| view.note_line(note)).collect(),
        readiness: member.readiness,
    };
    let group = |(group, members): (Option<u16>, Vec<&Member>)| MemberGroup {
        group,
        members: members.into_iter().map(row).collect(),
    };
    by_group(register.members.iter().filter(listed)).into_iter().map(group).collect()
}

fn unready(view: &View<'_>, register: &Register) -> Vec<Unready> {
    let of = |state: Readiness| {
        let members = register.members.iter().filter(|member| member.readiness == state);
        Unready { state, members: members.map(|member| (member.no, view.name_of(member.person))).collect() }
    };
    UNREADY.map(of).into_iter().filter(|unready| !unready.members.is_empty()).collect()
}

fn batches(view: &View<'_>, register: &Register) -> Vec<Batch> {
    let mut batches: BTreeMap<(Time, Ulid), Batch> = BTreeMap::new();
    for note in register.members.iter().flat_map(|member| &member.notes) {
        let batch = batches.entry((note.noted, note.batch)).or_insert_with(|| Batch {
            batch: note.batch,
            how: note.how.clone(),
            told: note.told,
            confirmed: note.confirmed,
            by: view.name_of(note.noted_by),
            noted: note.noted,
            people: Vec::new(),
        });
        let undone = note.undone.zip(note.undone_by).map(|(when, by)| (when, view.name_of(by)));
        batch.people.push(Noted { person: note.person, name: view.name_of(note.person), undone });
    }
    batches.into_values().rev().collect()
}

/// What the clerk sends from the own phone.
fn message(view: &View<'_>, session: &Session, link: &str) -> String {
    let c = &view.visit.c;
    let matters = session.agenda.iter().filter_map(|item| view.state().matter(item.matter));
    let titles: Vec<String> = matters.map(|matter| view.title(matter)).collect();
    let text =
        c.t("service-message-text").with("village", &view.place.name).with("when", c.lang.time(session.starts_at));
    let text = text.with("body", c.named("body", session.body.code())).with("hall", view.hall(session));
    text.with("agenda", titles.join(&c.t("list-comma").to_string())).with("link", link).to_string()
}

/// The fields of a form, of which some come several times.
type Fields = Form<Vec<(String, String)>>;

fn one<'f>(fields: &'f [(String, String)], name: &str) -> Option<&'f str> {
    fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
}

/// A date and time of day in Asia/Shanghai, as a browser's field sends it.
fn moment(text: &str) -> Option<Time> {
    let (date, clock) = text.split_once('T')?;
    let (hours, minutes) = clock.get(..5)?.split_once(':')?;
    let (date, hours, minutes): (Date, i64, i64) = (date.parse().ok()?, hours.parse().ok()?, minutes.parse().ok()?);
    let sound = (0..24).contains(&hours) && (0..60).contains(&minutes);
    sound.then(|| date.start().plus_ms((hours * 60 + minutes) * MINUTE_MS))
}

/// `POST /v/{code}/s/{session}/service`: notes that members were told.
///
/// # Errors
/// `Unprocessable` for a way or time that is none, and where nobody is named; the store's.
pub async fn note(
    State(state): State<AppState>,
    identity: Identity,
    At((code, id)): At<(VillageCode, SessionId)>,
    Form(fields): Fields,
) -> Result<Response, Problem> {
    let wrong = |rule: &'static str| Problem::new(Code::Unprocessable).rule(rule);
    let how = one(&fields, "how").and_then(Way::noted).ok_or_else(|| wrong("choice"))?;
    let told = one(&fields, "told").and_then(moment).ok_or_else(|| wrong("date-time"))?;
    let named = fields.iter().filter(|(name, _)| name == "person");
    let people: Vec<PersonId> = named.filter_map(|(_, person)| person.parse().ok()).collect();
    let confirmed = one(&fields, "confirmed").is_some();
    let noted = state.app().note_service((code, id), &people, (how, confirmed), told, identity.person).await?;
    Ok(Redirect::to(&format!("/v/{code}/s/{id}/service?show=unreached&noted={noted}#noted")).into_response())
}

/// What is taken back.
#[derive(Debug, Deserialize)]
pub struct Undo {
    batch: String,
    person: Option<PersonId>,
}

/// `POST /v/{code}/s/{session}/service/undo`: takes a batch back, or one person's part of it.
///
/// # Errors
/// `NotFound` where nothing of it stands; the store's.
pub async fn undo(
    State(state): State<AppState>,
    identity: Identity,
    At((code, id)): At<(VillageCode, SessionId)>,
    Form(undo): Form<Undo>,
) -> Result<Response, Problem> {
    let batch = Ulid::from_string(&undo.batch).map_err(|_| Problem::new(Code::NotFound))?;
    state.app().undo_service((code, id, batch), undo.person, identity.person).await?;
    Ok(Redirect::to(&format!("/v/{code}/s/{id}/service")).into_response())
}

/// `POST /v/{code}/s/{session}/service/duties`: keeps who does what.
///
/// # Errors
/// `Unprocessable` for a text too long; the store's.
pub async fn duties(
    State(state): State<AppState>,
    identity: Identity,
    At((code, id)): At<(VillageCode, SessionId)>,
    Form(fields): Fields,
) -> Result<Response, Problem> {
    let given: Vec<(String, String)> = fields.into_iter().filter(|(name, _)| DUTIES.contains(&name.as_str())).collect();
    state.app().note_duties(code, id, &given, identity.person).await?;
    Ok(Redirect::to(&format!("/v/{code}/s/{id}/service#duties")).into_response())
}

/// `GET /v/{code}/s/{session}/ready`: where a member tries the own key.
///
/// # Errors
/// There is no such session; the store's.
pub async fn ready(
    State(state): State<AppState>,
    visit: Visit,
    At((code, id)): At<(VillageCode, SessionId)>,
) -> Result<Response, Problem> {
    let app = state.app();
    let view = View::of(app, &visit, code).await?;
    let missing = || Problem::new(Code::NotFound);
    let session = view.state().session(id).ok_or_else(missing)?;
    let mut wanted = Wanted::default();
    rows::want_agenda(view.state(), [session], &mut wanted);
    let view = view.fetch(app, &wanted).await?;
    let session = view.state().session(id).ok_or_else(missing)?;
    let tester = match visit.person() {
        None if visit.identity.is_none() => Tester::LogsIn,
        None => Tester::Other,
        Some(person) => tester(&view, &app.register(code, id).await?, person),
    };
    let matters = session.agenda.iter().filter_map(|item| view.state().matter(item.matter));
    page(&ReadyPage {
        c: visit.c.clone(),
        place: view.place.clone(),
        id,
        body: session.body.code().to_owned(),
        at: session.starts_at,
        hall: view.hall(session),
        agenda: matters.map(|matter| view.title(matter)).collect(),
        online: session.channels.contains(&Channel::Online),
        ahead: view.state().phase(session, view.now).is_ahead(),
        home: visit.person().is_some_and(|person| session.waits_for_box(person)),
        tester,
    })
}

fn tester(view: &View<'_>, register: &Register, person: PersonId) -> Tester {
    let Some(member) = register.member(person) else { return Tester::Other };
    Tester::Member {
        no: member.no,
        name: view.name_of(person),
        confirmed: member.standing().any(|note| note.how == Way::Own.code()),
        readiness: member.readiness,
    }
}

/// `POST /v/{code}/s/{session}/ready`: a member's own "I was told".
///
/// # Errors
/// `Unprocessable` for who is no member; the store's.
pub async fn confirm(
    State(state): State<AppState>,
    visit: Visit,
    At((code, id)): At<(VillageCode, SessionId)>,
) -> Result<Response, Problem> {
    let app = state.app();
    // Whose key is not of this village is nobody here, whatever the id.
    let person = visit.person().ok_or_else(|| Problem::new(Code::NotAllowed))?;
    let register = app.register(code, id).await?;
    let member = register.member(person).ok_or_else(|| Problem::new(Code::NotAllowed))?;
    if !member.standing().any(|note| note.how == Way::Own.code()) {
        app.note_service((code, id), &[person], (Way::Own, true), app.now(), person).await?;
    }
    Ok(Redirect::to(&format!("/v/{code}/s/{id}/ready")).into_response())
}

#[cfg(test)]
mod tests {
    use super::moment;

    #[test]
    fn a_moment_is_read_as_browsers_send_it() {
        let time = moment("2026-11-25T10:02").expect("a moment");
        assert_eq!(time.to_string(), "2026-11-25T02:02:00.000Z");
        assert_eq!(moment("2026-11-25T10:02:59"), Some(time));
        for wrong in ["", "2026-11-25", "2026-11-25T24:00", "2026-11-25T10:60", "2026-11-25T1002", "2026-02-30T10:00"] {
            assert_eq!(moment(wrong), None, "{wrong}");
        }
    }
}
