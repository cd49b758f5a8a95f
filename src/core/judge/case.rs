//! One statement before the judge: the checks that every kind shares, and the change as it is put together.

use std::sync::Arc;

use serde_json::Value;

use crate::core::act::village::SubstituteCause;
use crate::core::act::{Act, Kind};
use crate::core::clock::{Date, MINUTE_MS, Time};
use crate::core::ids::{Digest, MatterId, PersonId, PublicKey, SessionId};
use crate::core::judge::{Change, Part, Remark};
use crate::core::model::{Level, Outcome, QuestionCode, Role};
use crate::core::reject::{Rejection, Rule, ensure};
use crate::core::state::matter::{Matter, Standing};
use crate::core::state::people::People;
use crate::core::state::session::Session;
use crate::core::state::voting::Voting;
use crate::core::state::{Arriving, Law, OpenPoint, Paper, Position, State};
use crate::core::statement::{Signer, Statement};
use crate::core::table::{self, BasisIn, Row};

/// How far a signer's clock may run ahead of the entry's.
const AHEAD_MS: i64 = 2 * MINUTE_MS;

/// One statement before the judge.
pub(crate) struct Case<'a> {
    pub(crate) state: &'a State,
    pub(crate) statement: &'a Statement,
    pub(crate) at: Position,
    /// Date of the entry in Asia/Shanghai.
    pub(crate) date: Date,
    row: &'static Row,
    id: Digest,
    remarks: Vec<Remark>,
    parts: Vec<Part>,
}

impl<'a> Case<'a> {
    /// Opens the case: everything that the table decides.
    pub(crate) fn open(
        state: &'a State,
        statement: &'a Statement,
        id: Digest,
        at: Position,
    ) -> Result<Self, Rejection> {
        let row = table::row(statement.kind());
        let date = at.time.date();
        let mut case = Self { state, statement, at, date, row, id, remarks: Vec::new(), parts: Vec::new() };
        case.check_place()?;
        case.check_time()?;
        case.check_signers()?;
        case.check_public()?;
        case.check_matter()?;
        case.check_session()?;
        case.check_basis()?;
        Ok(case)
    }

    fn check_place(&self) -> Result<(), Rejection> {
        let village = self.statement.village;
        ensure(village == self.state.village, Rule::StatementVillage, self.state.village, village)?;
        ensure(self.state.merged_into.is_none(), Rule::FoundingPlace, "a village of its own", "a merged village")
    }

    /// Until when a copy of this statement would still pass the check of its time.
    fn known_until(&self) -> Time {
        self.statement.at.plus_ms(table::travel_ms(self.row.window))
    }

    fn check_time(&mut self) -> Result<(), Rejection> {
        let (at, entry) = (self.statement.at, self.at.time);
        ensure(entry >= self.state.last.time, Rule::StatementTime, self.state.last.time, entry)?;
        let received = self.received_at().is_some_and(|time| self.is_fresh_at(time));
        let in_window = self.is_fresh() || received;
        let comes = in_window || self.is_delivered();
        ensure(comes, Rule::StatementTime, format_args!("signed shortly before {entry}"), at)?;
        // After the window: a copy that comes too late is too late, however much of the past a reader remembers. What needs no
        // window is known by its place in a terminal's count instead.
        let seen = in_window && self.state.recent.contains(self.known_until(), self.id);
        ensure(!seen, Rule::StatementReplayed, "a new statement", "one on record")?;
        if let Some(held_on) = self.statement.held_on {
            ensure(held_on <= self.date, Rule::HeldOnFuture, self.date, held_on)?;
            if self.state.law.calendar.is_late_entry(held_on, self.date) {
                self.remark(Remark::LateEntry);
            }
        }
        Ok(())
    }

    /// Whether the statement was signed shortly before its entry.
    pub(crate) fn is_fresh(&self) -> bool {
        self.is_fresh_at(self.at.time)
    }

    fn is_fresh_at(&self, time: Time) -> bool {
        self.statement.at <= time.plus_ms(AHEAD_MS) && time <= self.known_until()
    }

