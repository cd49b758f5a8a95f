//! One question's vote: opening, ballots, count, result (PROTOCOL 8).

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::core::clock::Time;
use crate::core::ids::{Digest, PersonId, PublicKey, SignatureBytes};
use crate::core::model::{Channel, Doc, Mode, OptionCode, codes};

/// A statement whose header says it all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// The vote on one question opens. `basis` is the roster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VotingOpened {
    /// Leaf hash of the rule profile's adoption, as settled.
    pub profile: Digest,
    /// How choices are kept.
    pub mode: Mode,
    /// Commitment of the question's wording, as settled.
    pub title: Digest,
    /// Commitment of the plan, as settled.
    pub plan: Digest,
    /// As settled.
    pub options: Vec<OptionCode>,
    /// Commitments of the words of the question's own options, as settled.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<Digest>,
    /// How ballots can come.
    pub channels: Vec<Channel>,
    /// Whether papers bear the voter's name and are published by number. Written only where they do: `true`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not", deserialize_with = "only_true")]
    pub named_papers: bool,
    /// When it closes by itself.
    pub closes_at: Time,
    /// How long ballots of terminals, papers and vouched ballots may be entered after closing, at most 120.
    pub grace_minutes: u16,
    /// Members due (应到).
    pub eligible: u32,
    /// Members there (实到).
    pub present: u32,
}

/// A member that is written only where it holds.
fn only_true<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    let held = bool::deserialize(deserializer)?;
    if held { Ok(true) } else { Err(D::Error::custom("true, or no such member")) }
}

impl VotingOpened {
    /// Commitment of the words of one of the question's own options.
    #[must_use]
    pub fn label(&self, option: &OptionCode) -> Option<Digest> {
        let own = self.options.iter().filter(|option| option.as_str() != OptionCode::ABSTAIN);
        own.zip(&self.labels).find(|(one, _)| *one == option).map(|(_, label)| *label)
    }
}

/// Where a ballot stands among those that a terminal took in one vote: none can be left out or put in later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AtTerminal {
    /// From 1, without gaps.
    pub counter: u32,
    /// Statement id of the ballot before it; the opening of the vote before the first.
    pub prev: Digest,
}

/// A named ballot: only the commitment is public until the vote has closed. `basis` is the opening of the vote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BallotCast {
    /// Roster number.
    pub voter: u32,
    /// Rises with each ballot of the voter.
    pub revision: u32,
    /// Online or kiosk.
    pub channel: Channel,
    /// Who helped the voter, where somebody did: shown beside the voter's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub helper: Option<PersonId>,
    /// For a ballot of a terminal, which signs it beside the voter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terminal: Option<AtTerminal>,
    /// SHA-256("sunvote/choice/v1\\n" ‖ basis ‖ u32be voter ‖ u32be revision ‖ nonce ‖ choice).
    pub commitment: Digest,
}

/// A ballot that an inspector's witness received from a voter whom the server refused or did not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VouchedBallot {
    /// Id of the `ballot.cast` statement.
    pub statement: Digest,
    /// Roster number.
    pub voter: u32,
    /// Of that ballot.
    pub revision: u32,
    /// When the witness received it.
    pub received_at: Time,
}

/// An inspector vouches that ballots were received in time: each is admitted by when it was received, until deliveries
/// end. `basis` is the opening of the vote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BallotVouched {
    /// Sorted by statement, 1 to 200.
    pub ballots: Vec<VouchedBallot>,
}

/// While people vote the log records a cosigned checkpoint of the district: nobody could have made this entry before the
/// witness signed, however the server's clock was set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeAnchored {
    /// Size of the district's log in that checkpoint.
    pub size: u64,
    /// Its root.
    pub root: Digest,
    /// Public key of the witness.
    pub witness: PublicKey,
    /// When the witness cosigned, in whole seconds.
    pub cosigned_at: Time,
    /// Its signature over `cosignature/v1\ntime <seconds>\n<checkpoint body>`, without key id and time.
    pub signature: SignatureBytes,
}

/// A terminal takes no more ballots in this vote: what it has not delivered by now may come until deliveries end, and nothing
/// besides. By the terminal and two people; they print it for the minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TerminalSealed {
    /// How many ballots it took in this vote.
    pub counter: u32,
    /// Statement id of the last of them; the opening of the vote where there is none.
    pub last: Digest,
}

/// Paper ballots are handed to voters; never their serial numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaperIssued {
    /// Roster numbers, sorted.
    pub voters: Vec<u32>,
}

/// The mobile box was with these members, and each was handed a paper ballot there. By the three who carry it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MobileBoxVisited {
    /// Roster numbers, sorted.
    pub voters: Vec<u32>,
}

/// How many chose an option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptionCount {
    /// The option.
    pub option: OptionCode,
    /// How many.
    pub count: u32,
}

/// What stood on a named paper that is valid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedPaper {
    /// Roster number of who is named on it.
    pub voter: u32,
    /// The choice.
    pub choice: OptionCode,
}

/// A count of the paper ballots: the first, by two people, or the recount that a dispute led to, by three; `basis` of the recount is
/// the dispute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaperCounted {
    /// Ballots found in the box.
    pub in_box: u32,
    /// Every option, in the question's order.
    pub counts: Vec<OptionCount>,
    /// Invalid ballots.
    pub invalid: u32,
    /// Where papers are named, each valid one, sorted by voter.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<NamedPaper>,
    /// Photographs of the papers, as documents of several each, sorted by commitment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub photos: Vec<Doc>,
}

/// What a commitment hides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// Roster number.
    pub voter: u32,
    /// Of the ballot that is opened.
    pub revision: u32,
    /// 32 random bytes.
    pub nonce: Digest,
    /// The choice.
    pub choice: OptionCode,
}

/// The openings of the ballots that count, by the log, after deliveries ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BallotsOpened {
    /// Sorted by voter, at most 200 a part.
    pub rows: Vec<Opening>,
}

/// The result. Everyone recomputes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResultAnnounced {
    /// Members due.
    pub eligible: u32,
    /// Members there when voting opened, and those whom the mobile box was with.
    pub present: u32,
    /// Recused members among them.
    pub recused: u32,
    /// Ballots that count.
    pub voted: u32,
    /// Every option, in the question's order.
    pub counts: Vec<OptionCount>,
    /// Invalid paper ballots.
    pub invalid: u32,
    /// What the threshold is taken of.
    pub base: u32,
    /// Votes needed.
    pub needed: u32,
    /// The option that passed, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub winner: Option<OptionCode>,
    /// Whether the question passed.
    pub passed: bool,
}

codes!(
    /// Why a vote is void.
    VoidReason {
        /// 票面缺失
        OpeningMissing = "opening_missing",
        /// 票数多于发出数
        TooManyPapers = "too_many_papers",
        /// 争议成立
        Dispute = "dispute",
        /// 故障
        Failure = "failure",
    }
);

/// The vote is void and can be held again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VotingVoided {
    /// Why.
    pub reason: VoidReason,
    /// In words.
    pub text: Doc,
}
