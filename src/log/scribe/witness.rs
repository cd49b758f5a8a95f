//! What witnesses bring: ballots they received, and cosigned checkpoints of the district.

use ed25519_dalek::SigningKey;

use crate::core::act::voting::{BallotVouched, TimeAnchored, VouchedBallot};
use crate::core::act::{Act, Kind};
use crate::core::clock::Time;
use crate::core::ids::{Digest, PersonId, PublicKey};
use crate::core::model::Role;
use crate::core::reject::{Rejection, Rule};
use crate::core::statement::Header;
use crate::log::anchor;
use crate::log::checkpoint::Checkpoint;
use crate::log::ledger::Appended;
use crate::log::note::{Algorithm, Note, NoteSignature, VerifierKey};
use crate::log::scribe::voting::Vote;
use crate::log::scribe::{Hand, Scribe};
use crate::log::signed::Signed;

/// Name of the witness in the notes that a scribe has cosigned.
const WITNESS: &str = "witness.example/consistency";

/// A ballot that a voter signed and the server has not taken.
#[derive(Debug, Clone)]
pub struct Refused {
    /// The envelope, read.
    pub signed: Signed,
    /// Roster number.
    pub voter: u32,
    /// Of the ballot.
    pub revision: u32,
}

impl Refused {
    /// What an inspector vouches for, if a witness received the ballot then.
    #[must_use]
    pub fn received(&self, at: Time) -> VouchedBallot {
        VouchedBallot { statement: self.signed.id, voter: self.voter, revision: self.revision, received_at: at }
    }
}

impl Scribe {
    /// Enrols an invented inspector of the district.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn enrol_inspector(&mut self) -> Result<PersonId, Rejection> {
        let inspector = self.invent();
        self.enrol_officials(&[(inspector, Role::DisciplineInspector)])?;
        Ok(inspector)
    }

    /// A voter signs a ballot that the server refuses or does not answer: it is not appended.
    ///
    /// # Errors
    /// A code that is none.
    pub fn sign_ballot(&mut self, vote: &Vote, voter: u32, choice: &str) -> Result<Refused, Rejection> {
        let (ballot, opening) = self.ballot(vote, voter, choice)?;
        let (commitment, revision) = (ballot.commitment, ballot.revision);
        let by = [Hand::Person(self.voter(vote.session, voter), Role::Voter)];
        let header = vote.header(self.vote_paper(vote, Kind::VotingOpened));
        let signed = self.sign(&by, &self.draft(&by, header, Act::BallotCast(ballot))?)?;
        self.openings.insert(commitment, opening);
        Ok(Refused { signed, voter, revision })
    }

    /// The inspector vouches for ballots, sorted here.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn vouch(&mut self, vote: &Vote, mut ballots: Vec<VouchedBallot>) -> Result<Appended, Rejection> {
        ballots.sort_unstable_by_key(|row| row.statement);
        let header = vote.header(self.vote_paper(vote, Kind::VotingOpened));
        let hand = self.hand(Role::DisciplineInspector);
        self.act(&[hand], header, Act::BallotVouched(BallotVouched { ballots }))
    }

    /// The anchor that a witness's cosignature makes of the district's log at this size.
    ///
    /// # Errors
    /// `statement.signature` for a key that is none.
    pub fn anchor_of(
        &self,
        key: &SigningKey,
        size: u64,
        root: Digest,
        cosigned_at: Time,
    ) -> Result<TimeAnchored, Rejection> {
        let bad = |fault: &dyn std::fmt::Display| Rejection::new(Rule::StatementSignature, "a witness", fault);
        let text = Checkpoint::new(&self.state().district_origin(), size, root).to_string();
        let signature = NoteSignature::cosign(&text, WITNESS, key, cosigned_at.ms().unsigned_abs() / 1_000);
        let public = PublicKey(key.verifying_key().to_bytes());
        let witness = VerifierKey::new(WITNESS, Algorithm::Cosignature, &public).map_err(|fault| bad(&fault))?;
        anchor::of(&Note { text, signatures: vec![signature] }, &witness).ok_or_else(|| bad(&"none"))
    }

    /// The log puts an anchor on record.
    ///
    /// # Errors
    /// What the judge refuses.
    pub fn anchor(&mut self, anchor: TimeAnchored) -> Result<Appended, Rejection> {
        self.act(&[Hand::Log], Header::default(), Act::TimeAnchored(anchor))
    }
}