    /// When a witness received this ballot, if an inspector vouched for it, deliveries go on, and neither it nor a later
    /// one of its voter is on record.
    pub(crate) fn received_at(&self) -> Option<Time> {
        let Act::BallotCast(act) = &self.statement.act else { return None };
        let voting = self.voting().ok()?;
        let row = voting.vouched.get(&self.id).filter(|_| voting.takes_deliveries())?;
        let same = (row.voter, row.revision) == (act.voter, act.revision);
        (same && !voting.has_ballot(row.voter, row.revision)).then_some(row.received_at)
    }

    /// Whether this is a ballot that a terminal took while the vote was open, and delivers now. It needs no window: the terminal's
    /// count says where it belongs.
    pub(crate) fn is_delivered(&self) -> bool {
        let Act::BallotCast(act) = &self.statement.act else { return false };
        let Ok(voting) = self.voting() else { return false };
        let taken = self.statement.at;
        act.terminal.is_some()
            && voting.takes_deliveries()
            && taken >= voting.opened.time
            && voting.had_not_closed_at(taken)
            && taken <= self.at.time.plus_ms(AHEAD_MS)
    }

    /// Whether this is a ballot with a place in a terminal's count, where it must be whether or not it has an effect: one that was
    /// overtaken must not keep those behind it from being delivered.
    fn is_counted_at_a_terminal(&self) -> bool {
        matches!(&self.statement.act, Act::BallotCast(act) if act.terminal.is_some())
    }

    fn check_public(&self) -> Result<(), Rejection> {
        if self.row.public.is_empty() {
            return Ok(());
        }
        let fields = self.statement.act.fields();
        let fields = fields.map_err(|error| Rejection::new(Rule::StatementFields, "the kind's fields", error))?;
        ensure(all_public(&fields, &self.row.public), Rule::DocumentLevel, Level::Public.code(), "another level")
    }

    fn check_signers(&mut self) -> Result<(), Rejection> {
        let by = &self.statement.by;
        let fits = |alternative: &&Vec<Vec<Role>>| {
            alternative.len() == by.len()
                && by.iter().zip(alternative.iter()).all(|(signer, roles)| self.serves(signer.role, roles))
        };
        let described = || format!("{:?}", self.row.signers).to_lowercase();
        if !self.row.signers.iter().any(|alternative| alternative.len() == by.len()) {
            return Err(Rejection::new(Rule::SignerCount, described(), by.len()));
        }
        let Some(alternative) = self.row.signers.iter().find(fits) else {
            let found = by.iter().map(|signer| signer.role.code()).collect::<Vec<_>>().join(", ");
            return Err(Rejection::new(Rule::SignerRole, described(), &found));
        };
        let substituted = by.iter().zip(alternative).any(|(signer, roles)| !roles.contains(&signer.role));
        for (index, signer) in by.iter().enumerate() {
            self.check_signer(signer)?;
            for other in &by[..index] {
                let same = signer.key == other.key || (signer.person.is_some() && signer.person == other.person);
                ensure(!same, Rule::SignerSame, "different persons", "one person twice")?;
                if let (Some(a), Some(b)) = (signer.person, other.person) {
                    ensure(!self.bars(a, b), Rule::SignerKin, "no near kin", "near kin")?;
                }
            }
        }
        if substituted {
            self.remark(Remark::Substituted);
        }
        Ok(())
    }

    /// Whether kinship keeps two people from signing this together. For a vote under way it is that known when the vote was
    /// opened: whoever dislikes what is in the box could else stop its count by declaring the tellers to be kin.
    fn bars(&self, a: PersonId, b: PersonId) -> bool {
        let voting = self.statement.question.as_ref().and_then(|_| self.voting().ok());
        match voting.filter(|voting| voting.is_under_way()) {
            Some(voting) => self.state.people.were_kin(a, b, voting.opened.seq),
            None => self.state.people.are_kin(a, b),
        }
    }

    /// Whether a role serves where one of `roles` is asked for.
    fn serves(&self, role: Role, roles: &[Role]) -> bool {
        roles.contains(&role)
            || (self.state.people.serving(roles, self.at.time).any(|serving| serving == role)
                && self.substitute_is_needed())
    }

