//! Before a session: who was told of it and whose key works, for the clerk; and the page on which a member tries the own key.

use askama::Template;
use ulid::Ulid;

use crate::app::service::{Readiness, Way};
use crate::core::clock::Time;
use crate::core::ids::{PersonId, SessionId};
use crate::http::pages::chrome::Chrome;
use crate::http::pages::parts::{Place, Who};
use crate::http::pages::printed::Printable;

/// How far a session is prepared, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prepared {
    /// Members due.
    pub members: usize,
    /// Of them, told.
    pub told: usize,
    /// Of them, those who confirmed it.
    pub confirmed: usize,
    /// Of them, those whose key was tried since the call.
    pub ready: usize,
    /// Three days or less are left.
    pub soon: bool,
}

impl Prepared {
    /// Whether there is nothing left to do.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.told == self.members && self.ready == self.members
    }

    /// Members reached, of 1000.
    #[must_use]
    pub fn told_permille(&self) -> usize {
        (self.told * 1_000).checked_div(self.members).unwrap_or(0)
    }
}

/// Which members are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Show {
    /// Everyone.
    #[default]
    All,
    /// Those who were not told.
    Unreached,
    /// Those who did not confirm it.
    Unconfirmed,
    /// Those whose key was not tried.
    Unready,
}

impl Show {
    /// Every choice.
    pub const ALL: [Self; 4] = [Self::All, Self::Unreached, Self::Unconfirmed, Self::Unready];

    /// Its code in address and texts.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Unreached => "unreached",
            Self::Unconfirmed => "unconfirmed",
            Self::Unready => "unready",
        }
    }
}

/// A note that stands.
#[derive(Debug, Clone)]
pub struct NoteLine {
    /// Code of the way.
    pub how: String,
    /// When the member was told.
    pub told: Time,
    /// Who noted it; `None` where it was the member.
    pub by: Option<String>,
    /// Whether the member confirmed it.
    pub confirmed: bool,
}

/// A member in the list.
#[derive(Debug, Clone)]
pub struct MemberRow {
    /// Number on the roster.
    pub no: u32,
    /// Id.
    pub person: PersonId,
    /// Name.
    pub name: String,
    /// What was noted and stands.
    pub notes: Vec<NoteLine>,
    /// Whether the key works.
    pub readiness: Readiness,
}

/// Members of a villager group.
#[derive(Debug, Clone)]
pub struct MemberGroup {
    /// Number of the group; `None` for who belongs to none.
    pub group: Option<u16>,
    /// Its members who are listed, by number.
    pub members: Vec<MemberRow>,
}

/// What was noted at once.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Its id.
    pub batch: Ulid,
    /// Code of the way.
    pub how: String,
    /// When the members were told.
    pub told: Time,
    /// Whether they confirmed it.
    pub confirmed: bool,
    /// Who noted it.
    pub by: String,
    /// When.
    pub noted: Time,
    /// Who was told.
    pub people: Vec<Noted>,
}

impl Batch {
    /// Whether the clerk can take it back: some of it stands, and it is not a member's own word.
    fn can_undo(&self) -> bool {
        self.how != Way::Own.code() && self.people.iter().any(|one| one.undone.is_none())
    }

    fn standing(&self) -> usize {
        self.people.iter().filter(|one| one.undone.is_none()).count()
    }
}

/// A person in what was noted at once.
#[derive(Debug, Clone)]
pub struct Noted {
    /// Id.
    pub person: PersonId,
    /// Name.
    pub name: String,
    /// When and by whom it was taken back.
    pub undone: Option<(Time, String)>,
}

/// Members whose keys are in one state that is not ready.
#[derive(Debug, Clone)]
pub struct Unready {
    /// The state.
    pub state: Readiness,
    /// Number and name of each.
    pub members: Vec<(u32, String)>,
}

/// The register of service (送达登记).
#[derive(Template, Debug, Clone)]
#[template(path = "service.html")]
pub struct ServicePage {
    /// Frame.
    pub c: Chrome,
    /// The village.
    pub place: Place,
    /// The session.
    pub id: SessionId,
    /// Code of the body.
    pub body: String,
    /// When it is held.
    pub at: Time,
    /// How far it is prepared.
    pub prepared: Prepared,
    /// Whether the reader may note anything.
    pub writes: bool,
    /// Which members are listed.
    pub show: Show,
    /// The list.
    pub groups: Vec<MemberGroup>,
    /// Members whose keys don't work yet, by state.
    pub unready: Vec<Unready>,
    /// What was noted just now.
    pub just: Option<Ulid>,
    /// What was noted, newest first, taken back or not.
    pub batches: Vec<Batch>,
    /// The present time, as a form's field has it.
    pub now: String,
    /// What the clerk can send by the own phone.
    pub message: String,
    /// Caller, counter, scrutineer.
    pub tellers: Vec<Who>,
    /// Who does what besides, by code.
    pub duties: Vec<(String, String)>,
    /// Papers to print.
    pub prints: Vec<Printable>,
}

impl ServicePage {
    fn ways(&self) -> [&'static str; 4] {
        Way::NOTED.map(Way::code)
    }

    fn action(&self) -> String {
        format!("/v/{}/s/{}/service", self.place.code, self.id)
    }

    fn listed(&self) -> usize {
        self.groups.iter().map(|group| group.members.len()).sum()
    }

    fn just_noted(&self) -> Option<&Batch> {
        self.batches.iter().find(|batch| Some(batch.batch) == self.just)
    }
}

/// Who opens the page on which a key is tried.
#[derive(Debug, Clone)]
pub enum Tester {
    /// Nobody is logged in, or the log-in is from before the call.
    LogsIn,
    /// Somebody who is no member of this session.
    Other,
    /// A member.
    Member {
        /// Number on the roster.
        no: u32,
        /// Name.
        name: String,
        /// Whether the member has said so already.
        confirmed: bool,
        /// Whether the key works.
        readiness: Readiness,
    },
}

/// Where a member says "I was told" and tries the own key.
#[derive(Template, Debug, Clone)]
#[template(path = "ready.html")]
pub struct ReadyPage {
    /// Whether the reader is one whom the mobile box goes to.
    pub home: bool,
    /// Frame.
    pub c: Chrome,
    /// The village.
    pub place: Place,
    /// The session.
    pub id: SessionId,
    /// Code of the body.
    pub body: String,
    /// When it is held.
    pub at: Time,
    /// Where.
    pub hall: String,
    /// Titles of the matters.
    pub agenda: Vec<String>,
    /// Whether members can vote by phone.
    pub online: bool,
    /// Whether it is still to come or under way.
    pub ahead: bool,
    /// Who looks.
    pub tester: Tester,
}

impl ReadyPage {
    fn own(&self) -> String {
        format!("/v/{}/s/{}/ready", self.place.code, self.id)
    }

    /// What the member can do, as the end of a text key.
    fn advice(&self, readiness: &Readiness) -> &'static str {
        match readiness {
            Readiness::Ready(_, crate::core::model::KeyKind::Card) => "card",
            Readiness::Ready(..) if self.online => "phone",
            Readiness::Ready(..) => "hall",
            Readiness::NoKey | Readiness::Waiting | Readiness::Locked | Readiness::Untested => "try",
        }
    }
}
