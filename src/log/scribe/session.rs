//! A session: convening, roster, attendance, tellers, minutes.

use std::collections::BTreeSet;

use crate::core::act::session::{
    AgendaItem, AttendanceRecorded, CheckedIn, CheckedOut, Convened, MinutesSigned, MobileBoxNamed, RecusalDeclared,
    RosterFixed, RosterRow, SessionFailed, TellersNamed,
};
use crate::core::act::{Act, Kind};
use crate::core::clock::Time;
use crate::core::ids::{Digest, MatterId, PersonId, SessionId};
use crate::core::judge::session::earliest_start;
use crate::core::model::{Body, Channel, Role};
use crate::core::reject::Rejection;
use crate::core::state::session::Session;
use crate::core::statement::{Header, Part};
use crate::log::ledger::Appended;
use crate::log::scribe::{Hand, Scribe};

/// Roster rows in one entry.
const ROWS: usize = 200;

impl Scribe {
    /// The leaf hash of a session's paper; zeros where there is none, which the judge refuses.
    #[must_use]
    pub fn session_paper(&self, session: SessionId, kind: Kind) -> Digest {
        let paper = self.state().session(session).and_then(|session| session.papers.paper(kind));
        paper.map_or(Digest([0; 32]), |paper| paper.at.leaf)
    }

    /// Leaf hash of the roster, basis of most of what happens in a session.
    #[must_use]
    pub fn roster(&self, session: SessionId) -> Digest {
        self.session_paper(session, Kind::RosterFixed)
    }

    /// An agenda item: the matter's filing (or emergency decision) in force and the index of its required ballot.
    #[must_use]
    pub fn item(&self, matter: MatterId, ballot: u8) -> AgendaItem {
        let filed = self.paper(matter, Kind::FilingFiled);
        let none = filed == Digest([0; 32]);
        let filing = if none { self.paper(matter, Kind::EmergencyDecided) } else { filed };
        AgendaItem { matter, ballot, filing }
    }

