//! What the record itself supplies to a statement: basis, rosters, counts, results. Nobody types what can be computed.

use serde_json::{Map, Value, json};

use crate::app::error::AppError;
use crate::app::forms::{About, Actor, Values};
use crate::core::act::Kind;
use crate::core::act::session::AgendaItem;
use crate::core::calendar::Period;
use crate::core::clock::{Date, Time};
use crate::core::ids::{Digest, PersonId};
use crate::core::judge::session::{earliest_start, profile_of};
use crate::core::judge::village::CORRECTABLE;
use crate::core::judge::voting::{at_home, least_grace};
use crate::core::model::{Category, Channel, Mode, Outcome, Role, Stage};
use crate::core::rules::Profile;
use crate::core::state::matter::{Matter, Standing};
use crate::core::state::session::Session;
use crate::core::state::voting::Voting;
use crate::core::state::{Papers, State};
use crate::core::table::{self, BasisIn};
use crate::core::tally;

/// How long deliveries go on where terminals take ballots, in minutes.
const GRACE_OF_TERMINALS: u16 = 30;

fn gone(what: &'static str) -> AppError {
    AppError::NotFound { what }
}

/// The matter that a form is about.
pub fn matter<'a>(state: &'a State, about: &About) -> Result<&'a Matter, AppError> {
    about.matter.and_then(|id| state.matter(id)).ok_or_else(|| gone("matter"))
}

/// The session that a form is about.
pub fn session<'a>(state: &'a State, about: &About) -> Result<&'a Session, AppError> {
    about.session.and_then(|id| state.session(id)).ok_or_else(|| gone("session"))
}

/// The vote that a form is about.
pub fn voting<'a>(state: &'a State, about: &About) -> Result<&'a Voting, AppError> {
    let key = about.matter.zip(about.question.as_ref());
    let voting = key.and_then(|(matter, question)| session(state, about).ok()?.voting_of(matter, question));
    voting.map(AsRef::as_ref).ok_or_else(|| gone("voting"))
}

/// The entry that the statement must rest on: the one named, or the newest paper in force that serves.
#[must_use]
pub fn basis(state: &State, about: &About) -> Option<Digest> {
    let rule = table::row(about.kind).basis.as_ref();
    let Some(rule) = rule else { return about.basis };
    let newest = |papers: &Papers| {
        let serving = rule.kinds.iter().filter_map(|kind| papers.paper(*kind));
        serving.max_by_key(|paper| paper.at.seq).map(|paper| paper.at.leaf)
    };
    match rule.place {
        BasisIn::Open => about.basis,
        BasisIn::Matter => about.basis.or_else(|| newest(&matter(state, about).ok()?.papers)),
        BasisIn::Session => newest(&session(state, about).ok()?.papers),
        BasisIn::Question => newest(&voting(state, about).ok()?.papers),
    }
}

/// Fields that nobody types.
///
/// # Errors
/// `NotFound` for a session, matter or vote that isn't there.
pub fn computed(state: &State, about: &About, actor: &Actor, now: Time) -> Result<Map<String, Value>, AppError> {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| {
        fields.insert(name.to_owned(), value);
    };
    match about.kind {
        Kind::SuggestionEntered | Kind::ObjectionEntered | Kind::InquiryEntered | Kind::RatingEntered => {
            if matches!(actor.role, Role::Villager | Role::Representative) {
                put("source", json!("online"));
            }
        }
        Kind::RosterFixed => put("rows", json!(roster(state, session(state, about)?, now.date()))),
        Kind::AttendanceCheckedIn => {
            put("voter", json!(number_of(state, about, actor.person)?));
            put("channel", json!("online"));
        }
        Kind::AttendanceCheckedOut => put("voter", json!(number_of(state, about, actor.person)?)),
        Kind::SessionFailed => {
            let session = session(state, about)?;
            put("eligible", json!(session.eligible()));
            put("present", json!(session.there().len()));
        }
        Kind::KinDeclared if actor.role == Role::Villager => put("person", json!(actor.person)),
        Kind::DocumentWithdrawn => put("document", json!(about.document.ok_or_else(|| gone("document"))?)),
        Kind::VotingOpened => return opening(state, about, now.date()),
        Kind::ResultAnnounced => {
            let voting = voting(state, about)?;
            let profile = state.law.profile(voting.opening.profile).ok_or_else(|| gone("profile"))?;
            let result = json!(tally::result(profile, &tally::gather(voting)));
            return Ok(result.as_object().cloned().unwrap_or_default());
        }
        _ => {}
    }
    Ok(fields)
}

