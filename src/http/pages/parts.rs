//! Plain data that several pages show: places, people, papers, matters in a list, signed acts.

use crate::core::clock::{Date, Time};
use crate::core::ids::{Digest, MatterId, SessionId, TownshipCode, VillageCode};
use crate::core::state::phase::Phase;

/// A village as pages name it.
#[derive(Debug, Clone)]
pub struct Place {
    /// Code of the village.
    pub code: VillageCode,
    /// Shown name: 黄泥墩村, not the register's 黄泥墩村委会.
    pub name: String,
    /// Code of its township.
    pub township: TownshipCode,
    /// Shown name of its township.
    pub township_name: String,
}

/// What a reader's device needs to hold what it is shown against what others are (PROTOCOL 7).
#[derive(Debug, Clone, Default)]
pub struct Watch {
    /// Verifier keys of the districts' logs.
    pub district_keys: Vec<String>,
    /// Witnesses: cosigning key and address.
    pub witnesses: Vec<(String, String)>,
}

impl Watch {
    /// The keys as the script reads them, one a line.
    #[must_use]
    pub fn keys(&self) -> String {
        self.district_keys.join("\n")
    }

    /// The witnesses as the script reads them, one a line.
    #[must_use]
    pub fn addresses(&self) -> String {
        let lines: Vec<String> = self.witnesses.iter().map(|(key, url)| format!("{key} {url}")).collect();
        lines.join("\n")
    }
}

/// A person in a capacity.
#[derive(Debug, Clone)]
pub struct Who {
    /// Name as shown to this reader; `None` when it was erased or is not for this reader.
    pub name: Option<String>,
    /// Code of the role acted in, such as `clerk`.
    pub role: String,
}

/// How a matter ended, or that it is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// On its way through the steps.
    Underway,
    /// Voted on, the minutes not signed yet.
    Voted,
    /// Waiting for a supplement that the township asked for.
    Paused,
    /// Sent back by the township.
    Returned,
    /// The session had no quorum; another is needed.
    NoQuorum,
    /// Voted through, being carried out under supervision.
    Passed,
    /// Signed off: all six steps done.
    Completed,
    /// Voted down.
    Rejected,
    /// Taken back by those who proposed it.
    Withdrawn,
    /// Ended by a court or a township correction.
    Annulled,
    /// The vote could not be counted and was declared void.
    Voided,
    /// Below the threshold: disclosed, no ballot needed.
    Disclosed,
    /// A suggestion that was declined, with reasons.
    Declined,
    /// A suggestion that is answered in another matter.
    Merged,
}

/// How a state is shown: never by colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Sun gold: under way.
    Now,
    /// Vermilion, filled: official and done.
    Final,
    /// Vermilion outline: official, but not passed.
    Against,
    /// Ink: stands still or ended otherwise.
    Still,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 14] = [
        Self::Underway,
        Self::Voted,
        Self::Paused,
        Self::Returned,
        Self::NoQuorum,
        Self::Passed,
        Self::Completed,
        Self::Rejected,
        Self::Withdrawn,
        Self::Annulled,
        Self::Voided,
        Self::Disclosed,
        Self::Declined,
        Self::Merged,
    ];

    /// Code in text keys: `outcome-<code>`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Underway => "underway",
            Self::Voted => "voted",
            Self::Paused => "paused",
            Self::Returned => "returned",
            Self::NoQuorum => "no-quorum",
            Self::Passed => "passed",
            Self::Completed => "completed",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
            Self::Annulled => "annulled",
            Self::Voided => "voided",
            Self::Disclosed => "disclosed",
            Self::Declined => "declined",
            Self::Merged => "merged",
        }
    }

    /// How it is shown.
    #[must_use]
    pub fn tone(self) -> Tone {
        match self {
            Self::Underway | Self::Voted => Tone::Now,
            Self::Passed | Self::Completed => Tone::Final,
            Self::Rejected | Self::Annulled | Self::Voided => Tone::Against,
            Self::Paused
            | Self::Returned
            | Self::NoQuorum
            | Self::Withdrawn
            | Self::Disclosed
            | Self::Declined
            | Self::Merged => Tone::Still,
        }
    }

    /// Whether nothing more is to be done.
    #[must_use]
    pub fn ended(self) -> bool {
        match self {
            Self::Completed
            | Self::Rejected
            | Self::Withdrawn
            | Self::Annulled
            | Self::Disclosed
            | Self::Declined
            | Self::Merged => true,
            Self::Underway
            | Self::Voted
            | Self::Paused
            | Self::Returned
            | Self::NoQuorum
            | Self::Passed
            | Self::Voided => false,
        }
    }
}

impl Tone {
    /// Its class in the stylesheet.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Now => "t-now",
            Self::Final => "t-final",
            Self::Against => "t-against",
            Self::Still => "t-still",
        }
    }
}

/// One of the six marks of the emblem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// The step is done.
    Done,
    /// The sun stands here.
    Now,
    /// Not begun.
    Ahead,
    /// The matter ended at this step.
    Stopped,
    /// The last step, signed off: the seal.
    Sealed,
}

