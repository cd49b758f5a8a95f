//! What a terminal in the hall needs to know of a session, so that it can go on without the network: questions with their words,
//! who may vote with which keys, and what is on record. Public: nobody is named but who holds an office, and no document that isn't public is in it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::State;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::app::error::AppError;
use crate::core::act::Kind;
use crate::core::clock::Time;
use crate::core::ids::{Digest, MatterId, PersonId, PublicKey, SessionId, VillageCode};
use crate::core::judge::voting::key_is_old;
use crate::core::model::{Channel, Level, Media, OptionCode, QuestionCode, Role};
use crate::core::state::State as Village;
use crate::core::state::session::Session;
use crate::core::state::voting::{Voting, VotingStatus};
use crate::http::problem::{Code, Problem};
use crate::http::read::frame::At;
use crate::http::read::record::log_key;
use crate::http::state::AppState;

/// Who may sign beside a terminal.
const BESIDE: [Role; 4] = [Role::Clerk, Role::SupervisionCommittee, Role::Counter, Role::Scrutineer];

/// A session as a terminal needs it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Hall {
    /// The server's time, UTC.
    pub now: String,
    /// Name of the village.
    pub village_name: String,
    /// When the session begins, UTC.
    pub starts_at: String,
    /// Whether it is still to be held or under way.
    pub live: bool,
    /// Whether terminals may take ballots in it.
    pub kiosk: bool,
    /// Leaf hash of the roster's entry, once it is fixed.
    pub roster: Option<String>,
    /// Key of the village's log, as receipts are checked with.
    pub log_key: String,
    /// The registered terminals.
    pub terminals: Vec<Terminal>,
    /// Who may sign beside a terminal.
    pub people: Vec<Beside>,
    /// The roster.
    pub members: Vec<Member>,
    /// What is voted on, in the agenda's order.
    pub questions: Vec<Question>,
}

/// A registered terminal.
#[derive(Debug, Serialize, ToSchema)]
pub struct Terminal {
    /// Its number.
    pub no: u16,
    /// Its key, hex.
    pub key: String,
}

/// Somebody who may sign beside a terminal.
#[derive(Debug, Serialize, ToSchema)]
pub struct Beside {
    /// Person.
    pub person: String,
    /// Name of who holds an office, as everyone may see it.
    pub name: Option<String>,
    /// The offices that serve, first the one to sign in.
    pub roles: Vec<&'static str>,
    /// Keys in use, the newest first, hex.
    pub keys: Vec<String>,
}

/// A member on the roster.
#[derive(Debug, Serialize, ToSchema)]
pub struct Member {
    /// Roster number.
    pub no: u32,
    /// Person.
    pub person: String,
    /// Keys in use, the newest first, hex.
    pub keys: Vec<String>,
}

/// Words that the record commits to.
#[derive(Debug, Serialize, ToSchema)]
pub struct Words {
    /// The words.
    pub text: String,
    /// Salt of their commitment, hex.
    pub salt: String,
}

/// What can be chosen.
#[derive(Debug, Serialize, ToSchema)]
pub struct Choosable {
    /// The option's code.
    pub code: String,
    /// Its own words; none for the usual ones.
    pub label: Option<Words>,
}

/// A question of the agenda.
#[derive(Debug, Serialize, ToSchema)]
pub struct Question {
    /// The matter.
    pub matter: String,
    /// The question's code.
    pub question: String,
    /// What the matter is called.
    pub title: String,
    /// The question's words; none where they can't be shown to everyone.
    pub words: Option<Words>,
    /// The plan in words; none where it can't be shown to everyone.
    pub plan: Option<Words>,
    /// What it costs, in fen; 0 for nothing.
    pub amount_fen: u64,
    /// The options.
    pub options: Vec<Choosable>,
    /// The vote, once it was opened.
    pub vote: Option<Vote>,
}

/// A vote that was opened.
#[derive(Debug, Serialize, ToSchema)]
pub struct Vote {
    /// `open`, `closed` or `over`: nothing comes in any more.
    pub status: &'static str,
    /// `named` or `paper_secret`.
    pub mode: &'static str,
    /// Ways to vote.
    pub channels: Vec<&'static str>,
    /// Its opening's entry, base64.
    pub entry: String,
    /// Leaf hash of that entry: what ballots rest on.
    pub basis: String,
    /// When it was opened, UTC.
    pub opened_at: String,
    /// When it closes by itself, UTC.
    pub closes_at: String,
    /// When it closed, UTC.
    pub closed_at: Option<String>,
    /// How long deliveries go on after that.
    pub grace_minutes: u16,
    /// Who may vote.
    pub may: BTreeSet<u32>,
    /// Keys of these that are too new for it, hex.
    pub too_new: Vec<String>,
    /// Who was handed a paper.
    pub paper: BTreeSet<u32>,
    /// Whose ballot came by phone.
    pub online: BTreeSet<u32>,
    /// Revision of the latest ballot of each who voted at a terminal.
    pub kiosk: Vec<(u32, u32)>,
    /// What came from terminals.
    pub terminals: Vec<Delivered>,
}

