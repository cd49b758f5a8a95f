//! Terminals in the hall: registered, their ballots taken now and delivered now or later, sealed.

use ed25519_dalek::SigningKey;

use crate::core::act::session::TerminalRegistered;
use crate::core::act::voting::{AtTerminal, BallotCast, TerminalSealed};
use crate::core::act::{Act, Kind};
use crate::core::commit;
use crate::core::ids::{Digest, SessionId};
use crate::core::model::{Channel, Role};
use crate::core::reject::Rejection;
use crate::core::statement::Header;
use crate::log::ledger::Appended;
use crate::log::scribe::matter::option_code;
use crate::log::scribe::voting::Vote;
use crate::log::scribe::{Hand, Scribe};
use crate::log::signed::Signed;

/// A terminal in the hall as it counts for itself in one vote, whether or not it can reach the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AtHall {
    /// Its number.
    pub no: u16,
    /// Ballots it took.
    pub counter: u32,
    /// Statement id of the last of them; the opening of the vote where there is none.
    pub last: Digest,
}

impl Scribe {
    /// Registers a terminal by itself, clerk and supervision committee.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn register_terminal(&mut self, session: SessionId, no: u16) -> Result<Appended, Rejection> {
        if !self.terminals.contains_key(&no) {
            let key = SigningKey::from_bytes(&self.draw());
            self.use_terminal(no, key);
        }
        let [clerk, supervisor] = self.two();
        let header = Header::at(session).on(self.roster(session));
        self.act(
            &[Hand::Terminal(no), clerk, supervisor],
            header,
            Act::TerminalRegistered(TerminalRegistered { terminal: no }),
        )
    }

    /// The terminal signs with this key from here on.
    pub fn use_terminal(&mut self, no: u16, key: SigningKey) {
        self.terminals.insert(no, key);
    }

    /// A terminal that has taken nothing yet in a vote.
    #[must_use]
    pub fn at_hall(&self, vote: &Vote, no: u16) -> AtHall {
        AtHall { no, counter: 0, last: self.vote_paper(vote, Kind::VotingOpened) }
    }

    /// The next ballot that a voter casts at a terminal, as it goes into the statement.
    ///
    /// # Errors
    /// A code that is none.
    pub fn ballot_at(
        &mut self,
        vote: &Vote,
        hall: &AtHall,
        (voter, revision): (u32, u32),
        choice: &str,
    ) -> Result<BallotCast, Rejection> {
        let (basis, nonce) = (self.vote_paper(vote, Kind::VotingOpened), Digest(self.draw()));
        let choice = option_code(choice)?;
        let commitment = commit::choice(&basis, voter, revision, &nonce, &choice);
        let opening = crate::core::act::voting::Opening { voter, revision, nonce, choice };
        self.openings.insert(commitment, opening);
        let terminal = Some(AtTerminal { counter: hall.counter + 1, prev: hall.last });
        Ok(BallotCast { voter, revision, channel: Channel::Kiosk, helper: None, terminal, commitment })
    }

    /// Takes a ballot at a terminal, signed by voter and terminal at the time that is set. It is not on record before it is
    /// appended.
    ///
    /// # Errors
    /// A code that is none; a terminal that the scribe does not know.
    pub fn take_at(
        &mut self,
        vote: &Vote,
        hall: &mut AtHall,
        (voter, revision): (u32, u32),
        choice: &str,
    ) -> Result<Signed, Rejection> {
        let ballot = self.ballot_at(vote, hall, (voter, revision), choice)?;
        let by = [Hand::Person(self.voter(vote.session, voter), Role::Voter), Hand::Terminal(hall.no)];
        let header = vote.header(self.vote_paper(vote, Kind::VotingOpened));
        let statement = self.draft(&by, header, Act::BallotCast(ballot))?;
        let signed = self.sign(&by, &statement)?;
        (hall.counter, hall.last) = (hall.counter + 1, signed.id);
        Ok(signed)
    }

    /// A terminal seals itself, clerk and supervision committee beside it.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn seal_terminal(&mut self, vote: &Vote, hall: &AtHall) -> Result<Appended, Rejection> {
        let [clerk, supervisor] = self.two();
        let header = vote.header(self.vote_paper(vote, Kind::VotingOpened));
        let act = Act::TerminalSealed(TerminalSealed { counter: hall.counter, last: hall.last });
        self.act(&[Hand::Terminal(hall.no), clerk, supervisor], header, act)
    }
}