    /// Whether no member of the supervision committee who is there may sign beside the others: near kin is a reason only
    /// then, and in an absence a member who came back is there.
    fn substitute_is_needed(&self) -> bool {
        let people = &self.state.people;
        let Some(substitute) = &people.substitute else { return true };
        let there = |member: &PersonId| match substitute.cause {
            SubstituteCause::NearKin => true,
            SubstituteCause::Absent => substitute.back.contains(member),
            SubstituteCause::Vacant => false,
        };
        let others = || self.statement.by.iter().filter(|signer| signer.role != Role::TownshipDisciplineOfficer);
        let barred = |member| {
            others().filter_map(|signer| signer.person).any(|other| other == member || people.are_kin(other, member))
        };
        people.holders(Role::SupervisionCommittee, self.date).filter(there).all(barred)
    }

    fn check_signer(&self, signer: &Signer) -> Result<(), Rejection> {
        let key_is = |holds: bool| ensure(holds, Rule::SignerKey, signer.role.code(), signer.key);
        match (signer.role, signer.person) {
            (Role::Root, None) => key_is(self.state.roots.contains(&signer.key)),
            (Role::Log, None) => key_is(self.state.log_key == signer.key),
            (Role::Terminal, None) => key_is(self.is_terminal(&signer.key)),
            (Role::Root | Role::Log | Role::Terminal, Some(_)) | (_, None) => {
                Err(Rejection::new(Rule::StatementFields, "a person for people's roles only", signer.role.code()))
            }
            (role, Some(person)) => {
                let key = self.state.people.keys.get(&signer.key).filter(|key| key.person == person);
                let key = key.ok_or_else(|| Rejection::new(Rule::SignerKey, "a key of the signer", "another key"))?;
                let serves = !key.revoked || self.is_counted_at_a_terminal();
                ensure(serves, Rule::SignerKeyRevoked, "a key in use", "a revoked key")?;
                ensure(self.holds(person, role), Rule::SignerRole, role.code(), "a person without this role")
            }
        }
    }

    /// Whether a terminal has this key: one that is registered here, or the one that is being registered.
    fn is_terminal(&self, key: &PublicKey) -> bool {
        let session = self.statement.session.and_then(|id| self.state.session(id));
        let registered = session.is_some_and(|session| session.terminal_of(key).is_some());
        registered || matches!(self.statement.act, Act::TerminalRegistered(_))
    }

    /// The number of the terminal that signs, if one does.
    pub(crate) fn terminal(&self) -> Result<Option<u16>, Rejection> {
        let signer = self.statement.by.iter().find(|signer| signer.role == Role::Terminal);
        signer.map_or(Ok(None), |signer| Ok(self.session()?.terminal_of(&signer.key)))
    }

    /// Whether the person may sign in this capacity, here and now.
    pub(crate) fn holds(&self, person: PersonId, role: Role) -> bool {
        let people = &self.state.people;
        let session = || self.statement.session.and_then(|id| self.state.session(id));
        match role {
            Role::Root | Role::Log | Role::Terminal => false,
            Role::Voter => session().is_some_and(|session| session.number_of(person).is_some()),
            Role::Holder => match &self.statement.act {
                Act::KeyRevoked(act) => people.keys.get(&act.key).is_some_and(|key| key.person == person),
                _ => false,
            },
            duty if duty.is_duty() => session().is_some_and(|session| session.has_duty(person, duty)),
            // An official is on the record and not of the village, and yet has kin.
            Role::Villager => {
                let kin = matches!(self.statement.act, Act::KinDeclared(_)) && people.is_official(person);
                kin || people.is_villager(person)
            }
            _ => people.holds(person, role, self.date),
        }
    }

