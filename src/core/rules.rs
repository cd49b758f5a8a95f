//! Rule profiles: the numbers of the law as data, with citation and effective date. A district changes data, never code.

use serde::{Deserialize, Serialize};

use crate::core::calendar::Period;
use crate::core::clock::Date;
use crate::core::model::{Body, Category, Mode, ProfileCode};

/// The longest period of a profile, in days.
const MAX_DAYS: u16 = 366;

/// What a share is taken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Base {
    /// Those present when voting opened.
    Present,
    /// All members of the body.
    All,
}

/// A share such as 2/3 of all, or more than 1/2 of those present.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// Numerator.
    pub num: u16,
    /// Denominator, not 0.
    pub den: u16,
    /// Whether exactly the share is too little (过半数: more than half).
    pub more_than: bool,
    /// What it is taken of.
    pub base: Base,
}

impl Share {
    /// Whether `count` of `base` people reaches this share.
    #[must_use]
    pub fn is_reached(self, count: u32, base: u32) -> bool {
        let (count, base) = (u64::from(count) * u64::from(self.den), u64::from(base) * u64::from(self.num));
        if self.more_than { count > base } else { count >= base && count > 0 }
    }

    /// The smallest count that reaches this share of `base`.
    #[must_use]
    pub fn needed(self, base: u32) -> u32 {
        let (num, den) = (u64::from(self.num) * u64::from(base), u64::from(self.den).max(1));
        let least = if self.more_than { num / den + 1 } else { num.div_ceil(den).max(1) };
        u32::try_from(least).unwrap_or(u32::MAX)
    }

    fn is_sane(self) -> bool {
        self.den > 0 && self.num > 0 && self.num <= self.den
    }
}

/// How a recused member (回避) is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recusal {
    /// Whether members can be recused at all.
    pub allowed: bool,
    /// Whether a recused member who is there counts towards the quorum.
    pub in_quorum: bool,
    /// Whether a recused member counts in the base of the threshold.
    pub in_base: bool,
}

/// One body's rules for some categories and amounts.
#[expect(clippy::struct_excessive_bools, reason = "each is a yes or no of the law, with its own name in signed data")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Names the profile; versions of one profile share it.
    pub code: ProfileCode,
    /// Rises with each change.
    pub version: u32,
    /// The body that decides.
    pub body: Body,
    /// The categories it is for.
    pub categories: Vec<Category>,
    /// Applies from this amount, in fen.
    pub from_fen: u64,
    /// Applies below this amount, in fen. Absent where there is no such limit: statements hold no null.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below_fen: Option<u64>,
    /// Where the numbers come from: law, articles, local measures.
    pub citation: String,
    /// First day in force.
    pub effective: Date,
    /// Whether the district has checked the numbers against the law in force.
    pub confirmed: bool,
    /// Notice of a session.
    pub session_notice: Period,
    /// How long the settled plan is posted, and objections taken, before filing.
    pub plan_notice: Period,
    /// How long the resolution is posted before sign-off.
    pub resolution_notice: Period,
    /// How long the township has to review.
    pub filing: Period,
    /// How soon an objection is to be answered.
    pub answer: Period,
    /// How soon an interpellation is to be answered; as an objection where it isn't said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interpellation: Option<Period>,
    /// How soon a complaint is to be answered; as an objection where it isn't said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complaint: Option<Period>,
    /// How many must be there.
    pub quorum: Share,
    /// How many must be for it.
    pub threshold: Share,
    /// Whether abstentions count in the base of the threshold.
    pub abstain_in_base: bool,
    /// How recused members count.
    pub recusal: Recusal,
    /// Whether members may take part from elsewhere.
    pub remote: bool,
    /// Whether members who can't come may vote at a box that is carried to them (流动票箱).
    pub mobile_box: bool,
    /// Whether the body may decide only what an assembly delegated to it (授权).
    pub needs_delegation: bool,
    /// How choices are kept.
    pub mode: Mode,
}

impl Profile {
    /// Whether the profile is for a matter of this category and amount.
    #[must_use]
    pub fn covers(&self, category: Category, amount_fen: u64) -> bool {
        self.categories.contains(&category)
            && amount_fen >= self.from_fen
            && self.below_fen.is_none_or(|below| amount_fen < below)
    }

    /// Whether the numbers make sense together.
    #[must_use]
    pub fn is_sane(&self) -> bool {
        self.quorum.is_sane()
            && self.threshold.is_sane()
            && self.quorum.base == Base::All
            && !self.categories.is_empty()
            && self.below_fen.is_none_or(|below| below > self.from_fen)
            && [self.session_notice, self.plan_notice, self.resolution_notice, self.filing, self.answer]
                .iter()
                .chain(&self.interpellation)
                .chain(&self.complaint)
                .all(|period| period.days <= MAX_DAYS)
            && (1..=300).contains(&self.citation.chars().count())
    }
}

#[cfg(test)]
mod tests {
    use super::{Base, Share};

    #[test]
    fn quorum_of_45_is_30() {
        let quorum = Share { num: 2, den: 3, more_than: false, base: Base::All };
        assert!(!quorum.is_reached(29, 45));
        assert!(quorum.is_reached(30, 45));
        assert_eq!(quorum.needed(45), 30);
    }

    #[test]
    fn half_of_30_is_not_more_than_half() {
        let majority = Share { num: 1, den: 2, more_than: true, base: Base::Present };
        assert!(!majority.is_reached(15, 30));
        assert!(majority.is_reached(16, 30));
        assert_eq!(majority.needed(30), 16);
        assert!(!majority.is_reached(0, 0));
    }
}
