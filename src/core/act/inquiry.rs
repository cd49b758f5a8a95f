//! What villagers ask and say beside the six steps: an interpellation, a complaint, a rating of what was carried out. None of it holds a
//! matter up, and all of it is answered in its time.

use serde::{Deserialize, Serialize};

use crate::core::ids::Digest;
use crate::core::model::{Doc, Level, Role, Source, codes};

codes!(
    /// What is asked.
    Asked {
        /// 质询: the village is asked to explain itself.
        Interpellation = "interpellation",
        /// 投诉: something is said to have gone wrong.
        Complaint = "complaint",
    }
);

codes!(
    /// Who is asked, and answers.
    Addressee {
        /// 村两委
        Village = "village",
        /// 村务监督委员会
        SupervisionCommittee = "supervision_committee",
        /// 乡镇(街道)
        Township = "township",
        /// 纪检监察
        Discipline = "discipline",
    }
);

impl Addressee {
    /// Who may answer for it.
    #[must_use]
    pub fn roles(self) -> &'static [Role] {
        match self {
            Self::Village => &[Role::Clerk, Role::Chair, Role::BranchSecretary],
            Self::SupervisionCommittee => &[Role::SupervisionCommittee],
            Self::Township => &[Role::TownshipDrafter, Role::TownshipApprover],
            Self::Discipline => &[Role::TownshipDisciplineOfficer, Role::DisciplineInspector],
        }
    }

    /// Who may read what is said to it: who turns to somebody outside the village need not fear that the village reads it.
    #[must_use]
    pub fn level(self) -> Level {
        match self {
            Self::Village => Level::Public,
            Self::SupervisionCommittee | Self::Township => Level::Officials,
            Self::Discipline => Level::Discipline,
        }
    }
}

/// An interpellation or complaint from a person without a key, signed by the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InquiryReceived {
    /// Which of the two.
    pub what: Asked,
    /// Who is asked: the village itself, where it is an interpellation.
    pub to: Addressee,
    /// The words, of the level that belongs to who is asked.
    pub text: Doc,
    /// SHA-256 of the receipt code given to the person.
    pub receipt: Digest,
}

/// An interpellation or complaint, with where it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InquiryEntered {
    /// Which of the two.
    pub what: Asked,
    /// Who is asked.
    pub to: Addressee,
    /// The words, of the level that belongs to who is asked.
    pub text: Doc,
    /// Where it came from.
    pub source: Source,
}

/// A rating of what was carried out, from a person without a key, signed by the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RatingReceived {
    /// 1 (bad) to 5 (good).
    pub score: u8,
    /// Why; what is said waits for an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Doc>,
    /// SHA-256 of the receipt code given to the person.
    pub receipt: Digest,
}

/// A rating of what was carried out, with where it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RatingEntered {
    /// 1 (bad) to 5 (good).
    pub score: u8,
    /// Why; what is said waits for an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Doc>,
    /// Where it came from.
    pub source: Source,
}

/// A return visit (回访): people are asked whether what was promised came about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReturnVisit {
    /// Households visited, at least one.
    pub households: u32,
    /// How many of them were content.
    pub satisfied: u32,
    /// What was heard.
    pub text: Doc,
}

/// What somebody says in the village's hall (议事厅), about a matter or in general, for everybody to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HallPosted {
    /// The words.
    pub text: Doc,
    /// Papers and pictures beside them, at most 10.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub papers: Vec<Doc>,
}