impl Mark {
    /// Its symbol and class: `mark-<code>`; its word: text key of the same name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Now => "now",
            Self::Ahead => "ahead",
            Self::Stopped => "stopped",
            Self::Sealed => "sealed",
        }
    }
}

/// What comes next for a matter, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Nothing is fixed.
    None,
    /// A session decides at this time.
    Session(Time),
    /// The session called for this time has not been opened.
    Missed(Time),
    /// Voting is open until this time.
    VotingUntil(Time),
    /// A public notice runs until the end of this date.
    NoticeUntil(Date),
    /// Somebody must act by this date.
    DueBy(Date),
    /// The date for acting has passed.
    Overdue(Date),
    /// It ended on this date.
    EndedOn(Date),
}

/// The emblem: where a matter stands among the six steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Emblem {
    /// The stage it stands at, 1 to 6.
    pub stage: u8,
    /// How it ended, or that it is under way.
    pub outcome: Outcome,
}

impl Emblem {
    /// The six marks, first step first, each with its number.
    #[must_use]
    pub fn marks(&self) -> [(u8, Mark); 6] {
        [1, 2, 3, 4, 5, 6].map(|step| (step, self.mark(step)))
    }

    fn mark(&self, step: u8) -> Mark {
        let here = match self.outcome {
            Outcome::Completed => Mark::Sealed,
            Outcome::Disclosed | Outcome::Merged => Mark::Done,
            Outcome::Rejected | Outcome::Withdrawn | Outcome::Annulled | Outcome::Declined => Mark::Stopped,
            Outcome::Underway
            | Outcome::Voted
            | Outcome::Paused
            | Outcome::Returned
            | Outcome::NoQuorum
            | Outcome::Passed
            | Outcome::Voided => Mark::Now,
        };
        match step.cmp(&self.stage) {
            std::cmp::Ordering::Less => Mark::Done,
            std::cmp::Ordering::Equal => here,
            std::cmp::Ordering::Greater => Mark::Ahead,
        }
    }

    /// Centre of a mark in the small drawing, which is 24 high and 22 a step.
    #[must_use]
    pub fn x(step: &u8) -> u32 {
        u32::from(*step) * 22 - 10
    }
}

/// A matter in a list.
#[derive(Debug, Clone)]
pub struct MatterRow {
    /// The village, where the list spans several.
    pub place: Option<Place>,
    /// Village that owns it.
    pub village: VillageCode,
    /// The matter.
    pub id: MatterId,
    /// Its title as shown to this reader.
    pub title: String,
    /// Category code, `M01` to `M10`.
    pub category: String,
    /// Amount in fen, where it has one.
    pub amount: Option<u64>,
    /// Where it stands.
    pub emblem: Emblem,
    /// What comes next.
    pub next: Next,
}

/// A session in a list.
#[derive(Debug, Clone)]
pub struct SessionRow {
    /// The village, where the list spans several.
    pub place: Option<Place>,
    /// Village that holds it.
    pub village: VillageCode,
    /// The session.
    pub id: SessionId,
    /// Code of the deciding body, such as `representative_assembly`.
    pub body: String,
    /// When it is held.
    pub at: Time,
    /// Where, as the notice says.
    pub hall: String,
    /// Titles of the matters on its agenda.
    pub agenda: Vec<String>,
    /// How far it is.
    pub phase: Phase,
}

/// Who may read a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Anybody.
    Public,
    /// People of the village.
    Village,
    /// Officials.
    Officials,
    /// Discipline officers and inspectors.
    Discipline,
}

impl Level {
    /// Code in statements and text keys.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Village => "village",
            Self::Officials => "officials",
            Self::Discipline => "discipline",
        }
    }
}

/// What can be shown of a document.
#[derive(Debug, Clone)]
pub enum PaperState {
    /// It can be opened.
    Open,
    /// It is there, but not for this reader.
    Closed,
    /// It was withdrawn, with this reason; perhaps a redacted copy took its place.
    Withdrawn {
        /// When.
        at: Time,
        /// Why, as written by those who withdrew it.
        reason: String,
        /// The copy that replaces it.
        replacement: Option<Digest>,
    },
}

/// A document in a list.
#[derive(Debug, Clone)]
pub struct Paper {
    /// Commitment: its address and its name on the record.
    pub commitment: Digest,
    /// Title as shown.
    pub title: String,
    /// Media type, such as `application/pdf`.
    pub media: String,
    /// Size in bytes.
    pub size: u64,
    /// Who may read it.
    pub level: Level,
    /// What can be shown.
    pub state: PaperState,
}

impl Paper {
    /// Whether it is a picture that can be shown on the page.
    #[must_use]
    pub fn picture(&self) -> bool {
        self.media.starts_with("image/") && matches!(self.state, PaperState::Open)
    }

    /// Kind of file in a word, for text keys: `media-<kind>`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.media.as_str() {
            "application/pdf" => "pdf",
            "text/plain" | "text/markdown" => "text",
            media if media.starts_with("image/") => "image",
            media if media.starts_with("audio/") => "audio",
            media if media.starts_with("video/") => "video",
            _ => "file",
        }
    }
}

