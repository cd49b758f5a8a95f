//! A session that is called again because an earlier one had no quorum (流会后再次召集).

use crate::core::act::Kind;
use crate::core::act::session::AgendaItem;
use crate::core::ids::SessionId;
use crate::core::model::Stage;
use crate::core::state::State;
use crate::core::state::session::{Session, SessionStatus};

impl State {
    /// The session without quorum that this one takes up again: the last one of the same body that failed before this was called,
    /// with a matter in common.
    #[must_use]
    pub fn called_again_after(&self, session: &Session) -> Option<(SessionId, &Session)> {
        let failed = self.sessions.iter().filter_map(|(id, earlier)| {
            let at = earlier.papers.paper(Kind::SessionFailed)?.at.seq;
            let same = earlier.body == session.body && earlier.group == session.group;
            let shared = earlier.agenda.iter().any(|item| session.item(item.matter).is_some());
            (same && shared && at < session.convened.seq).then_some((at, *id, earlier.as_ref()))
        });
        failed.max_by_key(|(at, ..)| *at).map(|(_, id, earlier)| (id, earlier))
    }

    /// What of a session that failed or was called off can be called again: its matters that are still to be voted on and stand
    /// on no other agenda.
    #[must_use]
    pub fn to_call_again(&self, session: &Session) -> Vec<AgendaItem> {
        let over = matches!(session.status, SessionStatus::Failed | SessionStatus::Cancelled);
        let waits = |item: &&AgendaItem| {
            let matter = self.matter(item.matter).filter(|matter| matter.stage() == Some(Stage::Ballot));
            let elsewhere = self.sessions.values().any(|other| other.is_live() && other.item(item.matter).is_some());
            let open = matter.is_some_and(|matter| !matter.ballots_decided.contains_key(&item.ballot));
            over && open && !elsewhere
        };
        session.agenda.iter().filter(waits).cloned().collect()
    }
}
