//! A village: what is under way, the next session, the board, who holds which office.

use askama::Template;

use crate::core::clock::{Date, Time};
use crate::core::ids::MatterId;
use crate::core::state::phase::Phase;
use crate::http::pages::chrome::Chrome;
use crate::http::pages::matter::{Action, Question, QuestionState, Rule};
use crate::http::pages::parts::{
    Emblem, Level, MatterRow, Next, Outcome, Pager, Paper, PaperState, Place, SessionRow, Who,
};
use crate::http::pages::session::Again;

/// The village's front page.
#[derive(Template, Debug, Clone)]
#[template(path = "village.html")]
pub struct VillagePage {
    /// Frame.
    pub c: Chrome,
    /// The village.
    pub place: Place,
    /// Stage chosen with `?stage=`, 1 to 6.
    pub stage: Option<u8>,
    /// Number of matters at each of the six stages.
    pub at_stage: [u64; 6],
    /// Sessions called or open, soonest first.
    pub sessions: Vec<SessionRow>,
    /// Matters under way, of the chosen stage if any.
    pub underway: Vec<MatterRow>,
    /// Other pages of them.
    pub underway_pager: Pager,
    /// Matters that ended, newest first.
    pub ended: Vec<MatterRow>,
    /// Address of all that ended, where there are more.
    pub more_ended: Option<String>,
    /// Other pages of all that ended.
    pub ended_pager: Pager,
    /// Notices on the board now.
    pub notices: Vec<NoticeRow>,
    /// Who holds which office this term.
    pub offices: Vec<Office>,
    /// Term, as first and last day.
    pub term: Option<(Date, Date)>,
    /// Representatives and members of the assembly, where a roster is on record.
    pub representatives: Option<u64>,
    /// Whether the reader inspects this village.
    pub inspects: bool,
    /// What the reader may do here: suggest, call a session and so on.
    pub actions: Vec<Action>,
}

impl VillagePage {
    fn chosen(&self, step: &usize) -> bool {
        self.stage.is_some_and(|stage| usize::from(stage) == *step)
    }
}

/// A notice on the board.
#[derive(Debug, Clone)]
pub struct NoticeRow {
    /// `plan`, `resolution`, `session`, `progress`; text key `notice-<what>`.
    pub what: String,
    /// The matter or session it speaks of.
    pub title: String,
    /// Its page.
    pub href: String,
    /// When it was posted.
    pub posted: Time,
    /// Last day of its window.
    pub until: Option<Date>,
    /// Whether objections can still be made.
    pub open: bool,
}

/// An office and who holds it.
#[derive(Debug, Clone)]
pub struct Office {
    /// Code of the role.
    pub role: String,
    /// Who holds it, in this order.
    pub holders: Vec<Who>,
    /// Covered (代办) until this day.
    pub cover_until: Option<Date>,
}

/// The notice board (公示栏): everything posted, newest first.
#[derive(Template, Debug, Clone)]
#[template(path = "notices.html")]
pub struct NoticesPage {
    /// Frame.
    pub c: Chrome,
    /// The village.
    pub place: Place,
    /// Notices whose window is open.
    pub open: Vec<NoticeRow>,
    /// Earlier ones.
    pub past: Vec<NoticeRow>,
    /// Other pages.
    pub pager: Pager,
}

/// One notice for the board: A4, with a QR code; also its text for the loudspeaker.
#[derive(Template, Debug, Clone)]
#[template(path = "notice.html")]
pub struct NoticePage {
    /// Frame.
    pub c: Chrome,
    /// The village.
    pub place: Place,
    /// Index of the entry that posted it.
    pub seq: u64,
    /// `plan`, `resolution` or `session`; text key `notice-<what>`.
    pub what: String,
    /// The matter.
    pub matter: Option<MatterId>,
    /// Heading.
    pub title: String,
    /// The text that is posted, a paragraph each.
    pub body: Vec<String>,
    /// The settled plan that it is about.
    pub plan: Option<PlanSheet>,
    /// When, where and on what, for the call to a session.
    pub call: Option<Call>,
    /// Results of questions, for a resolution.
    pub questions: Vec<Question>,
    /// Papers whose words can't stand on the sheet.
    pub papers: Vec<Paper>,
    /// When it was posted.
    pub posted: Time,
    /// Last day of its window.
    pub until: Option<Date>,
    /// Who signs it.
    pub by: Vec<Who>,
    /// Short text to be read out over the loudspeaker.
    pub loudspeaker: String,
    /// QR code of its address, as SVG made by this server.
    pub qr_svg: String,
    /// The address that the QR code holds.
    pub link: String,
    /// Newest checkpoint in short form: origin, size, root.
    pub checkpoint: Option<(String, u64, String)>,
}

/// A plan as it hangs on the board.
#[derive(Debug, Clone)]
pub struct PlanSheet {
    /// Amount in fen, where there is one.
    pub amount: Option<u64>,
    /// Its words, a paragraph each; empty where they can't stand here.
    pub text: Vec<String>,
    /// What is to be voted on, and by whom; empty once it was.
    pub decisions: Vec<Decision>,
}

/// One body's vote on a plan.
#[derive(Debug, Clone)]
pub struct Decision {
    /// Code of the body.
    pub body: String,
    /// Number of the villager group, for its meeting.
    pub group: Option<u32>,
    /// The rule it decides by.
    pub rule: Option<Rule>,
    /// What it is asked.
    pub questions: Vec<Asked>,
}

/// A question still to be voted on.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Its wording.
    pub title: String,
    /// The words of its own options; empty where it is for or against.
    pub options: Vec<String>,
}

/// A session that people are called to.
#[derive(Debug, Clone)]
pub struct Call {
    /// When it is held.
    pub at: Time,
    /// Where.
    pub hall: String,
    /// Titles of the matters on its agenda.
    pub agenda: Vec<String>,
    /// Where a member says "I was told" and tries the own key.
    pub ready: String,
    /// The session without quorum that is called again.
    pub again: Option<Again>,
}
