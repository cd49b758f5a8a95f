//! Founding, law, roots, people, keys and papers of a village.

use serde::{Deserialize, Serialize};

use crate::core::act::matter::Place;
use crate::core::catalogue::{Catalogue, Subject};
use crate::core::clock::Date;
use crate::core::ids::{Digest, DistrictCode, PersonId, PublicKey, VillageCode};
use crate::core::model::{Body, Category, Doc, KeyKind, Role, codes};
use crate::core::rules::Profile;

/// A person who is enrolled by the roots: the first clerk, the first supervision committee, an official.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Founder {
    /// Random id.
    pub person: PersonId,
    /// Commitment to the name (PROTOCOL "Personal data").
    pub name: Digest,
    /// The role.
    pub role: Role,
    /// The signing key.
    pub key: PublicKey,
    /// What holds the key.
    pub key_kind: KeyKind,
}

/// Entry 0: the village's record begins, signed by two district root keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Founded {
    /// Name of the log: `<host>/log/v/<village code>`, fixed for ever.
    pub origin: String,
    /// The district.
    pub district: DistrictCode,
    /// Rules version; 1 is this law.
    pub rules: u32,
    /// The log's own key.
    pub log_key: PublicKey,
    /// The district's root keys, 2 to 9.
    pub roots: Vec<PublicKey>,
    /// First clerk and first supervision committee.
    pub people: Vec<Founder>,
}

/// The district's root keys from here on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RootsChanged {
    /// 2 to 9 keys.
    pub roots: Vec<PublicKey>,
}

/// The log's own key from here on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogKeyRotated {
    /// The new key.
    pub log_key: PublicKey,
}

/// The rules version from here on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RulesAdopted {
    /// The version.
    pub rules: u32,
}

/// A rule profile is in force from its effective date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileAdopted {
    /// The profile, inline.
    pub profile: Profile,
}

/// A catalogue is in force from its effective date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogueAdopted {
    /// The catalogue, inline.
    pub catalogue: Catalogue,
}

/// The village disclosed its affairs or accounts of some time (村务公开、财务公开).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AffairsDisclosed {
    /// Which.
    pub subject: Subject,
    /// First day of what is disclosed.
    pub from: Date,
    /// Last day of what is disclosed.
    pub until: Date,
    /// What is disclosed, in words.
    pub text: Doc,
    /// Tables and vouchers, at most 50.
    pub papers: Vec<Doc>,
    /// Where it is posted.
    pub places: Vec<Place>,
}

/// One year's holidays and exchanged working days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarAdopted {
    /// The year.
    pub year: u16,
    /// Days off, sorted.
    pub holidays: Vec<Date>,
    /// Weekend days worked, sorted.
    pub workdays: Vec<Date>,
}

/// Officials who act for this village, with keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfficialsEnrolled {
    /// At most 200.
    pub officials: Vec<Founder>,
}

/// A person and a role that ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleRow {
    /// Who.
    pub person: PersonId,
    /// Which role.
    pub role: Role,
}

/// Roles end: resignation, recall, death, or the end of an office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RolesEnded {
    /// At most 200.
    pub rows: Vec<RoleRow>,
    /// Why.
    pub reason: EndReason,
    /// The paper it rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Doc>,
}

codes!(
    /// Why a role ends.
    EndReason {
        /// 辞职
        Resignation = "resignation",
        /// 罢免
        Recall = "recall",
        /// 去世
        Death = "death",
        /// 任职变动
        Office = "office",
    }
);

/// The village's name from here on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Renamed {
    /// The name.
    pub name: Doc,
}

/// The village merges into another; open matters carry over there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Merged {
    /// The village that takes over.
    pub into: VillageCode,
    /// The order.
    pub order: Doc,
}

/// An unlawful entry loses its effect from here on and is shown for ever: keys that it enrolled are revoked, a delegation that
/// it recorded ends, and with a matter in the header, that matter ends. One that would change nothing is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryAnnulled {
    /// Leaf hash of the entry.
    pub entry: Digest,
    /// Keys that the entry enrolled, revoked from here on.
    pub keys: Vec<PublicKey>,
    /// Why.
    pub reason: Doc,
}

