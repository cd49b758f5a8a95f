//! The door of a session as those see it who keep it: the list, what changes on it, what they can sign.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::app::App;
use crate::app::cards::{door_mark, is_revoked};
use crate::app::door::{Door, Noted};
use crate::app::error::AppError;
use crate::app::forms::draft::{alternative, role_of};
use crate::app::forms::{About, Actor, compute};
use crate::core::act::session::AgendaItem;
use crate::core::act::{Act, Kind};
use crate::core::clock::Time;
use crate::core::ids::{Digest, MatterId, PersonId, PublicKey, SessionId, VillageCode};
use crate::core::model::{Channel, QuestionCode, Role};
use crate::core::state::State as Village;
use crate::core::state::session::{Attendance, Session};
use crate::core::state::voting::{Voting, VotingStatus};
use crate::core::statement::Statement;
use crate::http::act::who;
use crate::http::problem::{Code, Problem};
use crate::http::read::ballots;
use crate::http::read::context::View;
use crate::http::session::Identity;

/// What is signed at the door.
const KINDS: [Kind; 2] = [Kind::AttendanceRecorded, Kind::PaperIssued];
/// Most half-signed statements of the village that are looked through for those of this door.
const MOST_WAITING: u64 = 500;
/// Most cards looked at, the newest: several for each of 2,000 people.
const MOST_CARDS: u64 = 10_000;

/// What changes while the page is open.
#[derive(Debug, Clone, Serialize)]
pub struct Live {
    /// Entries of the record that it is of.
    size: u64,
    /// The server's time.
    now: Time,
    /// Whether members can be signed in now.
    open: bool,
    /// From when.
    opens: Time,
    eligible: u32,
    present: usize,
    quorum: Option<u64>,
    /// Members who are there.
    there: Vec<There>,
    /// Members who were there and left.
    left: Vec<u32>,
    /// Members recused in some matter.
    recused: Vec<u32>,
    /// Votes that are open and take paper.
    votes: Vec<Vote>,
    /// Statements of this door that wait for a signature.
    waiting: Vec<Waiting>,
    /// What is noted beside the record.
    notes: Vec<NoteLine>,
}

#[derive(Debug, Clone, Serialize)]
struct There {
    no: u32,
    /// By phone, not in the hall.
    online: bool,
    /// Index of the entry.
    since: u64,
}

#[derive(Debug, Clone, Serialize)]
struct Vote {
    matter: MatterId,
    question: QuestionCode,
    words: String,
    /// Whether its papers bear names.
    named_papers: bool,
    /// The entry that opened it.
    basis: Digest,
    closes_at: Time,
    /// Who may be handed a paper.
    may: Vec<u32>,
    /// Who has one.
    issued: Vec<u32>,
    /// Who has voted otherwise, never what.
    voted: Vec<u32>,
    /// A ballot may have been cast that is not on record: somebody who watches signs for each paper.
    watched: bool,
}

#[derive(Debug, Clone, Serialize)]
struct Waiting {
    statement: Digest,
    /// `attendance.recorded` or `paper.issued`.
    kind: &'static str,
    present: Vec<u32>,
    left: Vec<u32>,
    voters: Vec<u32>,
    matter: Option<MatterId>,
    question: Option<QuestionCode>,
    /// Names of those who have not signed.
    for_names: Vec<String>,
    /// The reader is one of them.
    mine: bool,
}

#[derive(Debug, Clone, Serialize)]
struct NoteLine {
    #[serde(flatten)]
    noted: Noted,
    /// Names of those who noted it.
    by: Vec<String>,
    /// The reader did.
    mine: bool,
    /// Two people did who are not near kin.
    two: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<String>,
}

/// What the reader can sign of a kind, and with whom.
#[derive(Debug, Clone, Serialize)]
pub struct CanSign {
    person: PersonId,
    role: Role,
    key: PublicKey,
    /// The place of the reader among the two.
    place: usize,
    /// The entry that it rests on; none for papers, where it is the vote's.
    basis: Option<Digest>,
    /// Who can sign beside the reader.
    others: Vec<Other>,
}

