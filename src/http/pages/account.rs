//! Logging in, enrolling a phone, what waits for me, settings, help, the demo's roles, errors.

use askama::Template;

use crate::core::clock::Time;
use crate::core::ids::{PersonId, VillageCode};
use crate::http::pages::chrome::{Chrome, Elder};
use crate::http::pages::matter::Action;
use crate::http::pages::parts::{Place, Watch};
use crate::http::pages::service::Prepared;

/// Log in by signing a challenge.
#[derive(Template, Debug, Clone)]
#[template(path = "login.html")]
pub struct LoginPage {
    /// Frame.
    pub c: Chrome,
    /// Where to go then: path and query.
    pub next: String,
    /// What people call the provider of accounts by which they may log in, and where that begins.
    pub provider: Option<(String, String)>,
}

/// What came of going to the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CameBack {
    /// Logged in, or asked whose account it is: the page goes on by itself.
    Onward,
    /// The account is linked to nobody's key.
    NotLinked,
    /// Said who holds a key that is to be enrolled.
    Checked,
    /// The provider knows its holder by another name than the village.
    AnotherName,
    /// Broken off at the provider.
    Cancelled,
    /// Nobody asked in this browser, or too long ago.
    Stale,
    /// What came back doesn't count.
    Refused,
    /// The provider doesn't answer.
    Away,
    /// Logged out here.
    Out,
}

impl CameBack {
    /// Its word in text keys.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Onward => "onward",
            Self::NotLinked => "not-linked",
            Self::Checked => "checked",
            Self::AnotherName => "another-name",
            Self::Cancelled => "cancelled",
            Self::Stale => "stale",
            Self::Refused => "refused",
            Self::Away => "away",
            Self::Out => "out",
        }
    }
}

impl CameBack {
    fn says(self) -> String {
        format!("provider-say-{}", self.code())
    }

    fn goes(self) -> &'static str {
        match self {
            Self::Onward => "provider-go-on",
            Self::Out => "provider-go-out",
            _ => "provider-go-login",
        }
    }
}

/// On the way back from the provider, or out.
#[derive(Template, Debug, Clone)]
#[template(path = "provider.html")]
pub struct ProviderPage {
    /// Frame.
    pub c: Chrome,
    /// What came of it.
    pub came: CameBack,
    /// What people call the provider.
    pub provider: String,
    /// Where it goes on: a path of ours, or the provider's log-out.
    pub href: String,
}

/// The account elsewhere that is linked to the reader's key.
#[derive(Template, Debug, Clone)]
#[template(path = "account.html")]
pub struct AccountPage {
    /// Frame.
    pub c: Chrome,
    /// What people call the provider.
    pub provider: String,
    /// Since when one is linked.
    pub linked: Option<Time>,
    /// What the provider calls the holder of the account that has just come back; empty where it doesn't say.
    pub offered: Option<String>,
    /// Whether the reader has shown the key, and may link and unlink.
    pub by_key: bool,
}

/// The phone's side of letting a computer in.
#[derive(Template, Debug, Clone)]
#[template(path = "let_in.html")]
pub struct LetInPage {
    /// Frame.
    pub c: Chrome,
}

/// All that waits for the reader's signature.
#[derive(Template, Debug, Clone)]
#[template(path = "sign.html")]
pub struct SignSeveralPage {
    /// Frame.
    pub c: Chrome,
    /// Each with the page on which it stands in full; the most urgent first.
    pub waiting: Vec<Task>,
}

/// The new device's side of an enrolment.
#[derive(Template, Debug, Clone)]
#[template(path = "enrol.html")]
pub struct EnrolPage {
    /// Frame.
    pub c: Chrome,
    /// Codes of the roles for which a key can be enrolled.
    pub roles: Vec<String>,
    /// What people call the provider at which they say who they are; `None`: that isn't asked.
    pub checked_by: Option<String>,
}