    /// Calls a session of `body` on each matter's first ballot by that body, at the earliest lawful time at or after
    /// 19:00 in Asia/Shanghai.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn convene(&mut self, body: Body, matters: &[MatterId]) -> Result<SessionId, Rejection> {
        self.convene_by(body, matters, &[Channel::Online, Channel::Paper])
    }

    /// The same with other ways to take part.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn convene_by(&mut self, body: Body, matters: &[MatterId], by: &[Channel]) -> Result<SessionId, Rejection> {
        let agenda: Vec<AgendaItem> = matters.iter().map(|matter| self.item_of(*matter, body)).collect();
        let starts_at = earliest_start(self.state(), &agenda, self.now()).plus_ms(19 * 3_600_000);
        self.convene_with(body, agenda, starts_at, by)
    }

    fn item_of(&self, matter: MatterId, body: Body) -> AgendaItem {
        let settled = self.state().matter(matter).and_then(|matter| matter.settled.as_ref());
        let place = settled.and_then(|settled| settled.ballots.iter().position(|ballot| ballot.body == body));
        self.item(matter, place.and_then(|place| u8::try_from(place).ok()).unwrap_or(0))
    }

    /// Calls a session at a set time.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn convene_at(&mut self, body: Body, agenda: Vec<AgendaItem>, starts_at: Time) -> Result<SessionId, Rejection> {
        self.convene_with(body, agenda, starts_at, &[Channel::Online, Channel::Paper])
    }

    fn convene_with(
        &mut self,
        body: Body,
        agenda: Vec<AgendaItem>,
        starts_at: Time,
        by: &[Channel],
    ) -> Result<SessionId, Rejection> {
        let session = self.new_session();
        let group = (body == Body::GroupMeeting).then_some(1);
        let (notice, channels) = (self.text("会议通知"), by.to_vec());
        let act = Convened { body, group, starts_at, agenda, notice, channels };
        self.act(&[self.hand(Role::Chair)], Header::at(session), Act::SessionConvened(act))?;
        Ok(session)
    }

    /// Fixes the roster: today's members of the body, in order of their ids.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn fix_roster(&mut self, session: SessionId) -> Result<(), Rejection> {
        let Some(called) = self.state().session(session) else { return Ok(()) };
        let members = self.state().body_members(called.body, called.group, self.now().date());
        let rows: Vec<RosterRow> = (1..).zip(members).map(|(no, person)| RosterRow { no, person }).collect();
        let of = u16::try_from(rows.len().div_ceil(ROWS)).unwrap_or(u16::MAX);
        let by = self.two();
        for (part, rows) in (1..).zip(rows.chunks(ROWS)) {
            let header = Header::at(session).on(self.session_paper(session, Kind::SessionConvened));
            let header = Header { part: Some(Part { part, of }), ..header };
            self.act(&by, header, Act::RosterFixed(RosterFixed { rows: rows.to_vec() }))?;
        }
        Ok(())
    }

    /// Who stands at a roster number.
    #[must_use]
    pub fn voter(&self, session: SessionId, no: u32) -> PersonId {
        let person = self.state().session(session).and_then(|session| session.roster.get(&no));
        person.copied().unwrap_or_else(|| PersonId::from_bytes([0; 16]))
    }

    /// The roster number of a person, 0 where there is none.
    #[must_use]
    pub fn number(&self, session: SessionId, person: PersonId) -> u32 {
        self.state().session(session).and_then(|session| session.number_of(person)).unwrap_or(0)
    }

    /// Names three members as tellers: the last three of the roster who are not recused.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn name_tellers(&mut self, session: SessionId) -> Result<Appended, Rejection> {
        let Some(called) = self.state().session(session) else {
            return self.name_tellers_as(session, [self.clerk(), self.chair(), self.secretary()]);
        };
        let recused = |no: &u32| called.recused.iter().any(|(_, other)| other == no);
        let fit = called.roster.iter().rev().filter(|(no, _)| !recused(no)).map(|(_, person)| *person);
        let mut three = fit.take(3).collect::<Vec<_>>().into_iter();
        let mut next = || three.next().unwrap_or_else(|| PersonId::from_bytes([0; 16]));
        let three = [next(), next(), next()];
        self.name_tellers_as(session, three)
    }

    /// Names caller, counter and scrutineer.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn name_tellers_as(&mut self, session: SessionId, three: [PersonId; 3]) -> Result<Appended, Rejection> {
        let [caller, counter, scrutineer] = three;
        let header = Header::at(session).on(self.roster(session));
        let act = Act::TellersNamed(TellersNamed { caller, counter, scrutineer });
        self.act(&[self.hand(Role::Chair)], header, act)
    }

    /// Names who carries the mobile box, and to whom, by chair and supervision committee.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn name_box(
        &mut self,
        session: SessionId,
        three: [PersonId; 3],
        voters: &[u32],
    ) -> Result<Appended, Rejection> {
        let mut scrutineers = three.to_vec();
        scrutineers.sort_unstable();
        let act = Act::MobileBoxNamed(MobileBoxNamed { scrutineers, voters: voters.to_vec() });
        let by = [self.hand(Role::Chair), self.hand(Role::SupervisionCommittee)];
        self.act(&by, Header::at(session).on(self.roster(session)), act)
    }

    /// A member checks in with the own phone.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn check_in(&mut self, session: SessionId, no: u32) -> Result<Appended, Rejection> {
        let hand = Hand::Person(self.voter(session, no), Role::Voter);
        let act = Act::AttendanceCheckedIn(CheckedIn { voter: no, channel: Channel::Online });
        self.act(&[hand], Header::at(session).on(self.roster(session)), act)
    }

    /// A member leaves.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn check_out(&mut self, session: SessionId, no: u32) -> Result<Appended, Rejection> {
        let hand = Hand::Person(self.voter(session, no), Role::Voter);
        let act = Act::AttendanceCheckedOut(CheckedOut { voter: no });
        self.act(&[hand], Header::at(session).on(self.roster(session)), act)
    }

    /// The sign-in sheet at the door.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn sign_in(&mut self, session: SessionId, present: &[u32], left: &[u32]) -> Result<Appended, Rejection> {
        let act = AttendanceRecorded { present: present.to_vec(), left: left.to_vec() };
        let header = Header::at(session).on(self.roster(session));
        self.act(&self.two(), header, Act::AttendanceRecorded(act))
    }

    /// A member takes no part in one matter.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn recuse(&mut self, session: SessionId, matter: MatterId, no: u32) -> Result<Appended, Rejection> {
        let hand = Hand::Person(self.voter(session, no), Role::Voter);
        let act = Act::RecusalDeclared(RecusalDeclared { voter: no, reason: self.text("与本事项有利害关系") });
        let header = Header { session: Some(session), ..Header::of(matter) }.on(self.roster(session));
        self.act(&[hand], header, act)
    }

    /// A session that is ready to vote: called, its roster fixed two hours before, the first `present` numbers signed in
    /// at the door, tellers named. The time is that of its beginning.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn gather(&mut self, body: Body, matters: &[MatterId], present: u32) -> Result<SessionId, Rejection> {
        self.gather_by(body, matters, present, &[Channel::Online, Channel::Paper])
    }

    /// The same with other ways to take part.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn gather_by(
        &mut self,
        body: Body,
        matters: &[MatterId],
        present: u32,
        by: &[Channel],
    ) -> Result<SessionId, Rejection> {
        let session = self.convene_by(body, matters, by)?;
        let starts_at = self.state().session(session).map_or(self.now(), |session: &Session| session.starts_at);
        self.at(starts_at).wait_minutes(-120).fix_roster(session)?;
        let all: Vec<u32> = (1..=present).collect();
        self.wait_minutes(60).sign_in(session, &all, &[])?;
        self.at(starts_at).name_tellers(session)?;
        Ok(session)
    }

    /// The chair and the supervision committee find that there is no quorum.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn fail(&mut self, session: SessionId) -> Result<Appended, Rejection> {
        let (eligible, present) = self.state().session(session).map_or((0, 0), |session| {
            let there: BTreeSet<u32> = session.there();
            (session.eligible(), u32::try_from(there.len()).unwrap_or(u32::MAX))
        });
        let by = [self.hand(Role::Chair), self.hand(Role::SupervisionCommittee)];
        let header = Header::at(session).on(self.roster(session));
        self.act(&by, header, Act::SessionFailed(SessionFailed { eligible, present }))
    }

    /// The minutes are signed by chair and clerk.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn sign_minutes(&mut self, session: SessionId) -> Result<Appended, Rejection> {
        let act = Act::MinutesSigned(MinutesSigned { minutes: self.text("票决会议记录") });
        let by = [self.hand(Role::Chair), self.hand(Role::Clerk)];
        self.act(&by, Header::at(session).on(self.roster(session)), act)
    }
}
