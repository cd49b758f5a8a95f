//! A village's people and roles.

use askama::Template;

use crate::core::clock::Date;
use crate::http::pages::chrome::Chrome;
use crate::http::pages::matter::Action;
use crate::http::pages::parts::{Place, Who};
use crate::http::pages::village::Office;

/// Who holds which office, who stands on the roster, who stands in for whom.
#[derive(Template, Debug, Clone)]
#[template(path = "people.html")]
pub struct PeoplePage {
    /// Frame.
    pub c: Chrome,
    /// The village.
    pub place: Place,
    /// Term, as first and last day.
    pub term: Option<(Date, Date)>,
    /// Offices of the village.
    pub offices: Vec<Office>,
    /// Officials of township and district who act for the village.
    pub officials: Vec<Office>,
    /// The representatives' assembly by number.
    pub members: Vec<Member>,
    /// Whether the reader may see the members' names.
    pub named: bool,
    /// Roles covered by others, now or soon.
    pub covers: Vec<CoverLine>,
    /// Whether the reader speaks for households, or sees in numbers that they are asked.
    pub households: bool,
    /// Declared near kin, for readers of the village.
    pub kin: Vec<(String, String)>,
    /// What assemblies delegated.
    pub delegations: Vec<DelegationLine>,
    /// What the reader may do here.
    pub actions: Vec<Action>,
}

/// A member of the assembly.
#[derive(Debug, Clone)]
pub struct Member {
    /// Number that the next roster will give.
    pub no: u32,
    /// Who, in which role.
    pub who: Who,
    /// Villager group.
    pub group: Option<u16>,
    /// Whether a signing key is enrolled, for readers of the village.
    pub key: Option<bool>,
    /// What the reader may do about this person.
    pub actions: Vec<Action>,
}

/// A role covered by another person (代办).
#[derive(Debug, Clone)]
pub struct CoverLine {
    /// Code of the role.
    pub role: String,
    /// Whose it is.
    pub holder: Who,
    /// Who stands in.
    pub person: Who,
    /// First day.
    pub from: Date,
    /// Last day.
    pub until: Date,
}

/// What an assembly delegated to representatives (授权).
#[derive(Debug, Clone)]
pub struct DelegationLine {
    /// Code of the body that may decide.
    pub to: String,
    /// Codes of categories.
    pub categories: Vec<String>,
    /// Last day.
    pub until: Date,
}