/// A person of the new term.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TermRow {
    /// Random id; the re-elected keep theirs.
    pub person: PersonId,
    /// Commitment to the name.
    pub name: Digest,
    /// Roles held, sorted.
    pub roles: Vec<Role>,
    /// Villager group number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<u16>,
}

/// A term begins (换届): imports the result of the election; ends the roles of the term before, keeps the keys of the re-elected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TermOpened {
    /// Number of the term, rising.
    pub term: u32,
    /// First day.
    pub from: Date,
    /// Last day.
    pub until: Date,
    /// Sorted by person, at most 200 a part.
    pub people: Vec<TermRow>,
    /// The election's result.
    pub result: Doc,
}

codes!(
    /// Why a role begins.
    GrantReason {
        /// 补选
        ByElection = "by_election",
        /// 任命
        Appointment = "appointment",
        /// 登记
        Registration = "registration",
    }
);

/// Roles begin within a term: by-election, appointment, registration of household representatives or members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RolesGranted {
    /// Sorted by person, at most 200.
    pub people: Vec<TermRow>,
    /// Why.
    pub reason: GrantReason,
    /// The paper it rests on.
    pub text: Doc,
}

/// A role is covered by another person for set dates (代办).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleCovered {
    /// Whose role.
    pub holder: PersonId,
    /// Which role.
    pub role: Role,
    /// Who stands in.
    pub person: PersonId,
    /// First day.
    pub from: Date,
    /// Last day, at most 90 days later.
    pub until: Date,
    /// Why.
    pub reason: Doc,
}

/// Two people are near kin: they may not be the two signers of one act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KinDeclared {
    /// The two, sorted.
    pub persons: Vec<PersonId>,
}

/// A key and its holder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRow {
    /// Who.
    pub person: PersonId,
    /// The key.
    pub key: PublicKey,
    /// What holds it.
    pub key_kind: KeyKind,
}

/// Keys of people on the record, from here on. One key belongs to one person for ever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeysEnrolled {
    /// At most 200.
    pub keys: Vec<KeyRow>,
}

codes!(
    /// Why a key is revoked.
    RevokeReason {
        /// 丢失
        Lost = "lost",
        /// 更换
        Replaced = "replaced",
        /// 泄露
        Compromised = "compromised",
        /// 不再使用
        Ended = "ended",
    }
);

/// A key can't sign from here on. What it signed before stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRevoked {
    /// The key.
    pub key: PublicKey,
    /// Why.
    pub reason: RevokeReason,
}

codes!(
    /// Why no supervision committee member can sign.
    SubstituteCause {
        /// 都不在
        Absent = "absent",
        /// 近亲属回避
        NearKin = "near_kin",
        /// 无人在任
        Vacant = "vacant",
    }
);

/// No supervision committee member can sign: after two days the township's discipline officer may.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubstituteRequested {
    /// Why.
    pub cause: SubstituteCause,
    /// In words.
    pub reason: Doc,
}

/// What an assembly delegated (授权) to representatives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DelegationRecorded {
    /// Who delegates.
    pub from: Body,
    /// Who may decide.
    pub to: Body,
    /// For which matters.
    pub categories: Vec<Category>,
    /// Last day.
    pub until: Date,
    /// The resolution.
    pub text: Doc,
}

codes!(
    /// Why a document is no longer shown.
    WithdrawReason {
        /// 个人信息
        PersonalData = "personal_data",
        /// 错误
        Error = "error",
        /// 到期
        Expired = "expired",
        /// 依法
        Order = "order",
        /// 违反议事规则
        Conduct = "conduct",
    }
);

/// A document is no longer shown; a redacted copy may take its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentWithdrawn {
    /// Its commitment.
    pub document: Digest,
    /// Why.
    pub reason: WithdrawReason,
    /// The redacted copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replacement: Option<Doc>,
}

/// A slip of the pen is put right (更正), shown beside the original. `basis` names the entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClericalCorrected {
    /// Kind of the entry that is corrected.
    pub of: crate::core::act::Kind,
    /// The document with the slip.
    pub old: Digest,
    /// The right wording.
    pub new: Doc,
}
