//! Linked households: a representative's own list and what is noted of it; numbers for clerk and supervision committee.

use std::collections::BTreeMap;

use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use ulid::Ulid;

use crate::app::error::AppError;
use crate::app::households::{self, Days, Home, Sums, What};
use crate::app::views::library::Wanted;
use crate::core::act::Kind;
use crate::core::ids::{MatterId, PersonId, VillageCode};
use crate::core::model::{Role, Stage};
use crate::core::state::matter::Matter;
use crate::core::{offers, tasks};
use crate::http::act::begin;
use crate::http::pages::households::{Chosen, HomeRow, HouseholdsPage, KeeperRow, Noting};
use crate::http::problem::{Code, Problem};
use crate::http::read::context::View;
use crate::http::read::frame::{At, Visit, page};
use crate::http::read::rows;
use crate::http::session::Identity;
use crate::http::state::AppState;

/// Most matters that can be chosen, the newest of those with something to do before the others.
const MOST_MATTERS: usize = 30;

/// What of the page is asked for.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    matter: Option<MatterId>,
    /// The household that is to be renamed or taken off.
    household: Option<String>,
}

/// `GET /v/{code}/households`.
///
/// # Errors
/// There is no such village or matter; the store's.
pub async fn show(
    State(state): State<AppState>,
    visit: Visit,
    At(code): At<VillageCode>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    shown(&state, &visit, code, &asked, None).await
}

async fn shown(
    state: &AppState,
    visit: &Visit,
    code: VillageCode,
    asked: &Asked,
    wrong: Option<(String, String)>,
) -> Result<Response, Problem> {
    let app = state.app();
    let view = View::of(app, visit, code).await?;
    let listed = listed(&view, asked.matter);
    let mut wanted = Wanted::default();
    rows::want_titles(listed.iter().filter_map(|id| view.state().matter(*id)), &mut wanted);
    let view = view.fetch(app, &wanted).await?;
    let chosen = match asked.matter.or(listed.first().copied()) {
        Some(id) => Some((id, matter(&view, id)?)),
        None => None,
    };
    let own = visit.person().filter(|person| households::keeps(view.state(), *person, view.now.date()));
    let homes = match own {
        Some(person) => Some(app.households(code, person).await?),
        None => None,
    };
    let talks = match own.zip(chosen) {
        Some((person, (id, matter))) => app.talks(code, person, (id, matter.round)).await?,
        None => BTreeMap::new(),
    };
    let sums = app.household_sums(code, chosen).await?;
    let watches = visit.roles(code).iter().any(|role| matches!(role, Role::Clerk | Role::SupervisionCommittee));
    let (wrong, typed) = wrong.map_or((None, String::new()), |(words, typed)| (Some(words), typed));
    let title = |id: &MatterId| Some((*id, view.title(view.state().matter(*id)?)));
    page(&HouseholdsPage {
        c: visit.c.clone(),
        place: view.place.clone(),
        own: homes.map(|homes| homes.into_iter().map(|home| row(&view, chosen, &talks, home)).collect()),
        keepers: watches.then(|| keepers(&view, &sums)),
        matters: listed.iter().filter_map(title).collect(),
        chosen: chosen.map(|(id, matter)| chosen_matter(&view, id, matter, own, &sums)),
        edits: asked.household.as_deref().and_then(|id| Ulid::from_string(id).ok()),
        wrong,
        typed,
    })
}

fn matter<'v>(view: &'v View<'_>, id: MatterId) -> Result<&'v Matter, Problem> {
    view.state().matter(id).ok_or_else(|| Problem::new(Code::NotFound))
}

/// Matters that can be chosen: those with something to do, then others on their way to a vote, the newest first.
fn listed(view: &View<'_>, asked: Option<MatterId>) -> Vec<MatterId> {
    let state = view.state();
    let rank = |id: MatterId, matter: &Matter| match households::due(state, id, matter, view.now) {
        Some(What::Asked) => Some(0),
        Some(What::Told) => Some(1),
        None if Some(id) == asked => Some(2),
        None => matches!(matter.stage(), Some(Stage::Filing | Stage::Ballot)).then_some(2),
    };
    let all = state.matters.iter();
    let mut ranked: Vec<_> = all.filter_map(|(id, matter)| Some((rank(*id, matter)?, *id))).collect();
    ranked.sort_by_key(|(rank, id)| (Some(*id) != asked && *rank > 1, *rank, std::cmp::Reverse(*id)));
    ranked.into_iter().map(|(_, id)| id).take(MOST_MATTERS).collect()
}

fn row(view: &View<'_>, chosen: Option<(MatterId, &Matter)>, talks: &BTreeMap<What, Days>, home: Home) -> HomeRow {
    let day = |what: What| talks.get(&what).and_then(|days| days.get(&home.id)).copied();
    HomeRow {
        asked: day(What::Asked),
        told: day(What::Told),
        counts: chosen.is_some_and(|(_, matter)| households::counts(matter, &home, view.now)),
        id: home.id,
        label: home.label,
        group: home.group,
    }
}

/// Every representative in numbers. What households are called is no part of it.
fn keepers(view: &View<'_>, sums: &BTreeMap<PersonId, Sums>) -> Vec<KeeperRow> {
    let holders = view.state().people.holders(Role::Representative, view.now.date());
    let row = |person: PersonId| KeeperRow {
        name: view.name_of(person),
        sums: sums.get(&person).copied().unwrap_or_default(),
    };
    holders.map(row).collect()
}

