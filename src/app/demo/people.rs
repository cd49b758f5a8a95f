//! What happens to a village's people in the demo: a cover, near kin, a recusal, a voter who takes a paper ballot after all.

use crate::app::demo::content::content;
use crate::app::demo::writer::{Item, Writer, id};
use crate::core::act::Act;
use crate::core::act::session::RecusalDeclared;
use crate::core::act::village::{KinDeclared, RoleCovered};
use crate::core::ids::SessionId;
use crate::core::judge::session::profile_of;
use crate::core::model::Role;
use crate::core::reject::Rejection;
use crate::core::statement::Header;
use crate::log::scribe::Hand;
use crate::log::scribe::voting::Vote;

/// Days for which the clerk is away.
const AWAY_DAYS: i32 = 12;

impl Writer {
    /// A committee member stands in for the clerk.
    pub(super) fn cover(&mut self) -> Result<(), Rejection> {
        let (holder, person) = (self.scribe.clerk(), self.scribe.committee_member(1));
        let from = self.scribe.now().date();
        let reason = self.scribe.text(content().common.session("cover"));
        let until = from.plus_days(AWAY_DAYS);
        let act = RoleCovered { holder, role: Role::Clerk, person, from, until, reason };
        let by = [self.scribe.hand(Role::Chair), self.scribe.hand(Role::SupervisionCommittee)];
        self.scribe.act(&by, Header::default(), Act::RoleCovered(act)).map(|_| ())
    }

    /// Someone of the supervision committee has a relative among the representatives.
    pub(super) fn kin(&mut self) -> Result<(), Rejection> {
        let mut persons = vec![self.scribe.supervisor(2), self.scribe.representative(7)];
        persons.sort_unstable();
        self.scribe.act(&self.scribe.two(), Header::default(), Act::KinDeclared(KinDeclared { persons })).map(|_| ())
    }

    /// The last who signed in at the door stays out of a matter, where the profile allows it; nobody elsewhere.
    pub(super) fn recuse(&mut self, session: SessionId, item: &Item, hall: &[u32]) -> Result<Option<u32>, Rejection> {
        let state = self.scribe.state();
        let on_agenda = state.session(session).and_then(|session| session.item(id(item)));
        let allowed = on_agenda.and_then(|item| profile_of(state, item)).is_some_and(|profile| profile.recusal.allowed);
        let Some(no) = hall.last().copied().filter(|_| allowed && hall.len() > 3) else { return Ok(None) };
        let reason = self.scribe.text(content().common.session("recusal"));
        let header = Header { session: Some(session), ..Header::of(id(item)) }.on(self.scribe.roster(session));
        let hand = Hand::Person(self.scribe.voter(session, no), Role::Voter);
        let act = Act::RecusalDeclared(RecusalDeclared { voter: no, reason });
        self.scribe.act(&[hand], header, act)?;
        Ok(Some(no))
    }

    /// A voter who voted by phone takes a paper ballot after all, which takes the place of the other; some ask why.
    pub(super) fn take_paper(&mut self, vote: &Vote, no: u32) -> Result<(), Rejection> {
        self.pass(30);
        self.scribe.issue_paper(vote, &[no])?;
        if self.draw(2) == 0 {
            self.pass(60);
            self.scribe.dispute(vote, no, content().common.session("dispute"))?;
            self.pass(90);
            self.scribe.answer_dispute(vote, content().common.session("dispute_answer"))?;
        }
        Ok(())
    }
}
