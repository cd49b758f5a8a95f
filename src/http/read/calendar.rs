//! A village's calendar: what is coming and was, by month; the same for phones.

use axum::extract::{Query, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use crate::app::ics::{self, Event, When};
use crate::app::views::calendar::{Dated, What, dated};
use crate::app::views::figures::Month;
use crate::app::views::library::Wanted;
use crate::core::ids::{MatterId, VillageCode};
use crate::core::state::phase::Phase;
use crate::http::i18n::Lang;
use crate::http::pages::calendar::{CalendarPage, Day, Item};
use crate::http::pages::parts::Pager;
use crate::http::problem::Problem;
use crate::http::read::context::View;
use crate::http::read::figures::period;
use crate::http::read::frame::{At, Visit, page};
use crate::http::read::{people, rows};
use crate::http::state::AppState;

/// Things on a page of a month.
const PAGE: usize = 100;
/// Days that the calendar for phones looks ahead.
const AHEAD_DAYS: i32 = 366;
/// Most things in it.
const MOST: usize = 500;

/// Which month is looked at.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    /// `2026-11`; anything else is the month that it is.
    month: Option<String>,
    /// Page of the month, from 1.
    page: Option<usize>,
}

/// `GET /v/{code}/calendar`.
///
/// # Errors
/// There is no such village; the store can't be read now.
pub async fn show(
    State(state): State<AppState>,
    visit: Visit,
    At(code): At<VillageCode>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let app = state.app();
    let view = View::unnamed(app, &visit, code).await?;
    let today = view.now.date();
    let current = Month::of(today);
    let month = asked.month.as_deref().and_then(|text| text.parse().ok()).unwrap_or(current);
    let all = all(&view);
    let link = |month: Month| address(code, month);
    let shown: Vec<Dated> = all.iter().filter(|dated| Month::of(dated.day) == month).cloned().collect();
    let (shown, pager) = Pager::cut(shown, asked.page, PAGE, |page| format!("{}&page={page}", link(month)));
    let wanted = wanted(&view, &shown);
    let view = view.fetch(app, &wanted).await?;
    let named = |month: Month| (link(month), period(visit.c.lang, Some((month, month))));
    let before = all.iter().map(|dated| Month::of(dated.day)).filter(|other| *other < month).max();
    let after = all.iter().map(|dated| Month::of(dated.day)).filter(|other| *other > month).min();
    page(&CalendarPage {
        c: visit.c.clone(),
        place: view.place.clone(),
        month: period(visit.c.lang, Some((month, month))),
        days: days(&view, &shown),
        pager,
        earlier: before.map(named),
        later: after.map(|next| {
            let (href, words) = named(next);
            // Empty months are passed over: who goes on is told how far.
            let next_one = next == month.next();
            (href, if next_one { words } else { view.visit.c.t("calendar-then").with("month", words).to_string() })
        }),
        now: (month != current).then(|| format!("/v/{code}/calendar")),
        ics: format!("/v/{code}/calendar.ics?lang={}", visit.c.lang.code()),
    })
}

/// `GET /v/{code}/calendar.ics`: what is coming within a year, as everyone may read it.
///
/// # Errors
/// As [`show`].
pub async fn file(State(state): State<AppState>, visit: Visit, At(code): At<VillageCode>) -> Result<Response, Problem> {
    let app = state.app();
    let view = View::unnamed(app, &visit, code).await?;
    let today = view.now.date();
    let until = today.plus_days(AHEAD_DAYS);
    let mut coming = all(&view);
    coming.retain(|dated| (today..until).contains(&dated.day) && !dated.done);
    coming.truncate(MOST);
    let wanted = wanted(&view, &coming);
    let view = view.fetch(app, &wanted).await?;
    let (origin, lang) = (state.origin(), visit.c.lang);
    let events: Vec<Event> = coming
        .iter()
        .map(|dated| {
            let item = view.item(dated);
            Event {
                uid: format!("{}@{}", uid(code, dated), origin.authority()),
                when: dated.at.map_or(When::Day(dated.day), When::At),
                summary: summary(lang, &view, &item),
                description: description(lang, &item),
                location: item.hall.clone(),
                url: format!("{origin}{}", item.href),
                cancelled: item.phase == Some(Phase::Cancelled),
            }
        })
        .collect();
    let name = format!("{} {}", view.place.name, lang.t("calendar-title"));
    let text = ics::calendar(&name, view.now, &events);
    let disposition = format!("attachment; filename=\"{code}.ics\"");
    let headers = [(CONTENT_TYPE, "text/calendar; charset=utf-8"), (CACHE_CONTROL, "no-cache")];
    Ok((headers, [(CONTENT_DISPOSITION, disposition)], text).into_response())
}

fn all(view: &View<'_>) -> Vec<Dated> {
    let term = people::term(view.state(), view.now.date());
    dated(view.state(), term.map(|(_, until)| until))
}

fn address(village: VillageCode, month: Month) -> String {
    format!("/v/{village}/calendar?month={month}")
}

