//! A resolution as it is carried out: contracts with their milestones, progress and payments, the sign-off.

use serde::{Deserialize, Serialize};

use crate::core::clock::Date;
use crate::core::ids::{Digest, PersonId};
use crate::core::model::{Doc, codes};

/// Something to be reached by a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Milestone {
    /// What it is.
    pub title: Doc,
    /// The last day for it.
    pub due: Date,
    /// To be paid for it, in fen; 0 where nothing is.
    pub amount_fen: u64,
}

/// A contract for carrying out what was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contract {
    /// What it is about.
    pub title: Doc,
    /// With whom.
    pub party: Doc,
    /// Its price, in fen.
    pub amount_fen: u64,
    /// At most 20, by their days; together at most the price.
    pub milestones: Vec<Milestone>,
    /// The contract and what belongs to it, at most 50.
    pub papers: Vec<Doc>,
}

codes!(
    /// What is reported on.
    Work {
        /// 施工
        Works = "works",
        /// 付款
        Payment = "payment",
        /// 质量见证
        Quality = "quality",
        /// 完成
        Delivery = "delivery",
    }
);

/// Progress of carrying it out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    /// What is reported.
    pub what: Work,
    /// How far the whole is done, 0 to 100.
    pub percent: u8,
    /// Paid with this report, in fen.
    pub paid_fen: u64,
    /// The contract it is about, by the leaf hash of its entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<Digest>,
    /// The contract's milestone that is reached with it, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub milestone: Option<u16>,
    /// Who watched over the quality (质量见证人): somebody, where that is what is reported.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub witnesses: Vec<PersonId>,
    /// Papers and photographs, at most 50.
    pub papers: Vec<Doc>,
}

impl Progress {
    /// A report under no contract.
    #[must_use]
    pub fn of(what: Work, percent: u8, paid_fen: u64, papers: Vec<Doc>) -> Self {
        Self { what, percent, paid_fen, contract: None, milestone: None, witnesses: Vec::new(), papers }
    }
}

/// The supervision committee signs off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedOff {
    /// The report.
    pub report: Doc,
}