#[derive(Debug, Clone, Serialize)]
struct Other {
    person: PersonId,
    name: String,
    role: Role,
    /// The role in the reader's language.
    role_name: String,
    /// May sign for the paper of who has voted otherwise already.
    watches: bool,
    keys: Vec<OtherKey>,
}

#[derive(Debug, Clone, Serialize)]
struct OtherKey {
    key: PublicKey,
    card: bool,
}

/// The door, as one of those sees it who keep it.
pub struct Keeper<'v> {
    view: &'v View<'v>,
    id: SessionId,
    session: &'v Session,
    actors: BTreeMap<Kind, Actor>,
}

/// Whether a person keeps a session's door: may sign there, but not merely as a voter for the own paper.
#[must_use]
pub fn keeps_door(state: &Village, id: SessionId, person: PersonId, now: Time) -> bool {
    KINDS.iter().any(|kind| role(state, id, *kind, person, now).is_some())
}

fn role(state: &Village, id: SessionId, kind: Kind, person: PersonId, now: Time) -> Option<Role> {
    let about = About { session: Some(id), ..About::new(state.village, kind) };
    who::roles_for(state, &about, person, now).into_iter().find(|role| *role != Role::Voter)
}

impl<'v> Keeper<'v> {
    /// The door for this reader.
    ///
    /// # Errors
    /// `NotFound` for no such session; `NotAllowed` for who doesn't keep its door; the store's.
    pub async fn of(app: &App, view: &'v View<'v>, identity: &Identity, id: SessionId) -> Result<Self, Problem> {
        let state = view.state();
        let session = state.session(id).ok_or_else(|| Problem::new(Code::NotFound))?;
        let mut actors = BTreeMap::new();
        for kind in KINDS {
            if let Some(role) = role(state, id, kind, identity.person, view.now) {
                let about = About { session: Some(id), ..About::new(state.village, kind) };
                actors.insert(kind, who::actor(app, identity, state, &about, Some(role)).await?);
            }
        }
        if actors.is_empty() {
            return Err(Problem::new(Code::NotAllowed));
        }
        Ok(Self { view, id, session, actors })
    }