/// The clerk's side of an enrolment: slips with a QR code.
#[derive(Template, Debug, Clone)]
#[template(path = "slips.html")]
pub struct SlipsPage {
    /// Frame.
    pub c: Chrome,
    /// The village.
    pub place: Place,
    /// People of the village, with their names.
    pub people: Vec<(PersonId, String)>,
    /// Codes of the roles for which a key can be enrolled.
    pub roles: Vec<String>,
    /// Where the form is posted: the server drafts `keys.enrolled`.
    pub action: String,
    /// Whether their holders must have said elsewhere who they are: `off`, `optional`, `required`.
    pub checking: &'static str,
}

/// When a task is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Whenever it suits.
    Open,
    /// Until this instant.
    Until(Time),
    /// It should have been done by this instant.
    Overdue(Time),
}

/// Something that waits for a person.
#[derive(Debug, Clone)]
pub struct Task {
    /// Kind of statement; text key `do-<kind>`.
    pub kind: String,
    /// Whether it is a statement that waits for a signature.
    pub signs: bool,
    /// The matter, session or person it is about.
    pub title: String,
    /// The question in its words, where it is about one and the title doesn't say it already.
    pub question: Option<String>,
    /// Place, as shown.
    pub place: String,
    /// The meeting that it belongs to: when, and who meets where it is about the whole of it.
    pub meeting: Option<String>,
    /// Role in which to act.
    pub role: String,
    /// When it is due.
    pub due: Due,
    /// Where to do it.
    pub href: String,
}

/// What waits about one matter or one session.
#[derive(Debug, Clone)]
pub struct TaskGroup {
    /// Title of the matter, or of those on the agenda of a session.
    pub title: String,
    /// Its page; `None` where it is about neither.
    pub href: Option<String>,
    /// Place, as shown.
    pub place: String,
    /// Most urgent first.
    pub tasks: Vec<Task>,
}

/// A private draft that can be continued on another device.
#[derive(Debug, Clone)]
pub struct DraftRow {
    /// Kind of statement.
    pub kind: String,
    /// What it is about; empty where nothing says it yet.
    pub title: String,
    /// The village.
    pub place: String,
    /// When it was saved.
    pub saved: Time,
    /// Where it goes on.
    pub href: String,
    /// Where it is thrown away.
    pub drop: String,
}

/// A vote in which an inspector can vouch for ballots now.
#[derive(Debug, Clone)]
pub struct Vouching {
    /// Title of the matter.
    pub title: String,
    /// The village.
    pub place: String,
    /// When deliveries end at the latest.
    pub until: Time,
    /// The form.
    pub href: String,
}

/// A session to come whose preparation a clerk keeps.
#[derive(Debug, Clone)]
pub struct Ahead {
    /// When it is held.
    pub at: Time,
    /// The village.
    pub place: String,
    /// How far it is prepared.
    pub prepared: Prepared,
    /// Members whose keys don't work yet: the state's code, and how many.
    pub unready: Vec<(String, usize)>,
    /// The register.
    pub href: String,
}

/// My tasks: what waits for me, due when.
#[derive(Template, Debug, Clone)]
#[template(path = "tasks.html")]
pub struct TasksPage {
    /// Whether the reader watches over several villages.
    pub desk: bool,
    /// Whether the reader reviews or files for a township.
    pub files: bool,
    /// Whether people are told things by ways of their own.
    pub reach: bool,
    /// Sessions whose mobile box comes to the reader: when, where, the page.
    pub boxes: Vec<(Time, String, String)>,
    /// Frame, with the person in it.
    pub c: Chrome,
    /// What waits, the group with the most urgent task first.
    pub groups: Vec<TaskGroup>,
    /// Households that I speak for and that wait to be asked or told.
    pub homes: Vec<HomesDue>,
    /// Where papers are that I have filled in by hand: village and address.
    pub papers: Vec<(String, String)>,
    /// Where I keep my list of households: village and address.
    pub lists: Vec<(String, String)>,
    /// Sessions to come whose register I keep, and that are not wholly prepared.
    pub ahead: Vec<Ahead>,
    /// What I signed and others must sign too.
    pub waiting: Vec<Task>,
    /// How many statements wait for my signature.
    pub to_sign: usize,
    /// Drafts.
    pub drafts: Vec<DraftRow>,
    /// Votes under way in which I can vouch for ballots, the one that ends first before the others.
    pub vouching: Vec<Vouching>,
    /// Pages of the witnesses that list such ballots.
    pub witnesses: Vec<String>,
    /// What I may begin.
    pub begin: Vec<Action>,
    /// My villages.
    pub villages: Vec<(VillageCode, String)>,
    /// What people call the provider of accounts that may be linked to a key.
    pub provider: Option<String>,
}