/// What came from a terminal in a vote.
#[derive(Debug, Serialize, ToSchema)]
pub struct Delivered {
    /// The terminal.
    pub no: u16,
    /// Ballots on record.
    pub counter: u32,
    /// Statement id of the last of them, hex.
    pub last: String,
    /// Whether its seal is on record.
    pub sealed: bool,
}

/// `GET /api/v1/villages/{code}/sessions/{session}/hall`.
///
/// # Errors
/// There is no such village or session; the store can't be read now.
#[utoipa::path(
    get, path = "/api/v1/villages/{code}/sessions/{session}/hall", tag = "sessions",
    summary = "A session as a terminal in the hall needs it",
    params(("code" = String, Path, description = "12 digits"), ("session" = String, Path, description = "ULID")),
    responses((status = 200, description = "The session", body = Hall), (status = 404, description = "No such session"))
)]
pub async fn hall(
    State(state): State<AppState>,
    At((code, id)): At<(VillageCode, SessionId)>,
) -> Result<Json<Hall>, Problem> {
    let app = state.app();
    let live = app.lives().live(code).await?;
    let (village, now) = (live.state(), app.now());
    let session = village.session(id).ok_or_else(|| Problem::new(Code::NotFound))?;
    let (keys, mut questions) = (Keys::of(village), Vec::new());
    for (matter, question) in asked(village, session) {
        questions.push(question_of(app, (village, session, &keys), matter, &question).await?);
    }
    Ok(Json(Hall {
        now: now.to_string(),
        village_name: app.village_place(code).await?.name,
        starts_at: session.starts_at.to_string(),
        live: session.is_live(),
        kiosk: session.channels.contains(&Channel::Kiosk),
        roster: session.papers.paper(Kind::RosterFixed).map(|paper| paper.at.leaf.to_string()),
        log_key: log_key(&live)?,
        terminals: session.terminals.iter().map(|(no, key)| Terminal { no: *no, key: key.to_string() }).collect(),
        people: beside(village, session, &keys, &app.names(code).await?, now),
        members: session
            .roster
            .iter()
            .map(|(no, person)| Member { no: *no, person: person.to_string(), keys: keys.hex(*person) })
            .collect(),
        questions,
    }))
}

/// Every question of the agenda: those that were voted on, and those still to be asked.
fn asked(village: &Village, session: &Session) -> Vec<(MatterId, QuestionCode)> {
    let mut asked: Vec<_> = Vec::new();
    for item in &session.agenda {
        let voted = session.votings.keys().filter(|(matter, _)| *matter == item.matter).cloned();
        let settled = village.matter(item.matter).and_then(|matter| matter.settled.as_ref());
        let ballot = settled.and_then(|settled| settled.ballots.get(usize::from(item.ballot)));
        let settled = ballot.into_iter().flat_map(|ballot| &ballot.questions);
        let settled = settled.map(|question| (item.matter, question.code.clone())).filter(|_| session.is_live());
        asked.extend(voted.chain(settled).collect::<BTreeSet<_>>());
    }
    asked
}

async fn question_of(
    app: &App,
    (village, session, keys): (&Village, &Session, &Keys),
    id: MatterId,
    code: &QuestionCode,
) -> Result<Question, Problem> {
    let gone = || Problem::new(Code::NotFound);
    let matter = village.matter(id).ok_or_else(gone)?;
    let voting = session.voting_of(id, code).map(AsRef::as_ref);
    let item = session.item(id).ok_or_else(gone)?;
    let settled = matter.question(item.ballot, code);
    let title =
        voting.map(|voting| voting.opening.title).or(settled.map(|asked| asked.title.sha256)).ok_or_else(gone)?;
    let plan = voting.map(|voting| voting.opening.plan);
    let plan = plan.or_else(|| matter.settled.as_ref().map(|settled| settled.plan.sha256)).ok_or_else(gone)?;
    let (options, labels) = match (voting, settled) {
        (Some(voting), _) => (voting.opening.options.clone(), voting.opening.labels.clone()),
        (None, Some(asked)) => (asked.options.clone(), asked.labels.iter().map(|doc| doc.sha256).collect()),
        (None, None) => return Err(gone()),
    };
    let called = matter.proposal.as_ref().map(|proposal| proposal.title.sha256);
    let called = match called {
        Some(title) => words(app, village.village, title).await?.map(|words| words.text),
        None => None,
    };
    let mut choosable = Vec::new();
    for (nth, option) in options.iter().enumerate() {
        let label = match labels.get(nth) {
            Some(label) if !is_common(option) => words(app, village.village, *label).await?,
            _ => None,
        };
        choosable.push(Choosable { code: option.to_string(), label });
    }
    Ok(Question {
        matter: id.to_string(),
        question: code.to_string(),
        title: called.unwrap_or_default(),
        words: words(app, village.village, title).await?,
        plan: words(app, village.village, plan).await?,
        amount_fen: matter.settled.as_ref().map_or(0, |settled| settled.amount_fen),
        options: choosable,
        vote: match voting {
            Some(voting) => Some(vote(app, (village, session, keys), voting).await?),
            None => None,
        },
    })
}