/// A clerical correction (更正), shown beside what it corrects.
#[derive(Debug, Clone)]
pub struct Correction {
    /// The words as they stood.
    pub old: String,
    /// The words as they should stand.
    pub new: String,
    /// When it was signed.
    pub at: Time,
    /// Who signed.
    pub by: Vec<Who>,
}

/// One signed act on the record, as a line of a step.
#[derive(Debug, Clone)]
pub struct ActLine {
    /// Kind of statement, such as `proposal.made`; text key `kind-<kind>`.
    pub kind: String,
    /// When it entered the record.
    pub at: Time,
    /// The day it happened, where it was entered later.
    pub held_on: Option<Date>,
    /// Whether it was entered later than three working days.
    pub late: bool,
    /// Who signed. Empty for the log's own statements.
    pub by: Vec<Who>,
    /// Its number in the village's record.
    pub seq: u64,
    /// What was written, where the reader may read it.
    pub text: Option<String>,
    /// Papers that came with it.
    pub papers: Vec<Paper>,
    /// Corrections of it.
    pub corrections: Vec<Correction>,
    /// Why it was annulled, where it was.
    pub annulled: Option<String>,
}

/// An opinion, objection, interpellation or concern, and what was answered.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// What it is: `opinion`, `objection`, `interpellation`, `concern`, `suggestion`; text key `exchange-<kind>`.
    pub kind: String,
    /// What was said.
    pub text: String,
    /// Who said it; `None` when it was given without a name.
    pub who: Option<Who>,
    /// How it came: `online`, `paper_box`, `household_visit`, `talk_session`, `meeting`; text key `source-<code>`.
    pub source: String,
    /// When it was entered.
    pub at: Time,
    /// The answer, who gave it and when.
    pub answer: Option<Answer>,
    /// The last day for an answer, while there is none.
    pub due: Option<Date>,
    /// Its number in the record.
    pub seq: u64,
}

/// An answer to an opinion, objection or concern.
#[derive(Debug, Clone)]
pub struct Answer {
    /// What was answered.
    pub text: String,
    /// Who answered.
    pub who: Vec<Who>,
    /// When.
    pub at: Time,
}

/// Links to the pages before and after this one.
#[derive(Debug, Clone, Default)]
pub struct Pager {
    /// Address of the page before.
    pub earlier: Option<String>,
    /// Address of the page after.
    pub later: Option<String>,
    /// This page's number, from 1.
    pub page: u64,
    /// Number of pages.
    pub pages: u64,
}

impl Pager {
    /// The page `page` of `pages`, both from 1, with each page at `href`.
    #[must_use]
    pub fn at(page: u64, pages: u64, href: impl Fn(u64) -> String) -> Self {
        Self { earlier: (page > 1).then(|| href(page - 1)), later: (page < pages).then(|| href(page + 1)), page, pages }
    }

    /// The rows of the page `asked` for, or of the nearest that there is, `most` on each, with the way to the others.
    #[must_use]
    pub fn cut<T>(rows: Vec<T>, asked: Option<usize>, most: usize, href: impl Fn(u64) -> String) -> (Vec<T>, Self) {
        let pages = rows.len().div_ceil(most).max(1);
        let page = asked.unwrap_or(1).clamp(1, pages);
        let shown = rows.into_iter().skip((page - 1) * most).take(most).collect();
        (shown, Self::at(page as u64, pages as u64, href))
    }
}

#[cfg(test)]
mod tests {
    use super::{Emblem, Mark, Outcome, Pager};

    #[test]
    fn a_page_that_is_not_there_is_the_nearest_that_is() {
        let cut = |asked: Option<usize>, rows: usize| {
            let (shown, pager) = Pager::cut((0..rows).collect(), asked, 10, |page| format!("?page={page}"));
            (shown.first().copied(), shown.len(), pager.page, pager.pages)
        };
        assert_eq!(cut(None, 25), (Some(0), 10, 1, 3));
        assert_eq!(cut(Some(3), 25), (Some(20), 5, 3, 3));
        assert_eq!(cut(Some(usize::MAX), 25), cut(Some(3), 25));
        assert_eq!(cut(Some(0), 25), cut(Some(1), 25));
        assert_eq!(cut(Some(2), 20), (Some(10), 10, 2, 2));
        assert_eq!(cut(Some(2), 0), (None, 0, 1, 1));
    }

    #[test]
    fn the_emblem_shows_one_place_and_what_lies_behind_it() {
        let marks = |stage, outcome| Emblem { stage, outcome }.marks().map(|(_, mark)| mark);
        assert_eq!(marks(1, Outcome::Underway)[..2], [Mark::Now, Mark::Ahead]);
        assert_eq!(marks(5, Outcome::Rejected)[3..], [Mark::Done, Mark::Stopped, Mark::Ahead]);
        assert_eq!(marks(6, Outcome::Completed)[4..], [Mark::Done, Mark::Sealed]);
    }
}