    fn check_matter(&self) -> Result<(), Rejection> {
        let Some(id) = self.statement.matter else { return Ok(()) };
        let Some(matter) = self.state.matter(id) else {
            return ensure(self.row.opens, Rule::MatterUnknown, "a matter on record", id);
        };
        match matter.standing {
            Standing::Ended(Outcome::Rejected) if self.row.rejected => {}
            Standing::Ended(_) if self.row.ended => {}
            Standing::Ended(outcome) => {
                return Err(Rejection::new(Rule::MatterEnded, "a matter under way", outcome.code()));
            }
            Standing::At(stage) => {
                let lawful = self.row.stages.contains(&stage) || (self.row.stages.is_empty() && !self.row.opens);
                ensure(lawful, Rule::StageWrong, format!("{:?}", self.row.stages).to_lowercase(), stage.code())?;
                let points = matter.open.values().find(|_| self.row.needs_clear(Some(stage)));
                ensure(
                    points.is_none(),
                    Rule::OpenPoint,
                    "every point answered",
                    points.map_or("", |p| p.kind.code()),
                )?;
            }
        }
        let missing = self.row.papers.iter().find(|kind| matter.papers.paper(**kind).is_none());
        missing.map_or(Ok(()), |kind| Err(Rejection::new(Rule::PaperMissing, kind.code(), "nothing")))
    }

    fn check_session(&self) -> Result<(), Rejection> {
        let Some(id) = self.statement.session else { return Ok(()) };
        match self.state.session(id) {
            Some(_) if self.row.opens => Err(Rejection::new(Rule::SessionUnknown, "a new session", id)),
            None if !self.row.opens => Err(Rejection::new(Rule::SessionUnknown, "a session on record", id)),
            // What was decided stays as it is; only a slip of the pen may be put right afterwards.
            Some(session) if !session.is_live() && self.statement.kind() != Kind::ClericalCorrected => {
                Err(Rejection::new(Rule::SessionState, "a session under way", "one that has ended"))
            }
            _ => Ok(()),
        }
    }

    fn check_basis(&self) -> Result<(), Rejection> {
        let Some(rule) = &self.row.basis else { return Ok(()) };
        let stale = || Rejection::new(Rule::BasisStale, format_args!("{:?} in force", rule.kinds), "another entry");
        let basis = self.statement.basis.ok_or_else(stale)?;
        let matter = self.statement.matter.and_then(|id| self.state.matter(id));
        let session = self.statement.session.and_then(|id| self.state.session(id));
        let voting = || {
            let question = self.statement.question.as_ref()?;
            session?.voting_of(self.statement.matter?, question)
        };
        let point_fits = |point: &OpenPoint| rule.kinds.contains(&point.kind);
        let in_force = match rule.place {
            BasisIn::Matter => matter.is_some_and(|matter| matter.papers.is_one_of(basis, &rule.kinds)),
            BasisIn::Session => session.is_some_and(|session| session.papers.is_one_of(basis, &rule.kinds)),
            BasisIn::Question => voting().is_some_and(|voting| voting.papers.is_one_of(basis, &rule.kinds)),
            BasisIn::Open => {
                let in_matter = matter.and_then(|matter| matter.waiting(basis)).is_some_and(point_fits);
                in_matter || voting().and_then(|voting| voting.open.get(&basis)).is_some_and(point_fits)
            }
        };
        if in_force { Ok(()) } else { Err(stale()) }
    }

    /// The statement's id.
    pub(crate) fn id(&self) -> Digest {
        self.id
    }

    /// Notes something worth showing.
    pub(crate) fn remark(&mut self, remark: Remark) {
        self.remarks.push(remark);
    }

    /// Remembers the new value of something.
    pub(crate) fn put(&mut self, part: Part) {
        self.parts.push(part);
    }

    /// The statement as a paper that others may rest on.
    pub(crate) fn paper(&self) -> Paper {
        Paper {
            at: self.at,
            documents: self.statement.documents.iter().map(|doc| doc.sha256).collect(),
            signers: self.statement.by.iter().filter_map(|signer| signer.person).collect(),
            held_on: self.statement.held_on,
        }
    }

    /// The statement as a point that waits for `answers` answers.
    pub(crate) fn point(&self, answers: usize) -> OpenPoint {
        OpenPoint { kind: self.statement.kind(), at: self.at, answers, inquiry: None }
    }

    /// The matter's id; the table has seen to it that it is there.
    pub(crate) fn matter_id(&self) -> Result<MatterId, Rejection> {
        self.statement.matter.ok_or_else(|| Rejection::new(Rule::StatementFields, "matter", "nothing"))
    }