    /// The session.
    #[must_use]
    pub fn session(&self) -> &'v Session {
        self.session
    }

    /// Whether the reader acts as the clerk here.
    #[must_use]
    pub fn is_clerk(&self) -> bool {
        self.actors.values().any(|actor| actor.role == Role::Clerk)
    }

    /// The key with which the reader signs here.
    #[must_use]
    pub fn key(&self) -> Option<PublicKey> {
        self.actors.values().map(|actor| actor.key).next()
    }

    fn name(&self, person: PersonId) -> String {
        self.view.names.get(&person).cloned().unwrap_or_default()
    }

    /// What the reader can sign, by kind.
    #[must_use]
    pub fn signing(&self) -> BTreeMap<&'static str, CanSign> {
        self.actors.iter().filter_map(|(kind, actor)| Some((kind.code(), self.can_sign(*kind, actor)?))).collect()
    }

    fn can_sign(&self, kind: Kind, actor: &Actor) -> Option<CanSign> {
        let (state, now) = (self.view.state(), self.view.now);
        let about = About { session: Some(self.id), ..About::new(state.village, kind) };
        let (way, place) = alternative(state, kind, actor.role, now)?;
        let asked = way.iter().enumerate().find(|(nth, _)| *nth != place).map(|(_, roles)| roles)?;
        // A voter who signs for the own paper does so on the form: here one list is of many.
        let roles: Vec<Role> = asked.iter().copied().filter(|role| *role != Role::Voter).collect();
        let apart = |person: &&PersonId| **person != actor.person && !state.people.are_kin(**person, actor.person);
        let other = |person: &PersonId| {
            let role = role_of(state, &about, *person, &roles, now)?;
            let own = state.people.keys.iter().filter(|(_, key)| key.person == *person && !key.revoked);
            let mut keys: Vec<_> = own.collect();
            keys.sort_by_key(|(_, key)| std::cmp::Reverse(key.enrolled));
            let keys = keys.into_iter();
            Some(Other {
                person: *person,
                name: self.name(*person),
                role,
                role_name: self.view.visit.c.named("role", role.code()).to_string(),
                watches: matches!(role, Role::SupervisionCommittee | Role::TownshipDisciplineOfficer),
                keys: keys.map(|(public, key)| OtherKey { key: *public, card: key.kind.code() == "card" }).collect(),
            })
        };
        let others = state.people.persons.keys().filter(apart).filter_map(other);
        Some(CanSign {
            person: actor.person,
            role: actor.role,
            key: actor.key,
            place,
            basis: (kind == Kind::AttendanceRecorded).then(|| compute::basis(state, &about)).flatten(),
            others: others.filter(|other| !other.keys.is_empty()).collect(),
        })
    }

    /// What changes while the page is open.
    ///
    /// # Errors
    /// The store's.
    pub async fn live(&self, app: &App, reader: PersonId) -> Result<Live, Problem> {
        let (view, session) = (self.view, self.session);
        let door = app.door(view.village(), self.id).await?;
        let there = session.attendance.iter().filter(|(_, member)| member.there);
        let left = session.attendance.iter().filter(|(_, member)| !member.there);
        let recused: BTreeSet<u32> = session.recused.iter().map(|(_, no)| *no).collect();
        Ok(Live {
            size: view.state().size(),
            now: view.now,
            open: session.is_live() && view.now >= session.door(),
            opens: session.door(),
            eligible: session.eligible(),
            present: session.there().len(),
            quorum: view.session_rule(session).map(|rule| rule.quorum_needed),
            there: there
                .map(|(no, member)| There { no: *no, online: is_online(member), since: member.since })
                .collect(),
            left: left.map(|(no, _)| *no).collect(),
            recused: recused.into_iter().collect(),
            votes: self.votes(),
            waiting: self.waiting(app, reader).await?,
            notes: self.notes(door, reader),
        })
    }

    fn votes(&self) -> Vec<Vote> {
        let open = |voting: &Voting| {
            let paper = voting.opening.channels.contains(&Channel::Paper);
            paper && voting.status == VotingStatus::Open && self.view.now < voting.opening.closes_at
        };
        let vote = |(matter, question): &(MatterId, QuestionCode), voting: &Voting| {
            let hall = |no: &u32| self.session.attendance.get(no).is_some_and(|member| member.hall.is_some());
            let item = self.session.item(*matter)?;
            let all = ballots::asked(self.view, self.session, item);
            let words = all.iter().find(|asked| asked.is(question)).map(|asked| asked.words(self.view));
            Some(Vote {
                matter: *matter,
                question: question.clone(),
                words: words.unwrap_or_default(),
                named_papers: voting.opening.named_papers,
                basis: voting.opened.leaf,
                closes_at: voting.opening.closes_at,
                may: voting.present.difference(&voting.recused).copied().filter(hall).collect(),
                issued: voting.paper_issued.iter().copied().collect(),
                voted: voting.counting_voters().into_iter().collect(),
                watched: voting.opening.channels.contains(&Channel::Kiosk) || voting.missing().next().is_some(),
            })
        };
        let votings = self.session.votings.iter().filter(|(_, voting)| open(voting));
        votings.filter_map(|(key, voting)| vote(key, voting)).collect()
    }

    async fn waiting(&self, app: &App, reader: PersonId) -> Result<Vec<Waiting>, Problem> {
        let (village, now) = (self.view.village(), self.view.now);
        let rows = app.db().read("half_signed_in", |tx| Box::pin(tx.half_signed_in(village, now, MOST_WAITING))).await;
        let mut waiting = Vec::new();
        for row in rows.map_err(AppError::Store)? {
            let Some(kind) = KINDS.iter().find(|kind| kind.code() == row.kind) else { continue };
            let Ok(statement) = Statement::parse(&row.payload) else { continue };
            if statement.session != Some(self.id) {
                continue;
            }
            let (present, left, voters) = match statement.act {
                Act::AttendanceRecorded(act) => (act.present, act.left, Vec::new()),
                Act::PaperIssued(act) => (Vec::new(), Vec::new(), act.voters),
                _ => continue,
            };
            waiting.push(Waiting {
                statement: row.statement,
                kind: kind.code(),
                present,
                left,
                voters,
                matter: statement.matter,
                question: statement.question,
                for_names: row.waits_for.iter().map(|person| self.name(*person)).collect(),
                mine: row.waits_for.contains(&reader),
            });
        }
        Ok(waiting)
    }

    fn notes(&self, door: Door, reader: PersonId) -> Vec<NoteLine> {
        let people = &self.view.state().people;
        let line = |note: crate::app::door::Note| NoteLine {
            two: note.is_by_two(people),
            by: note.by.iter().map(|(person, _)| self.name(*person)).collect(),
            mine: note.by.iter().any(|(person, _)| *person == reader),
            noted: note.noted,
            words: note.words,
        };
        door.notes.into_iter().map(line).collect()
    }

    /// Marks of members' cards in use, by roster number. For the clerk only: they tell whose card was scanned.
    ///
    /// # Errors
    /// The store's.
    pub async fn cards(&self, app: &App) -> Result<BTreeMap<u32, Vec<String>>, Problem> {
        let mut found: BTreeMap<u32, Vec<String>> = BTreeMap::new();
        if !self.is_clerk() {
            return Ok(found);
        }
        let (village, state) = (self.view.village(), self.view.state());
        let cards = app.db().read("cards", |tx| Box::pin(tx.cards(village, MOST_CARDS))).await;
        let numbers: BTreeMap<PersonId, u32> = self.session.roster.iter().map(|(no, person)| (*person, *no)).collect();
        for card in cards.map_err(AppError::Store)? {
            let enrolled = card.public_key.is_some_and(|key| state.people.keys.contains_key(&key));
            let no = card.person.and_then(|person| numbers.get(&person));
            if let Some(no) = no.filter(|_| enrolled && !is_revoked(&card, state)) {
                found.entry(*no).or_default().push(door_mark(&card.card, self.id));
            }
        }
        Ok(found)
    }

    /// How a member stands, in a word of `door-row-<code>`.
    #[must_use]
    pub fn state_of(&self, no: u32) -> &'static str {
        match self.session.attendance.get(&no) {
            None => "away",
            Some(member) if !member.there => "left",
            Some(member) if is_online(member) => "online",
            Some(_) => "hall",
        }
    }
}