/// The body's members in order of their ids, numbered from 1.
fn roster(state: &State, session: &Session, date: Date) -> Vec<Value> {
    let members = state.body_members(session.body, session.group, date);
    members.into_iter().zip(1_u32..).map(|(person, no)| json!({"no": no, "person": person})).collect()
}

/// The roster number of a person in the session.
///
/// # Errors
/// `NotFound` for someone who isn't on the roster.
pub fn number_of(state: &State, about: &About, person: PersonId) -> Result<u32, AppError> {
    session(state, about)?.number_of(person).ok_or_else(|| gone("voter"))
}

fn opening(state: &State, about: &About, today: Date) -> Result<Map<String, Value>, AppError> {
    let (matter, session) = (matter(state, about)?, session(state, about)?);
    let id = about.matter.ok_or_else(|| gone("matter"))?;
    let item = session.item(id).ok_or_else(|| gone("matter"))?;
    let settled = matter.settled.as_ref().ok_or_else(|| gone("plan"))?;
    let ballot = settled.ballots.get(usize::from(item.ballot)).ok_or_else(|| gone("ballot"))?;
    let code = about.question.as_ref().ok_or_else(|| gone("question"))?;
    let question = matter.question(item.ballot, code).ok_or_else(|| gone("question"))?;
    let profile = state.law.profile(ballot.profile).ok_or_else(|| gone("profile"))?;
    let there = session.there();
    let recused = there.iter().filter(|no| session.recused.contains(&(id, **no))).count();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let secret = profile.mode == Mode::PaperSecret;
    let channels = if secret { &[Channel::Paper][..] } else { &session.channels };
    let fields = json!({
        "profile": ballot.profile,
        "mode": profile.mode,
        "title": question.title.sha256,
        "plan": settled.plan.sha256,
        "options": question.options,
        "channels": channels,
        "grace_minutes": grace(state, channels, box_goes(state, about), today),
        "eligible": session.eligible(),
        "present": tally::present(profile, count(there.len()), count(recused)),
    });
    let mut fields = fields.as_object().cloned().unwrap_or_default();
    if !question.labels.is_empty() {
        let labels: Vec<Digest> = question.labels.iter().map(|doc| doc.sha256).collect();
        fields.insert("labels".to_owned(), json!(labels));
    }
    Ok(fields)
}

/// Whether the chair may have papers named in the vote that a form opens: it is by name, and paper is a channel.
#[must_use]
pub fn may_name_papers(state: &State, about: &About) -> bool {
    let profile = session(state, about).ok().filter(|session| session.channels.contains(&Channel::Paper));
    let item = profile.and_then(|session| session.item(about.matter?));
    item.and_then(|item| profile_of(state, item)).is_some_and(|profile| profile.mode == Mode::Named)
}

/// Whether somebody waits at home for the mobile box in the vote that a form opens.
#[must_use]
pub fn box_goes(state: &State, about: &About) -> bool {
    let Some((session, matter)) = session(state, about).ok().zip(about.matter) else { return false };
    let profile = session.item(matter).and_then(|item| profile_of(state, item));
    profile.is_some_and(|profile| !at_home(session, matter, profile).is_empty())
}

/// How long deliveries go on after a closing: as short as the law allows, but where terminals take ballots long enough for a hall that
/// was cut off to be reached again, or for its terminals to be carried to where there is a network.
fn grace(state: &State, channels: &[Channel], box_goes: bool, today: Date) -> u16 {
    let least = least_grace(state, channels, box_goes, today);
    if channels.contains(&Channel::Kiosk) { least.max(GRACE_OF_TERMINALS) } else { least }
}

/// The agenda item of a matter: its first required ballot that is not decided yet.
#[must_use]
pub fn agenda_item(matter: &Matter, id: crate::core::ids::MatterId) -> Option<AgendaItem> {
    let ballots = &matter.settled.as_ref()?.ballots;
    let next = (0_u8..).take(ballots.len()).find(|index| !matter.ballots_decided.contains_key(index))?;
    let filing = matter.papers.paper(Kind::FilingFiled).or_else(|| matter.papers.paper(Kind::EmergencyDecided))?;
    Some(AgendaItem { matter: id, ballot: next, filing: filing.at.leaf })
}

