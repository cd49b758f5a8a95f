//! The page of a witness: where it stands, for whoever wants to know whether somebody watches.

use askama::Template;

use crate::core::clock::Time;
use crate::core::ids::{Digest, VillageCode};
use crate::http::pages::chrome::Chrome;

/// Where a witness stands.
#[derive(Template, Debug, Clone)]
#[template(path = "witness.html")]
pub struct WitnessPage {
    /// Frame.
    pub c: Chrome,
    /// Name of the witness.
    pub name: String,
    /// Origin of the district's log.
    pub log: String,
    /// When it looked last; `None` before the first look.
    pub looked: Option<Time>,
    /// Leaves of the district's log that it holds.
    pub leaves: u64,
    /// Villages whose whole record it found lawful.
    pub lawful: u64,
    /// Entries that it holds.
    pub entries: u64,
    /// Votes of which ballots wait for an inspector.
    pub waiting: Vec<WaitingVote>,
    /// Every village, in order of code.
    pub villages: Vec<WatchedVillage>,
    /// Alarms, newest first.
    pub alarms: Vec<AlarmLine>,
    /// Verifier keys of its two cosigners.
    pub keys: [String; 2],
}

impl WitnessPage {
    /// How many villages it watches.
    #[must_use]
    pub fn watched(&self) -> u64 {
        self.villages.len() as u64
    }
}

/// A village as a witness watches it.
#[derive(Debug, Clone)]
pub struct WatchedVillage {
    /// Its code.
    pub code: VillageCode,
    /// Entries that the directory lists.
    pub listed: u64,
    /// Entries cosigned as lawful.
    pub lawful: u64,
    /// Whether an alarm stopped it.
    pub stopped: bool,
}

/// A vote of which ballots were handed in here in time and are not on record.
#[derive(Debug, Clone)]
pub struct WaitingVote {
    /// Code of the village.
    pub village: VillageCode,
    /// When the session begins.
    pub starts_at: Time,
    /// The last letters of the matter's id: the witness knows no titles.
    pub matter: String,
    /// Number of the question.
    pub question: String,
    /// When deliveries end at the latest.
    pub until: Time,
    /// Those that an inspector can vouch for now; each list is one statement.
    pub lists: Vec<WaitingList>,
    /// How many are vouched for and have not come.
    pub coming: u64,
    /// How many nobody vouched for in time.
    pub late: u64,
}

/// What one statement can vouch for.
#[derive(Debug, Clone)]
pub struct WaitingList {
    /// The ballots.
    pub ballots: Vec<WaitingBallot>,
    /// The same as text, one a line, for the form on the district's server.
    pub text: String,
    /// The form.
    pub form: String,
    /// Whether that address has the ballots in it.
    pub filled: bool,
}

/// A ballot as a witness knows it: it sees no names and no choices.
#[derive(Debug, Clone)]
pub struct WaitingBallot {
    /// Roster number.
    pub voter: u32,
    /// Which time this voter votes.
    pub revision: u32,
    /// When it was handed in.
    pub received_at: Time,
    /// The beginning of its id.
    pub ballot: String,
}

/// An alarm in one line.
#[derive(Debug, Clone)]
pub struct AlarmLine {
    /// Which.
    pub id: Digest,
    /// Code of its kind.
    pub kind: String,
    /// When it was raised.
    pub at: Time,
    /// The log that it concerns.
    pub origin: String,
    /// The entry, where one is to blame.
    pub entry: Option<u64>,
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// Whether there is a file that others can check.
    pub evidence: bool,
}
