//! The nouns of the law: closed sets of codes and the small values that statements are made of.
//! Codes are stable: they stand in signed statements for ever (DOMAIN terms).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::core::ids::{Digest, IdError};

/// Declares an enum whose variants each have one stable text code.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $code)] $variant,)+ }

        impl $name {
            /// Every value, in order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable code.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }
        }
        impl std::str::FromStr for $name {
            type Err = crate::core::ids::IdError;
            fn from_str(text: &str) -> Result<Self, crate::core::ids::IdError> {
                match text { $($code => Ok(Self::$variant),)+ _ => Err(crate::core::ids::IdError { what: stringify!($name) }) }
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.code())
            }
        }
    };
}
pub(crate) use codes;

codes!(
    /// The ten matter categories; each must go to a ballot.
    Category {
        /// Development plans, annual plans, village construction plan.
        M01 = "M01",
        /// Public works: funding, labour, contracting.
        M02 = "M02",
        /// Who receives lost-work allowance, and how much.
        M03 = "M03",
        /// Use of collective income.
        M04 = "M04",
        /// Land contracting plan.
        M05 = "M05",
        /// Collective projects: approval and contracting.
        M06 = "M06",
        /// Homestead use plan.
        M07 = "M07",
        /// Land compensation: use and distribution.
        M08 = "M08",
        /// Disposal of collective property by loan, lease or otherwise.
        M09 = "M09",
        /// Other matters of vital interest.
        M10 = "M10",
    }
);

codes!(
    /// The capacity in which a person (or key) signs.
    Role {
        /// An offline district root key.
        Root = "root",
        /// The village log's own key.
        Log = "log",
        /// A terminal that is registered in the session (投票终端).
        Terminal = "terminal",
        /// Whoever stands on the session's roster.
        Voter = "voter",
        /// Whoever owns the key in question.
        Holder = "holder",
        /// Calls the ballots out (唱票人), named in the session.
        Caller = "caller",
        /// Counts (计票人), named in the session.
        Counter = "counter",
        /// Watches the count (监票人), named in the session.
        Scrutineer = "scrutineer",
        /// Carries the mobile box with two others (流动票箱监票人), named in the session.
        BoxScrutineer = "box_scrutineer",
        /// 村民
        Villager = "villager",
        /// 村民代表
        Representative = "representative",
        /// 成员代表
        MemberRepresentative = "member_representative",
        /// 集体经济组织成员
        Member = "member",
        /// 户代表
        HouseholdRepresentative = "household_representative",
        /// 村党组织书记
        BranchSecretary = "branch_secretary",
        /// 村委会主任
        Chair = "chair",
        /// 村委会委员
        CommitteeMember = "committee_member",
        /// 文书、村报账员
        Clerk = "clerk",
        /// 村民小组长
        GroupLeader = "group_leader",
        /// 网格员
        GridWorker = "grid_worker",
        /// 村务监督委员会成员
        SupervisionCommittee = "supervision_committee",
        /// 乡镇经办人
        TownshipDrafter = "township_drafter",
        /// 乡镇审批人
        TownshipApprover = "township_approver",
        /// 镇街纪委
        TownshipDisciplineOfficer = "township_discipline_officer",
        /// 区纪委
        DisciplineInspector = "discipline_inspector",
        /// 区级管理员
        DistrictAdmin = "district_admin",
    }
);

impl Role {
    /// Whether district roots grant it (officials), rather than the village's own clerk and supervision committee.
    #[must_use]
    pub fn is_official(self) -> bool {
        matches!(
            self,
            Self::TownshipDrafter
                | Self::TownshipApprover
                | Self::TownshipDisciplineOfficer
                | Self::DisciplineInspector
                | Self::DistrictAdmin
        )
    }

    /// Whether a village grants it by term, by-election or appointment.
    #[must_use]
    pub fn is_village(self) -> bool {
        !self.is_official() && !self.is_duty() && !matches!(self, Self::Root | Self::Log | Self::Voter | Self::Holder)
    }

    /// Whether it is a duty that one session names.
    #[must_use]
    pub fn is_duty(self) -> bool {
        matches!(self, Self::Caller | Self::Counter | Self::Scrutineer | Self::BoxScrutineer)
    }

    /// Whether another person may stand in for set dates (代办). Votes and supervision can't be lent.
    #[must_use]
    pub fn can_be_covered(self) -> bool {
        matches!(self, Self::Clerk | Self::GridWorker | Self::Chair | Self::BranchSecretary | Self::GroupLeader)
    }
}

codes!(
    /// The bodies that decide, each with a roster of its own.
    Body {
        /// 村民代表会议: committee members and representatives.
        RepresentativeAssembly = "representative_assembly",
        /// 成员代表大会: members' representatives, no ex-officio committee members.
        MembersRepresentatives = "members_representatives",
        /// 成员大会
        MembersAssembly = "members_assembly",
        /// 村民会议
        VillagersAssembly = "villagers_assembly",
        /// 村民小组会议
        GroupMeeting = "group_meeting",
    }
);