fn is_common(option: &OptionCode) -> bool {
    [OptionCode::FOR, OptionCode::AGAINST, OptionCode::ABSTAIN].contains(&option.as_str())
}

async fn vote(
    app: &App,
    (village, session, keys): (&Village, &Session, &Keys),
    voting: &Voting,
) -> Result<Vote, Problem> {
    let (code, seq) = (village.village, voting.opened.seq);
    let entry = app.db().read("entry", |tx| Box::pin(tx.entry(code, seq))).await.map_err(AppError::Store)?;
    let entry = entry.ok_or_else(|| Problem::new(Code::Internal))?;
    let may: BTreeSet<u32> = voting.present.difference(&voting.recused).copied().collect();
    let too_new = may.iter().flat_map(|no| {
        let own = session.roster.get(no).into_iter().flat_map(|person| keys.held_by(*person));
        own.filter(|key| !key_is_old(village, session, voting, *no, key)).collect::<Vec<_>>()
    });
    let by = |channel: Channel| voting.ballots.iter().filter(move |((_, by), _)| *by == channel);
    let delivered = session.terminals.keys().map(|no| {
        let from = voting.from_terminal(*no);
        Delivered { no: *no, counter: from.counter, last: from.last.to_string(), sealed: from.sealed.is_some() }
    });
    Ok(Vote {
        status: match voting.status {
            VotingStatus::Open => "open",
            VotingStatus::Closed => "closed",
            VotingStatus::DeliveriesEnded
            | VotingStatus::BallotsOpened
            | VotingStatus::Announced
            | VotingStatus::Voided => "over",
        },
        mode: voting.opening.mode.code(),
        channels: voting.opening.channels.iter().map(|channel| channel.code()).collect(),
        entry: BASE64_STANDARD.encode(entry.bytes),
        basis: voting.opened.leaf.to_string(),
        opened_at: voting.opened.time.to_string(),
        closes_at: voting.opening.closes_at.to_string(),
        closed_at: voting.closed_at.map(|time| time.to_string()),
        grace_minutes: voting.opening.grace_minutes,
        too_new: too_new.map(ToString::to_string).collect(),
        may,
        paper: voting.paper_issued.clone(),
        online: by(Channel::Online).map(|((no, _), _)| *no).collect(),
        kiosk: by(Channel::Kiosk).map(|((no, _), cast)| (*no, cast.revision)).collect(),
        terminals: delivered.collect(),
    })
}

/// The keys of people that are in use, each person's newest first.
struct Keys(BTreeMap<PersonId, Vec<(Reverse<u64>, PublicKey)>>);

impl Keys {
    fn of(village: &Village) -> Self {
        let mut all: BTreeMap<PersonId, Vec<_>> = BTreeMap::new();
        for (public, key) in village.people.keys.iter().filter(|(_, key)| !key.revoked) {
            all.entry(key.person).or_default().push((Reverse(key.enrolled), *public));
        }
        for own in all.values_mut() {
            own.sort_unstable();
        }
        Self(all)
    }

    fn held_by(&self, person: PersonId) -> impl Iterator<Item = &PublicKey> {
        self.0.get(&person).into_iter().flatten().map(|(_, public)| public)
    }

    fn hex(&self, person: PersonId) -> Vec<String> {
        self.held_by(person).map(PublicKey::to_string).collect()
    }
}

fn beside(
    village: &Village,
    session: &Session,
    keys: &Keys,
    names: &BTreeMap<PersonId, String>,
    now: Time,
) -> Vec<Beside> {
    let holds = |person: PersonId, role: Role| match role {
        duty if duty.is_duty() => session.has_duty(person, duty),
        role => village.people.holds(person, role, now.date()),
    };
    let all = village.people.persons.keys().copied();
    let serving =
        all.map(|person| (person, BESIDE.into_iter().filter(|role| holds(person, *role)).collect::<Vec<_>>()));
    let row = |(person, roles): (PersonId, Vec<Role>)| Beside {
        person: person.to_string(),
        name: names.get(&person).cloned(),
        roles: roles.into_iter().map(Role::code).collect(),
        keys: keys.hex(person),
    };
    serving.filter(|(_, roles)| !roles.is_empty()).map(row).collect()
}

/// The words of a public document with the salt of its commitment; nothing where it isn't public, is no text or was withdrawn.
async fn words(app: &App, village: VillageCode, name: Digest) -> Result<Option<Words>, Problem> {
    match app.document(village, name).await {
        Ok((document, Some(content)))
            if document.media == Media::Text.code() && document.level == Level::Public.code() =>
        {
            let salt = hex::encode(content.salt);
            Ok(String::from_utf8(content.bytes).ok().map(|text| Words { text, salt }))
        }
        Ok(_) | Err(AppError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
