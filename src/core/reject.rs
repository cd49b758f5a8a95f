//! Why a statement is refused. The server refuses with the same codes that a verifier reports.

use std::fmt::Display;

use crate::core::model::codes;

codes!(
    /// The rule that was broken. Codes are stable; their explanations are in the interface texts as `rule-<code>`.
    Rule {
        /// The statement isn't an envelope of strict JSON, or doesn't fit an entry.
        StatementForm = "statement.form",
        /// A signature doesn't fit.
        StatementSignature = "statement.signature",
        /// The kind is unknown.
        StatementKind = "statement.kind",
        /// A field is missing, unknown or ill-formed.
        StatementFields = "statement.fields",
        /// The statement is for another village.
        StatementVillage = "statement.village",
        /// The same statement is on record already.
        StatementReplayed = "statement.replayed",
        /// The signer's time is too far from the entry's.
        StatementTime = "statement.time",
        /// The rules version is newer than this program.
        RulesUnknown = "rules.unknown",
        /// The record doesn't begin with its founding, or is founded twice.
        FoundingPlace = "founding.place",
        /// The founding is not signed by two of the district's roots that it names.
        FoundingRoots = "founding.roots",
        /// The founding is by roots that the reader did not name.
        FoundingOtherRoots = "founding.other_roots",
        /// The number of signers isn't what the kind needs.
        SignerCount = "signer.count",
        /// A signer doesn't hold the role.
        SignerRole = "signer.role",
        /// The key isn't the signer's, or is not enrolled.
        SignerKey = "signer.key",
        /// The key was revoked.
        SignerKeyRevoked = "signer.key_revoked",
        /// The two signers are near kin.
        SignerKin = "signer.kin",
        /// One person signs twice.
        SignerSame = "signer.same",
        /// A key is not a sound Ed25519 key, or belongs to someone already.
        KeyUnfit = "key.unfit",
        /// There is no such person on the record.
        PersonUnknown = "person.unknown",
        /// The person has this role already, or may not have it beside another.
        RoleConflict = "role.conflict",
        /// A list is not sorted, too long, or has something twice.
        ListForm = "list.form",
        /// The parts don't follow one another.
        PartOrder = "part.order",
        /// Dates or numbers don't fit together.
        ValueRange = "value.range",
        /// There is no such matter, or it exists already.
        MatterUnknown = "matter.unknown",
        /// The matter has ended.
        MatterEnded = "matter.ended",
        /// The step is not lawful at this stage.
        StageWrong = "stage.wrong",
        /// A paper that must come before is missing.
        PaperMissing = "paper.missing",
        /// The basis is not the entry in force.
        BasisStale = "basis.stale",
        /// An objection, opinion or concern has not been answered.
        OpenPoint = "open.point",
        /// The date of the act lies after its entry.
        HeldOnFuture = "held_on.future",
        /// The notice period is not over, or was too short.
        NoticeEarly = "notice.early",
        /// The window for objections is over.
        NoticeOver = "notice.over",
        /// The rule profile is not the one for this body, category and amount.
        ProfileWrong = "profile.wrong",
        /// What was not delegated to this body.
        DelegationMissing = "delegation.missing",
        /// A ballot is needed; disclosure is not enough.
        DisclosureNotEnough = "disclosure.not_enough",
        /// There is no such session, or it exists already.
        SessionUnknown = "session.unknown",
        /// The session's state doesn't allow it.
        SessionState = "session.state",
        /// The roster isn't the body's.
        RosterWrong = "roster.wrong",
        /// The voter isn't on the roster, or isn't the signer.
        VoterUnknown = "voter.unknown",
        /// The voter was not there when voting opened.
        VoterAbsent = "voter.absent",
        /// The voter is recused.
        VoterRecused = "voter.recused",
        /// The voter's key is newer than the vote and the voter has not checked in at the hall.
        VoterKeyNew = "voter.key_new",
        /// Not enough people are there.
        QuorumMissing = "quorum.missing",
        /// Enough people are there.
        QuorumReached = "quorum.reached",
        /// Attendance or eligible count isn't what the record shows.
        AttendanceWrong = "attendance.wrong",
        /// The tellers aren't named, or may not be tellers; or who carries the mobile box may not.
        TellersUnfit = "tellers.unfit",
        /// No vote of the session can have a mobile box.
        BoxForbidden = "box.forbidden",
        /// The mobile box doesn't go to this member.
        BoxVoter = "box.voter",
        /// The question isn't the settled one.
        QuestionWrong = "question.wrong",
        /// The vote's state doesn't allow it.
        VotingState = "voting.state",
        /// A vote of the matter is under way.
        VotingUnderway = "voting.underway",
        /// The vote is not open, or closed before this ballot.
        BallotLate = "ballot.late",
        /// The revision doesn't rise.
        BallotRevision = "ballot.revision",
        /// The channel is not open for this vote.
        BallotChannel = "ballot.channel",
        /// The voter has a paper ballot.
        BallotPaper = "ballot.paper",
        /// Papers can't be named here, or not so many.
        PaperNamed = "paper.named",
        /// The terminal's number or key is registered already, or it can't have any.
        TerminalTaken = "terminal.taken",
        /// A terminal's ballot doesn't follow the one before it.
        TerminalOrder = "terminal.order",
        /// The terminal has not sealed itself, or the seal doesn't cover this.
        TerminalSeal = "terminal.seal",
        /// A time anchor comes too soon, or its cosignature is not of about now and of a grown log.
        AnchorWrong = "anchor.wrong",
        /// Not everyone present has voted, and the closing time has not come.
        CloseEarly = "close.early",
        /// The opening doesn't fit the commitment.
        OpeningWrong = "opening.wrong",
        /// A ballot that counts has no opening.
        OpeningMissing = "opening.missing",
        /// The paper ballots have not been counted.
        CountMissing = "count.missing",
        /// The count doesn't add up.
        CountWrong = "count.wrong",
        /// A named paper is not by its voter, or a secret one is.
        CountRows = "count.rows",
        /// Photographs of papers are not as they must be.
        CountPhotos = "count.photos",
        /// More paper ballots than were issued.
        CountExcess = "count.excess",
        /// The result isn't what the ballots give.
        ResultWrong = "result.wrong",
        /// A document that everyone must be able to read isn't public.
        DocumentLevel = "document.level",
        /// An annulment that would change nothing.
        AnnulmentIdle = "annulment.idle",
        /// What can't be corrected as a slip of the pen.
        CorrectionForbidden = "correction.forbidden",
    }
);

/// A refusal: the rule, what it expects and what was found. Neither text holds personal data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{rule}: expected {expected}, found {found}")]
pub struct Rejection {
    /// The rule that was broken.
    pub rule: Rule,
    /// What the rule expects.
    pub expected: String,
    /// What was found.
    pub found: String,
}

impl Rejection {
    /// A refusal under `rule`.
    #[must_use]
    pub fn new(rule: Rule, expected: impl Display, found: impl Display) -> Self {
        Self { rule, expected: expected.to_string(), found: found.to_string() }
    }
}

/// Refuses under `rule` unless `holds`. The two texts are made only for a refusal.
///
/// # Errors
/// The rejection with `expected` and `found`.
pub fn ensure(holds: bool, rule: Rule, expected: impl Display, found: impl Display) -> Result<(), Rejection> {
    if holds { Ok(()) } else { Err(Rejection::new(rule, expected, found)) }
}