impl TasksPage {
    /// How many tasks wait.
    fn count(&self) -> usize {
        self.tasks().count()
    }

    /// Whether they are for more than one role, so that each must say for which.
    fn many_roles(&self) -> bool {
        let mut roles = self.tasks().map(|task| &task.role);
        roles.next().is_some_and(|first| roles.any(|role| role != first))
    }

    pub(in crate::http::pages) fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.groups.iter().flat_map(|group| &group.tasks)
    }
}

/// Households of a representative that wait about a matter.
#[derive(Debug, Clone)]
pub struct HomesDue {
    /// Code of what is to be done, of `households-due-…`.
    pub what: &'static str,
    /// How many are left.
    pub left: usize,
    /// Title of the matter.
    pub title: String,
    /// Name of the village.
    pub place: String,
    /// Until when.
    pub due: Due,
    /// The page.
    pub href: String,
}

/// Language and size of text.
#[derive(Template, Debug, Clone)]
#[template(path = "settings.html")]
pub struct SettingsPage {
    /// Frame.
    pub c: Chrome,
}

/// How it works, in a few words.
#[derive(Template, Debug, Clone)]
#[template(path = "help.html")]
pub struct HelpPage {
    /// Frame.
    pub c: Chrome,
}

/// What to do when a receipt's entry is missing, a ballot was refused, or nobody answers.
#[derive(Template, Debug, Clone)]
#[template(path = "dispute.html")]
pub struct DisputePage {
    /// Frame.
    pub c: Chrome,
    /// Addresses at which inspectors' witnesses take a ballot that was refused.
    pub vouching: Vec<String>,
}

/// The ballots that this device keeps: a script fills it in.
#[derive(Template, Debug, Clone)]
#[template(path = "my_ballots.html")]
pub struct MyBallotsPage {
    /// Frame.
    pub c: Chrome,
    /// What the reader's device pins, and whom it tells what it was shown.
    pub watch: Watch,
}

/// A person of the demo whose role can be taken.
#[derive(Debug, Clone)]
pub struct DemoPerson {
    /// Value of the form's `person` field.
    pub id: String,
    /// Invented name.
    pub name: String,
    /// Codes of the roles held.
    pub roles: Vec<String>,
    /// Place, as shown.
    pub place: String,
    /// Whether this person is logged in now.
    pub current: bool,
}

/// The roles of a demo, or the parts of a rehearsal: one click each.
#[derive(Template, Debug, Clone)]
#[template(path = "demo.html")]
pub struct DemoPage {
    /// Frame.
    pub c: Chrome,
    /// The village whose people are shown first.
    pub place: Place,
    /// People of the village.
    pub village: Vec<DemoPerson>,
    /// People of the township and the district.
    pub officials: Vec<DemoPerson>,
    /// Where to go after taking a role.
    pub next: String,
    /// The demo's clock.
    pub today: Time,
    /// Part of a name or role that was looked for.
    pub query: String,
    /// How many people are found only by looking for them.
    pub more: usize,
    /// Whether the reader may set the clock ahead and let the others act.
    pub leads: bool,
}

/// What went wrong and what to do next.
#[derive(Template, Debug, Clone)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// Frame.
    pub c: Chrome,
    /// HTTP status.
    pub status: u16,
    /// What happened, in a few words.
    pub title: String,
    /// What to do next.
    pub advice: String,
    /// What exactly was refused, in the reader's words.
    pub detail: Option<String>,
    /// Number of the request, for the operator.
    pub request: Option<String>,
}