    /// The session's id; the table has seen to it that it is there.
    pub(crate) fn session_id(&self) -> Result<SessionId, Rejection> {
        self.statement.session.ok_or_else(|| Rejection::new(Rule::StatementFields, "session", "nothing"))
    }

    /// The matter as it stands.
    pub(crate) fn matter(&self) -> Result<&'a Matter, Rejection> {
        let id = self.matter_id()?;
        self.state.matter(id).ok_or_else(|| Rejection::new(Rule::MatterUnknown, "a matter on record", id))
    }

    /// The session as it stands.
    pub(crate) fn session(&self) -> Result<&'a Session, Rejection> {
        let id = self.session_id()?;
        self.state.session(id).ok_or_else(|| Rejection::new(Rule::SessionUnknown, "a session on record", id))
    }

    /// The question's key in its session.
    pub(crate) fn question_key(&self) -> Result<(MatterId, QuestionCode), Rejection> {
        let question = self.statement.question.clone();
        Ok((self.matter_id()?, question.ok_or_else(|| Rejection::new(Rule::StatementFields, "question", "nothing"))?))
    }

    /// The vote as it stands.
    pub(crate) fn voting(&self) -> Result<&'a Arc<Voting>, Rejection> {
        let (matter, question) = self.question_key()?;
        let voting = self.session()?.voting_of(matter, &question);
        voting.ok_or_else(|| Rejection::new(Rule::VotingState, "an open vote", "none"))
    }

    /// Takes the matter a step on: the statement is its paper, the stage moves as the table says, `with` does the rest.
    pub(crate) fn step_matter(&mut self, with: impl FnOnce(&mut Matter)) -> Result<(), Rejection> {
        let mut matter = self.matter()?.clone();
        matter.papers.put(self.statement.kind(), self.paper());
        matter.updated = self.at;
        if let Some(stage) = self.row.moves {
            matter.standing = Standing::At(stage);
        }
        with(&mut matter);
        self.put(Part::Matter(self.matter_id()?, Arc::new(matter)));
        Ok(())
    }

    /// Takes the session a step on; the statement is its paper.
    pub(crate) fn step_session(&mut self, with: impl FnOnce(&mut Session)) -> Result<(), Rejection> {
        let mut session = self.session()?.clone();
        session.papers.put(self.statement.kind(), self.paper());
        with(&mut session);
        self.put(Part::Session(self.session_id()?, Arc::new(session)));
        Ok(())
    }

    /// Takes the vote a step on; the statement is its paper.
    pub(crate) fn step_voting(&mut self, with: impl FnOnce(&mut Voting)) -> Result<(), Rejection> {
        let mut voting = self.voting()?.as_ref().clone();
        voting.papers.put(self.statement.kind(), self.paper());
        with(&mut voting);
        self.put(Part::Voting(self.session_id()?, self.question_key()?, Arc::new(voting)));
        Ok(())
    }

    /// Changes the people.
    pub(crate) fn step_people(&mut self, with: impl FnOnce(&mut People)) {
        let mut people = self.state.people.as_ref().clone();
        with(&mut people);
        self.put(Part::People(Arc::new(people)));
    }

    /// Changes the law in force.
    pub(crate) fn step_law(&mut self, with: impl FnOnce(&mut Law)) {
        let mut law = self.state.law.as_ref().clone();
        with(&mut law);
        self.put(Part::Law(Arc::new(law)));
    }

    /// Adds this part's rows to those that came before. Gives all rows with the last part, and nothing until then.
    pub(crate) fn assemble<T>(&mut self, head: serde_json::Value, rows: &[T]) -> Result<Option<Vec<T>>, Rejection>
    where
        T: Clone + serde::Serialize + serde::de::DeserializeOwned,
    {
        let Some(part) = self.statement.part else { return Ok(Some(rows.to_vec())) };
        let fault = |error: serde_json::Error| Rejection::new(Rule::StatementFields, "rows", error);
        let kind = self.statement.kind();
        let scope = self.statement.session.map(|id| id.to_string()).unwrap_or_default();
        let question = self.statement.question.as_ref().map_or("", QuestionCode::as_str);
        let key =
            format!("{kind}/{scope}/{}/{question}", self.statement.matter.map(|id| id.to_string()).unwrap_or_default());
        let before = self.state.arriving.get(&key);
        let follows = match before {
            Some(list) => list.got + 1 == part.part && list.of == part.of && list.head == head,
            None => false,
        };
        // Part 1 always begins anew: whoever began and didn't finish is not a bar to a second attempt.
        ensure(
            part.part == 1 || follows,
            Rule::PartOrder,
            "the next part",
            format_args!("part {} of {}", part.part, part.of),
        )?;
        let mut all = before.filter(|_| part.part > 1).map_or_else(Vec::new, |list| list.rows.clone());
        for row in rows {
            all.push(serde_json::to_value(row).map_err(fault)?);
        }
        if part.part < part.of {
            self.put(Part::Arriving(key, Some(Arriving { kind, got: part.part, of: part.of, head, rows: all })));
            return Ok(None);
        }
        if before.is_some() {
            self.put(Part::Arriving(key, None));
        }
        all.into_iter().map(|row| serde_json::from_value(row).map_err(fault)).collect::<Result<_, _>>().map(Some)
    }

    /// A supervision committee member who signs is not absent: the request for a substitute is over.
    fn end_absence(&mut self) {
        let Some(substitute) = &self.state.people.substitute else { return };
        let signers = self.statement.by.iter().filter(|signer| signer.role == Role::SupervisionCommittee);
        let members: Vec<PersonId> = signers.filter_map(|signer| signer.person).collect();
        if substitute.cause != SubstituteCause::Absent || members.is_empty() || self.statement.at <= substitute.asked {
            return;
        }
        let people = self.parts.iter_mut().find_map(|part| match part {
            Part::People(people) => Some(people),
            _ => None,
        });
        match people {
            Some(people) => Arc::make_mut(people).end_absence(&members),
            None => self.step_people(|people| people.end_absence(&members)),
        }
    }

    /// Notes in matters that came to another stage or to an end, or were paid for, that they did: here, so that no statement can be
    /// forgotten that does so.
    fn note_turns(&mut self) {
        let (kind, at) = (self.statement.kind(), self.at);
        for part in &mut self.parts {
            if let Part::Matter(id, matter) = part {
                let paid_fen = self.state.matter(*id).map_or(0, |before| before.paid_fen);
                Arc::make_mut(matter).note_turn(kind, at, paid_fen);
            }
        }
    }

    pub(crate) fn into_change(mut self) -> Change {
        self.end_absence();
        self.note_turns();
        let known_until = self.known_until();
        Change { at: self.at, id: self.id, known_until, remarks: self.remarks, parts: self.parts }
    }
}