/// The numbers of all representatives together.
fn total(sums: &BTreeMap<PersonId, Sums>) -> Sums {
    sums.values().fold(Sums::default(), |all, one| Sums {
        homes: all.homes + one.homes,
        asked: all.asked + one.asked,
        told: all.told + one.told,
    })
}

fn chosen_matter(
    view: &View<'_>,
    id: MatterId,
    matter: &Matter,
    own: Option<PersonId>,
    sums: &BTreeMap<PersonId, Sums>,
) -> Chosen {
    let until = households::result(matter).map(households::told_until);
    let noting = |what: What| {
        let days = households::days(matter, what, view.now.date())?;
        Some(Noting { what, days, until: until.filter(|_| what == What::Told) })
    };
    let all = total(sums);
    let asked = own.map_or(all.asked, |person| sums.get(&person).map_or(0, |own| own.asked));
    Chosen {
        id,
        title: view.title(matter),
        notings: What::ALL.into_iter().filter_map(noting).collect(),
        all,
        visits: visits(view, id, asked),
    }
}

/// The form by which opinions of visits are entered, for who may: matter and number of households stand in it already.
fn visits(view: &View<'_>, id: MatterId, asked: u64) -> Option<String> {
    let (state, person) = (view.state(), view.visit.person()?);
    let offers = offers::of_matter(state, id, view.now).into_iter();
    let mut steps = tasks::tasks(state).into_iter().filter(|task| task.matter == Some(id)).chain(offers);
    let step = steps.find(|step| step.kind == Kind::VisitsRecorded)?;
    let href = begin::href(state, &step, person, view.now)?;
    Some(if asked > 0 { format!("{href}&households={asked}") } else { href })
}

/// One of the page's forms, of whose fields some come several times.
struct Sent(Vec<(String, String)>);

impl Sent {
    fn one(&self, name: &str) -> Option<&str> {
        let value = self.0.iter().find(|(field, _)| field == name).map(|(_, value)| value.trim());
        value.filter(|value| !value.is_empty())
    }

    fn households(&self) -> Vec<Ulid> {
        let named = self.0.iter().filter(|(field, _)| field == "household");
        named.filter_map(|(_, id)| Ulid::from_string(id).ok()).collect()
    }

    fn household(&self) -> Result<Ulid, Problem> {
        self.households().first().copied().ok_or_else(|| Problem::new(Code::NotFound))
    }

    /// A group; a number that is none comes out beyond all groups.
    fn group(&self) -> Option<u64> {
        self.one("group").map(|group| group.parse().unwrap_or(u64::MAX))
    }

    fn noting(&self) -> Result<(MatterId, What), Problem> {
        let what = self.one("what").and_then(What::parse);
        let matter = self.one("matter").and_then(|id| id.parse().ok());
        matter.zip(what).ok_or_else(|| Problem::new(Code::BadRequest))
    }
}

/// `POST /v/{code}/households`: takes one of the page's forms.
///
/// # Errors
/// `BadRequest` for what none of them sends; `NotFound` for what is not on the reader's own list; the store's.
pub async fn change(
    State(state): State<AppState>,
    visit: Visit,
    identity: Identity,
    At(code): At<VillageCode>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let (app, person, sent) = (state.app(), identity.person, Sent(fields));
    let label = sent.one("label").unwrap_or_default();
    let mut typed = String::new();
    let outcome = match sent.one("do") {
        Some("add") => {
            label.clone_into(&mut typed);
            app.add_households(code, person, label, sent.group()).await.map(|_| "list")
        }
        Some("rename") => {
            let id = sent.household()?;
            app.rename_household(code, person, id, label, sent.group()).await.map(|()| "list")
        }
        Some("remove") if sent.one("sure").is_none() => {
            Err(AppError::Invalid { field: "sure", reason: "household-sure" })
        }
        Some("remove") => app.remove_household(code, person, sent.household()?).await.map(|()| "list"),
        Some("note") => {
            let about = sent.noting()?;
            match sent.one("held_on").and_then(|day| day.parse().ok()) {
                Some(day) => app.note_talks(code, person, about, day, &sent.households()).await.map(|_| "talks"),
                None => Err(AppError::Invalid { field: "held_on", reason: "household-day" }),
            }
        }
        Some("undo") => app.undo_talk(code, person, sent.noting()?, sent.household()?).await.map(|()| "talks"),
        _ => return Err(Problem::new(Code::BadRequest)),
    };
    let matter: Option<MatterId> = sent.one("matter").and_then(|id| id.parse().ok());
    match outcome {
        Ok(part) => {
            let matter = matter.map(|id| format!("?matter={id}")).unwrap_or_default();
            Ok(Redirect::to(&format!("/v/{code}/households{matter}#{part}")).into_response())
        }
        Err(AppError::Invalid { reason, .. }) => {
            let words = visit.c.named("invalid", reason).to_string();
            let household = sent.one("household").filter(|_| sent.one("do") != Some("note")).map(str::to_owned);
            shown(&state, &visit, code, &Asked { matter, household }, Some((words, typed))).await
        }
        Err(error) => Err(error.into()),
    }
}