impl Body {
    /// The roles whose holders stand on this body's roster (Organic Law arts. 21–28; collective law arts. 26–28).
    #[must_use]
    pub fn roles(self) -> &'static [Role] {
        match self {
            Self::RepresentativeAssembly => &[Role::Chair, Role::CommitteeMember, Role::Representative],
            Self::MembersRepresentatives => &[Role::MemberRepresentative],
            Self::MembersAssembly => &[Role::Member],
            Self::VillagersAssembly | Self::GroupMeeting => &[Role::HouseholdRepresentative],
        }
    }
}

codes!(
    /// Who may read a document.
    Level {
        /// Everyone.
        Public = "public",
        /// People of the own village and its officials.
        Village = "village",
        /// Officials, supervision committee and those who entered it.
        Officials = "officials",
        /// Discipline officers and inspectors, and those who entered it.
        Discipline = "discipline",
    }
);

impl Level {
    /// Whether it is kept from the village's people.
    #[must_use]
    pub fn is_closed(self) -> bool {
        matches!(self, Self::Officials | Self::Discipline)
    }
}

codes!(
    /// The kinds of document the record may name.
    Media {
        /// UTF-8 text.
        Text = "text/plain",
        /// A portable document.
        Pdf = "application/pdf",
        /// A photograph.
        Jpeg = "image/jpeg",
        /// A picture.
        Png = "image/png",
        /// A picture.
        Webp = "image/webp",
        /// A photograph as phones store it.
        Heic = "image/heic",
        /// A recording.
        Mp4 = "video/mp4",
    }
);

codes!(
    /// Where a suggestion or objection came from (R5: offline channels keep their origin).
    Source {
        /// Entered by the person on line.
        Online = "online",
        /// The paper suggestion box.
        PaperBox = "paper_box",
        /// Told at a household visit.
        HouseholdVisit = "household_visit",
        /// Told at a talk session.
        TalkSession = "talk_session",
    }
);

codes!(
    /// How a ballot or a check-in reached the session.
    Channel {
        /// The voter's own phone.
        Online = "online",
        /// A terminal in the hall.
        Kiosk = "kiosk",
        /// On paper in the hall.
        Paper = "paper",
    }
);

codes!(
    /// How choices are kept.
    Mode {
        /// Hidden until the vote closes, then public by roster number (记名).
        Named = "named",
        /// Paper in the hall; devices only check in (无记名).
        PaperSecret = "paper_secret",
    }
);

codes!(
    /// What holds a signing key.
    KeyKind {
        /// A phone or computer of the person.
        Device = "device",
        /// A printed card with a PIN.
        Card = "card",
    }
);

codes!(
    /// The stage a matter stands in. None can be skipped or reordered.
    Stage {
        /// 党员群众建议
        Suggestion = "suggestion",
        /// 村党支部提议
        Proposal = "proposal",
        /// 村务联席会议商议
        Consultation = "consultation",
        /// 乡镇(街道)党(工)委审议备案
        Filing = "filing",
        /// 村民代表会议票决
        Ballot = "ballot",
        /// 村务监督委员会监督
        Supervision = "supervision",
    }
);

codes!(
    /// How a matter ended.
    Outcome {
        /// Carried out and signed off by the supervision committee.
        Finished = "finished",
        /// The ballot did not pass.
        Rejected = "rejected",
        /// Taken back by the branch.
        Withdrawn = "withdrawn",
        /// The suggestion was not taken up, with reasons.
        Declined = "declined",
        /// The suggestion is answered in another matter.
        Merged = "merged",
        /// Needed no ballot, was disclosed.
        Disclosed = "disclosed",
        /// Annulled by a court, the township or the roots.
        Annulled = "annulled",
    }
);

/// A document named by its salted commitment. The bytes stay outside the record (PROTOCOL "Personal data and text").
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Doc {
    /// SHA-256("sunvote/doc/v1\n" ‖ salt(32) ‖ bytes).
    pub sha256: Digest,
    /// Length in bytes.
    pub size: u64,
    /// Media type.
    pub media: Media,
    /// Who may read it.
    pub level: Level,
}

/// Declares a short code made of lower-case letters, digits and underscores.
macro_rules! short_code {
    ($(#[$doc:meta])* $name:ident, $max:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
                if (1..=$max).contains(&text.len()) && text.bytes().all(plain) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(IdError { what: stringify!($name) })
                }
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::core::ids::from_text(deserializer)
            }
        }
    };
}

short_code!(
    /// Names a question within its matter: `q1`, `q2` …
    QuestionCode,
    16
);
short_code!(
    /// Names an option of a question: `for`, `against`, `abstain`, or the question's own.
    OptionCode,
    16
);
short_code!(
    /// Names a rule profile.
    ProfileCode,
    48
);
short_code!(
    /// Names a paper that a catalogue asks for: `budget`, `drawing` …
    PaperCode,
    16
);

impl OptionCode {
    /// The code of an abstention.
    pub const ABSTAIN: &'static str = "abstain";
    /// The code of a vote for.
    pub const FOR: &'static str = "for";
    /// The code of a vote against.
    pub const AGAINST: &'static str = "against";
}