fn is_online(member: &Attendance) -> bool {
    member.channel == Channel::Online
}

/// Notes as the minutes say them: numbers only.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NotedInMinutes {
    /// Members who were called by name and seen by two people.
    pub seen: Vec<u32>,
    /// Members there by phone now, or when it ended, for whom that is not noted.
    pub unseen: Vec<u32>,
    /// Voters for whom a scribe wrote.
    pub scribes: Vec<u32>,
    /// Observers.
    pub observers: Vec<String>,
    /// Spoiled papers that two people saw, by question.
    pub spoiled: BTreeMap<(MatterId, QuestionCode), u64>,
}

impl NotedInMinutes {
    /// Spoiled papers of each question of an agenda item, in the page's order.
    #[must_use]
    pub fn spoiled_of(&self, view: &View<'_>, session: &Session, item: &AgendaItem) -> Vec<Option<u64>> {
        let asked = ballots::asked(view, session, item);
        asked.iter().map(|asked| self.spoiled.get(&(item.matter, asked.code().clone())).copied()).collect()
    }
}

/// What the notes of a session come to.
///
/// # Errors
/// The store's.
pub async fn noted(
    app: &App,
    state: &Village,
    village: VillageCode,
    id: SessionId,
    session: &Session,
) -> Result<NotedInMinutes, Problem> {
    let mut all = NotedInMinutes::default();
    let mut seen = BTreeSet::new();
    for note in app.door(village, id).await?.notes {
        let two = note.is_by_two(&state.people);
        match note.noted {
            Noted::Called { no, .. } if two => {
                seen.insert(no);
            }
            Noted::Spoiled { matter, question, .. } if two => *all.spoiled.entry((matter, question)).or_default() += 1,
            Noted::Called { .. } | Noted::Spoiled { .. } => {}
            Noted::Scribe { no } => all.scribes.push(no),
            Noted::Observer { .. } => all.observers.extend(note.words),
        }
    }
    let online = session.attendance.iter().filter(|(_, member)| member.there && is_online(member));
    all.unseen = online.map(|(no, _)| *no).filter(|no| !seen.contains(no)).collect();
    all.seen = seen.into_iter().collect();
    all.scribes.sort_unstable();
    Ok(all)
}