/// Whether each document in a member of these names, at any depth, is open to everyone.
fn all_public(value: &Value, names: &[String]) -> bool {
    match value {
        Value::Object(members) => members
            .iter()
            .all(|(name, member)| !(names.contains(name) && is_hidden(member)) && all_public(member, names)),
        Value::Array(items) => items.iter().all(|item| all_public(item, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

/// Whether this is a document that not everyone may read, or a list with one.
fn is_hidden(member: &Value) -> bool {
    let level = member.get("level").and_then(Value::as_str);
    let items = member.as_array();
    level.is_some_and(|level| level != Level::Public.code()) || items.is_some_and(|items| items.iter().any(is_hidden))
}

/// Refuses a list that is longer than `most`, or not strictly sorted.
pub(crate) fn sorted<T: Ord>(items: &[T], most: usize) -> Result<(), Rejection> {
    let in_order = items.windows(2).all(|pair| pair[0] < pair[1]);
    ensure(
        in_order && items.len() <= most,
        Rule::ListForm,
        format_args!("at most {most}, sorted, each once"),
        "another list",
    )
}

/// Refuses a list that is longer than `most` or shorter than `least`.
pub(crate) fn length<T>(items: &[T], least: usize, most: usize) -> Result<(), Rejection> {
    let expected = format!("{least} to {most}");
    ensure((least..=most).contains(&items.len()), Rule::ListForm, &expected, items.len())
}
