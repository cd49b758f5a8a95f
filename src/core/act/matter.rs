//! A matter from suggestion to sign-off.

use serde::{Deserialize, Serialize};

use crate::core::clock::Date;
use crate::core::ids::{Digest, PersonId};
use crate::core::model::{Body, Category, Doc, OptionCode, PaperCode, QuestionCode, Source, Stage, codes};

/// A paper in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// The paper.
    pub text: Doc,
}

/// A step back or an end, with the reason in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// Why.
    pub reason: Doc,
}

/// Papers handed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Materials {
    /// At most 50.
    pub materials: Vec<Doc>,
}

/// The matter goes to the township.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filing {
    /// What the first of the materials are: the papers that the catalogue in force asks for, in its order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub papers: Vec<PaperCode>,
    /// At most 50.
    pub materials: Vec<Doc>,
}

/// A suggestion from a person without a key, signed by the log. The person keeps the receipt code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuggestionReceived {
    /// The suggestion.
    pub text: Doc,
    /// SHA-256 of the receipt code given to the person.
    pub receipt: Digest,
}

/// A suggestion, with where it came from and who entered it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuggestionEntered {
    /// The suggestion.
    pub text: Doc,
    /// Where it came from.
    pub source: Source,
}

/// The branch proposes the matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposed {
    /// One of ten.
    pub category: Category,
    /// Its title.
    pub title: Doc,
    /// The draft plan.
    pub plan: Doc,
    /// Money involved, in fen; 0 where none.
    pub amount_fen: u64,
    /// Leaf hashes of the suggestions it answers, at least one.
    pub answers: Vec<Digest>,
}

/// The enlarged branch meeting (R1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnlargedMeeting {
    /// Members of the record who were there.
    pub attendees: Vec<PersonId>,
    /// How many attended without a vote (列席).
    pub nonvoting: u32,
    /// Their opinions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opinions: Option<Doc>,
    /// The minutes.
    pub minutes: Doc,
}

/// Opinions gathered by household visit (R2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Visits {
    /// Households visited.
    pub households: u32,
    /// Each opinion, at most 200.
    pub opinions: Vec<Doc>,
}

/// A reply to each opinion of a round of visits; `basis` names the visits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpinionsAnswered {
    /// One for each opinion, same order.
    pub answers: Vec<Doc>,
}

/// The joint meeting of village affairs (村务联席会议).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JointMeeting {
    /// Who was there.
    pub attendees: Vec<PersonId>,
    /// The minutes.
    pub minutes: Doc,
}

/// One question to decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Its code in the matter.
    pub code: QuestionCode,
    /// Its wording.
    pub title: Doc,
    /// `for`, `against`, `abstain`; or the question's own with `abstain`.
    pub options: Vec<OptionCode>,
    /// The words of the question's own options, in their order, without the abstention's. None where people know the code.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<Doc>,
    /// Whether the matter fails with it.
    pub required: bool,
}

/// One ballot the matter needs, with its own body, profile and questions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequiredBallot {
    /// Who decides.
    pub body: Body,
    /// Leaf hash of the rule profile's adoption.
    pub profile: Digest,
    /// Villager group, for a group meeting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<u16>,
    /// At least one.
    pub questions: Vec<Question>,
}

/// The settled plan with the questions to be decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanSettled {
    /// The plan.
    pub plan: Doc,
    /// Money involved, in fen.
    pub amount_fen: u64,
    /// All must pass.
    pub ballots: Vec<RequiredBallot>,
}

codes!(
    /// Where a notice was posted.
    Place {
        /// 公示栏
        Board = "board",
        /// 网上
        Online = "online",
        /// 村会堂
        Hall = "hall",
        /// 广播
        Loudspeaker = "loudspeaker",
    }
);

/// A public notice (公示): its window of objection begins with the entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Posted {
    /// The notice.
    pub notice: Doc,
    /// Where it is posted.
    pub places: Vec<Place>,
}

/// An objection from a person without a key, signed by the log; `basis` names the notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectionReceived {
    /// The objection.
    pub text: Doc,
    /// SHA-256 of the receipt code given to the person.
    pub receipt: Digest,
}

/// An objection; `basis` names the notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectionEntered {
    /// The objection.
    pub text: Doc,
    /// Where it came from.
    pub source: Source,
}

codes!(
    /// What the reviewer advises.
    Advice {
        /// 同意备案
        File = "file",
        /// 退回
        Return = "return",
    }
);

/// The township's reviewer gives an opinion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reviewed {
    /// The opinion.
    pub opinion: Doc,
    /// What is advised.
    pub advice: Advice,
}

/// The township returns the matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Returned {
    /// Why.
    pub reason: Doc,
    /// Proposal or consultation.
    pub to: Stage,
}

/// The log notes that the review's due time has passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeadlinePassed {
    /// The last day it was due.
    pub due: Date,
}

codes!(
    /// Who annuls.
    Authority {
        /// 法院
        Court = "court",
        /// 乡镇
        Township = "township",
    }
);

/// The matter is annulled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Annulled {
    /// By whom.
    pub authority: Authority,
    /// Why.
    pub reason: Doc,
}

/// In an emergency the two committees and the township decide now; the next session ratifies (追认).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Emergency {
    /// One of ten.
    pub category: Category,
    /// Its title.
    pub title: Doc,
    /// What was decided.
    pub plan: Doc,
    /// Money involved, in fen.
    pub amount_fen: u64,
    /// What the emergency is.
    pub reason: Doc,
    /// What is to be ratified.
    pub ballots: Vec<RequiredBallot>,
}

/// A matter for which disclosure is enough: below every threshold, or inside a voted annual budget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disclosure {
    /// One of ten.
    pub category: Category,
    /// Its title.
    pub title: Doc,
    /// What is disclosed.
    pub text: Doc,
    /// Money involved, in fen.
    pub amount_fen: u64,
    /// Leaf hash of the signed minutes of the annual plan (M01) it lies in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Digest>,
}