/// The earliest lawful start of a session on everything that is filed.
#[must_use]
pub fn earliest(state: &State, now: Time) -> Option<Time> {
    let items = to_convene(state);
    (!items.is_empty()).then(|| earliest_start(state, &items, now))
}

fn to_convene(state: &State) -> Vec<AgendaItem> {
    filed(state).filter_map(|(id, matter)| agenda_item(matter, id)).collect()
}

/// The end of the period that a step waits for, and the period's last day as counted where that is a rest day and the
/// end therefore later; `None` for steps that wait for no period.
#[must_use]
pub fn waits_until(state: &State, about: &About, now: Time) -> Option<(Time, Option<Date>)> {
    let of_matter = || matter(state, about).ok();
    let profiles = |matter: &Matter| -> Vec<&Profile> {
        let ballots = matter.settled.iter().flat_map(|settled| &settled.ballots);
        ballots.filter_map(|ballot| state.law.profile(ballot.profile)).collect()
    };
    let (from, ends, periods): (Time, Time, Vec<Period>) = match about.kind {
        Kind::SessionConvened => {
            let items = to_convene(state);
            let profiles = items.iter().filter_map(|item| profile_of(state, item));
            (now, earliest(state, now)?, profiles.map(|profile| profile.session_notice).collect())
        }
        Kind::FilingSubmitted => {
            let notice = of_matter()?.plan_notice?;
            let periods = profiles(of_matter()?).into_iter().map(|profile| profile.plan_notice);
            (notice.at.time, notice.ends, periods.collect())
        }
        Kind::ImplementationSignedOff => {
            let notice = of_matter()?.resolution_notice?;
            let periods = profiles(of_matter()?).into_iter().map(|profile| profile.resolution_notice);
            (notice.at.time, notice.ends, periods.collect())
        }
        _ => return None,
    };
    let calendar = &state.law.calendar;
    let mut deciding = periods.into_iter().filter(|period| calendar.end_of(from, *period) == ends);
    Some((ends, deciding.find_map(|period| calendar.moved_from(from.date(), period))))
}

/// Matters that are filed and on no agenda.
pub fn filed(state: &State) -> impl Iterator<Item = (crate::core::ids::MatterId, &Matter)> {
    let planned = |id| state.sessions.values().any(|session| session.is_live() && session.item(id).is_some());
    let at_ballot = |matter: &Matter| matter.stage() == Some(crate::core::model::Stage::Ballot);
    state.matters.iter().map(|(id, matter)| (*id, matter.as_ref())).filter(move |(id, m)| at_ballot(m) && !planned(*id))
}

/// Category and amount of the matter that a form is about: proposed before, or being written now.
#[must_use]
pub fn category(state: &State, about: &About, values: &Values) -> Option<(Category, u64)> {
    let proposal = matter(state, about).ok().and_then(|matter| matter.proposal.as_ref());
    let proposed = proposal.map(|proposal| (proposal.category, proposal.amount_fen));
    proposed.or_else(|| Some((values.one("category")?.parse().ok()?, 0)))
}

/// A document with a slip of the pen may be put right: the entry that named it, and its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slip {
    /// Kind of the entry.
    pub of: Kind,
    /// Its leaf hash.
    pub leaf: Digest,
    /// The document.
    pub document: Digest,
}

/// Every document of the matter or session in which a slip may be put right.
#[must_use]
pub fn slips(state: &State, about: &About) -> Vec<Slip> {
    let mut slips = Vec::new();
    let papers = [matter(state, about).ok().map(|m| &m.papers), session(state, about).ok().map(|s| &s.papers)];
    for (of, paper) in
        papers.into_iter().flatten().flat_map(Papers::iter).filter(|(kind, _)| CORRECTABLE.contains(kind))
    {
        slips.extend(paper.documents.iter().map(|document| Slip { of, leaf: paper.at.leaf, document: *document }));
    }
    slips
}

/// Annual plans that passed, with the leaf hash of the minutes under which their budget lies.
pub fn budgets(state: &State) -> impl Iterator<Item = (Digest, &Matter)> {
    let passed = |matter: &&Matter| {
        matches!(matter.standing, Standing::At(Stage::Supervision) | Standing::Ended(Outcome::Finished))
            && matter.proposal.as_ref().is_some_and(|proposal| proposal.category == Category::M01)
    };
    let plans = state.matters.values().map(AsRef::as_ref).filter(passed);
    plans.filter_map(|matter| Some((matter.papers.paper(Kind::MinutesSigned)?.at.leaf, matter)))
}
