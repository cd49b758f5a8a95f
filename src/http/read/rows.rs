//! Matters and sessions in lists: title, where it stands, what comes next.

use crate::app::views::library::Wanted;
use crate::core::act::Kind;
use crate::core::clock::Time;
use crate::core::ids::{Digest, MatterId, SessionId};
use crate::core::model::{self, Channel, Stage};
use crate::core::state::State;
use crate::core::state::matter::{Matter, Standing};
use crate::core::state::phase::Phase;
use crate::core::state::session::Session;
use crate::core::state::voting::{Voting, VotingStatus};
use crate::core::table;
use crate::http::pages::parts::{Emblem, MatterRow, Next, Outcome, Place, SessionRow};
use crate::http::read::context::View;

/// Characters of a suggestion that stand for a title until the branch gives one.
const FIRST_WORDS: usize = 24;

/// The document that a matter is called by.
#[must_use]
pub fn title_doc(matter: &Matter) -> Option<Digest> {
    let proposed = matter.proposal.as_ref().map(|proposal| proposal.title.sha256);
    proposed.or_else(|| matter.suggestions.first().map(|suggestion| suggestion.text.sha256))
}

/// Notes the titles of matters as wanted.
pub fn want_titles<'a>(matters: impl IntoIterator<Item = &'a Matter>, wanted: &mut Wanted) {
    wanted.spoken.extend(matters.into_iter().filter_map(title_doc));
}

/// Number of a stage, 1 to 6.
#[must_use]
pub fn number(stage: Stage) -> u8 {
    match stage {
        Stage::Suggestion => 1,
        Stage::Proposal => 2,
        Stage::Consultation => 3,
        Stage::Filing => 4,
        Stage::Ballot => 5,
        Stage::Supervision => 6,
    }
}

/// The stage a matter stands at, or stood at when it ended: the furthest that one of its papers in force has opened.
#[must_use]
pub fn reached(matter: &Matter) -> u8 {
    let opened = |kind: Kind| match kind {
        Kind::MinutesSigned if matter.ballots_decided.values().all(|passed| *passed) => Some(Stage::Supervision),
        Kind::EmergencyDecided => Some(Stage::Ballot),
        kind => table::row(kind).moves,
    };
    match matter.standing {
        Standing::At(stage) => number(stage),
        Standing::Ended(model::Outcome::Finished) => 6,
        Standing::Ended(model::Outcome::Rejected) => 5,
        Standing::Ended(_) => matter.papers.iter().filter_map(|(kind, _)| opened(kind)).map(number).max().unwrap_or(1),
    }
}

/// The votes on a matter in a session that is under way.
fn live_votings(state: &State, id: MatterId) -> impl Iterator<Item = &Voting> {
    let sessions = state.sessions.values().filter(|session| session.is_live());
    let votings = sessions.flat_map(|session| &session.votings);
    votings.filter(move |((matter, _), _)| *matter == id).map(|(_, voting)| voting.as_ref())
}

/// The session to come or under way that has a matter on its agenda.
#[must_use]
pub fn live_session(state: &State, id: MatterId) -> Option<(SessionId, &Session)> {
    let sessions = state.sessions.iter().filter(|(_, session)| session.is_live() && session.item(id).is_some());
    sessions.map(|(id, session)| (*id, session.as_ref())).min_by_key(|(_, session)| session.starts_at)
}

/// How a matter stands, in a word.
#[must_use]
pub fn outcome(state: &State, id: MatterId, matter: &Matter) -> Outcome {
    match matter.standing {
        Standing::Ended(outcome) => match outcome {
            model::Outcome::Finished => Outcome::Completed,
            model::Outcome::Rejected => Outcome::Rejected,
            model::Outcome::Withdrawn => Outcome::Withdrawn,
            model::Outcome::Declined => Outcome::Declined,
            model::Outcome::Merged => Outcome::Merged,
            model::Outcome::Disclosed => Outcome::Disclosed,
            model::Outcome::Annulled => Outcome::Annulled,
        },
        Standing::At(Stage::Supervision) => Outcome::Passed,
        Standing::At(Stage::Ballot) => {
            let session = live_session(state, id).map(|(_, session)| session);
            let voided = live_votings(state, id).any(|voting| voting.status == VotingStatus::Voided);
            let (planned, decided) = (session.is_some(), session.is_some_and(|session| is_decided(state, id, session)));
            match () {
                () if voided => Outcome::Voided,
                () if decided => Outcome::Voted,
                () if !planned && matter.without_quorum > 0 => Outcome::NoQuorum,
                () => Outcome::Underway,
            }
        }
        Standing::At(Stage::Filing) => {
            let asked = matter.open.values().any(|point| point.kind == Kind::SupplementRequested);
            if asked { Outcome::Paused } else { Outcome::Underway }
        }
        Standing::At(Stage::Suggestion | Stage::Proposal | Stage::Consultation) => {
            // A step back after a result was a change asked for, not a return by the township.
            let changed = matter.results.iter().any(|result| result.round + 1 == matter.round);
            let sent_back = matter.returned > 0 && !changed && matter.settled.is_none();
            if sent_back { Outcome::Returned } else { Outcome::Underway }
        }
    }
}