/// The texts that things are called by.
fn wanted(view: &View<'_>, shown: &[Dated]) -> Wanted {
    let (state, mut wanted) = (view.state(), Wanted::default());
    for dated in shown {
        rows::want_titles(dated.what.matter().and_then(|id| state.matter(id)), &mut wanted);
        if let What::Session(id) = dated.what {
            rows::want_agenda(state, state.session(id), &mut wanted);
        }
        if let What::Milestone(id, contract, index) = dated.what {
            let contract = state.matter(id).and_then(|matter| matter.contracts.get(contract));
            wanted.spoken.extend(contract.and_then(|one| one.milestones.get(index)).map(|one| one.title));
        }
    }
    wanted
}

fn days(view: &View<'_>, shown: &[Dated]) -> Vec<Day> {
    let today = view.now.date();
    let day = |of_day: &[Dated]| {
        let day = of_day.first()?.day;
        Some(Day { day, today: day == today, items: of_day.iter().map(|dated| view.item(dated)).collect() })
    };
    shown.chunk_by(|a, b| a.day == b.day).filter_map(day).collect()
}

impl View<'_> {
    /// Something of the calendar in words.
    fn item(&self, dated: &Dated) -> Item {
        let (c, code) = (&self.visit.c, self.village());
        let matter = dated.what.matter().and_then(|id| self.state().matter(id));
        let session = dated.what.session().and_then(|id| Some((id, self.state().session(id)?)));
        let late = !dated.waits.is_empty() && dated.day < self.now.date();
        let mut item = Item {
            at: dated.at,
            what: String::new(),
            about: matter.map(|matter| self.title(matter)).into_iter().collect(),
            href: dated.what.matter().map_or_else(|| format!("/v/{code}"), |id| format!("/v/{code}/m/{id}")),
            hall: None,
            phase: None,
            waits: dated.waits.iter().map(|role| role.code().to_owned()).collect(),
            times: dated.times,
            late,
            done: false,
        };
        item.what = match dated.what {
            What::Session(id) => {
                if let Some((_, session)) = session {
                    let matters = session.agenda.iter().filter_map(|item| self.state().matter(item.matter));
                    item.about = matters.map(|matter| self.title(matter)).collect();
                    item.hall = Some(self.hall(session));
                    item.phase = Some(self.state().phase(session, self.now));
                }
                item.href = format!("/v/{code}/s/{id}");
                session.map_or_else(String::new, |(_, session)| c.named("body", session.body.code()).to_string())
            }
            What::VoteEnds(..) => self.t("calendar-vote-ends"),
            What::PlanNotice(_) => self.t("calendar-plan"),
            What::ResolutionNotice(_) => self.t("calendar-resolution"),
            What::Review(_) => self.t("calendar-review"),
            What::Answer(_, kind) => c.t("calendar-answer").with("what", c.named("do", kind.code())).to_string(),
            What::Milestone(id, contract, index) => {
                item.late = !dated.done && dated.day < self.now.date();
                item.done = dated.done;
                item.about.extend(self.milestone(id, contract, index));
                self.t("calendar-milestone")
            }
            What::Turn(_, kind) => c.named("kind", kind.code()).to_string(),
            What::Term => {
                item.href = format!("/v/{code}/people");
                self.t("calendar-term")
            }
            What::Delegation => {
                item.href = format!("/v/{code}/people");
                self.t("calendar-delegation")
            }
        };
        item
    }

    fn milestone(&self, id: MatterId, contract: usize, index: usize) -> Option<String> {
        let milestone = self.state().matter(id)?.contracts.get(contract)?.milestones.get(index)?;
        Some(self.words(milestone.title))
    }
}

/// A name that stays the same as long as the thing is the same one.
fn uid(village: VillageCode, dated: &Dated) -> String {
    match dated.what {
        What::Session(id) => format!("session-{id}"),
        What::VoteEnds(session, matter) => format!("vote-{session}-{matter}"),
        What::PlanNotice(id) => format!("plan-{id}-{}", dated.day),
        What::ResolutionNotice(id) => format!("resolution-{id}"),
        What::Review(id) => format!("review-{id}-{}", dated.day),
        What::Answer(id, kind) => format!("{kind}-{id}-{}", dated.day),
        What::Milestone(id, contract, index) => format!("milestone-{id}-{contract}-{index}"),
        What::Turn(id, kind) => format!("turn-{kind}-{id}-{}", dated.day),
        What::Term => format!("term-{village}-{}", dated.day),
        What::Delegation => format!("delegation-{village}-{}", dated.day),
    }
}

/// What a phone shows in its list: what it is, about what, in which village.
fn summary(lang: Lang, view: &View<'_>, item: &Item) -> String {
    let about = item.about.join(&lang.t("list-comma").to_string());
    let what = if about.is_empty() { item.what.clone() } else { format!("{}{}{about}", item.what, lang.t("colon")) };
    format!("{what} · {}", view.place.name)
}

fn description(lang: Lang, item: &Item) -> String {
    let mut lines = Vec::new();
    if item.times > 1 {
        lines.push(lang.t("calendar-times").with("n", item.times).to_string());
    }
    if !item.waits.is_empty() {
        let roles: Vec<String> = item.waits.iter().map(|role| lang.named("role", role).to_string()).collect();
        lines.push(format!("{}{}", lang.t("calendar-waits"), roles.join(&lang.t("list-or").to_string())));
    }
    lines.extend(item.phase.map(|phase| lang.named("session", phase.code()).to_string()));
    lines.join("\n")
}