/// What comes next for a matter.
#[must_use]
pub fn next(state: &State, id: MatterId, matter: &Matter, now: Time) -> Next {
    let stage = match matter.standing {
        Standing::Ended(_) => return Next::EndedOn(matter.updated.time.date()),
        Standing::At(stage) => stage,
    };
    let notice = match stage {
        Stage::Consultation => matter.plan_notice,
        Stage::Supervision => matter.resolution_notice,
        Stage::Suggestion | Stage::Proposal | Stage::Filing | Stage::Ballot => None,
    };
    if let Some(notice) = notice.filter(|notice| now < notice.ends) {
        return Next::NoticeUntil(notice.ends.last_day());
    }
    let waits = matter.open.values().any(|point| point.kind == Kind::SupplementRequested);
    match (stage, matter.filing_due) {
        (Stage::Filing, Some(due)) if !waits && now >= due => Next::Overdue(due.last_day()),
        (Stage::Filing, Some(due)) if !waits => Next::DueBy(due.last_day()),
        (Stage::Ballot, _) => {
            let open = live_votings(state, id).find(|voting| voting.status == VotingStatus::Open);
            let session = live_session(state, id).map(|(_, session)| in_session(state, id, session, now));
            open.map(|voting| Next::VotingUntil(voting.opening.closes_at)).or(session).unwrap_or(Next::None)
        }
        _ => Next::None,
    }
}

/// Whether a session has decided all that it was to decide about a matter.
fn is_decided(state: &State, id: MatterId, session: &Session) -> bool {
    session.item(id).is_some_and(|item| state.is_decided(session, item))
}

/// What comes next for a matter that a session under way or to come decides.
fn in_session(state: &State, id: MatterId, session: &Session, now: Time) -> Next {
    match state.phase(session, now) {
        _ if is_decided(state, id, session) => Next::None,
        Phase::Missed => Next::Missed(session.starts_at),
        _ => Next::Session(session.starts_at),
    }
}

impl View<'_> {
    /// What a matter is called: its title, or the first words of the suggestion.
    #[must_use]
    pub fn title(&self, matter: &Matter) -> String {
        let Some(doc) = title_doc(matter) else { return self.t("text-missing") };
        let words = self.words(doc);
        let line = words.lines().next().unwrap_or_default().trim();
        if matter.proposal.is_some() || line.chars().count() <= FIRST_WORDS {
            return line.to_owned();
        }
        line.chars().take(FIRST_WORDS).chain(['…']).collect()
    }

    /// Where a matter stands.
    #[must_use]
    pub fn emblem(&self, id: MatterId, matter: &Matter) -> Emblem {
        Emblem { stage: reached(matter), outcome: outcome(self.state(), id, matter) }
    }

    /// A matter in a list; `place` where the list spans villages.
    #[must_use]
    pub fn matter_row(&self, id: MatterId, matter: &Matter, place: Option<Place>) -> MatterRow {
        MatterRow {
            place,
            village: self.village(),
            id,
            title: self.title(matter),
            category: category(matter).to_owned(),
            amount: amount(matter),
            emblem: self.emblem(id, matter),
            next: next(self.state(), id, matter, self.now),
        }
    }

    /// A session in a list; `place` where the list spans villages.
    #[must_use]
    pub fn session_row(&self, id: SessionId, session: &Session, place: Option<Place>) -> SessionRow {
        let matters = session.agenda.iter().filter_map(|item| self.state().matter(item.matter));
        SessionRow {
            place,
            village: self.village(),
            id,
            body: session.body.code().to_owned(),
            at: session.starts_at,
            hall: self.hall(session),
            agenda: matters.map(|matter| self.title(matter)).collect(),
            phase: self.state().phase(session, self.now),
        }
    }

    /// Where a session is held.
    #[must_use]
    pub fn hall(&self, session: &Session) -> String {
        let online = session.channels.contains(&Channel::Online);
        let hall = session.channels.iter().any(|channel| *channel != Channel::Online);
        self.t(match (hall, online) {
            (true, true) => "where-both",
            (false, true) => "where-online",
            (_, false) => "where-hall",
        })
    }
}

/// Category of a matter; none before the branch proposes.
#[must_use]
pub fn category(matter: &Matter) -> &'static str {
    matter.proposal.as_ref().map_or("none", |proposal| proposal.category.code())
}

/// Money involved, where there is any.
#[must_use]
pub fn amount(matter: &Matter) -> Option<u64> {
    let settled = matter.settled.as_ref().map(|settled| settled.amount_fen);
    let fen = settled.or_else(|| matter.proposal.as_ref().map(|proposal| proposal.amount_fen));
    fen.filter(|fen| *fen > 0)
}

/// Notes what lists need of the matters on sessions' agendas.
pub fn want_agenda<'a>(state: &State, sessions: impl IntoIterator<Item = &'a Session>, wanted: &mut Wanted) {
    for session in sessions {
        want_titles(session.agenda.iter().filter_map(|item| state.matter(item.matter)), wanted);
    }
}
