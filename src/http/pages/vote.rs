//! The voter's path: one decision a screen, confirm, then a receipt.

use askama::Template;

use crate::core::clock::Time;
use crate::core::ids::{Digest, SessionId};
use crate::http::pages::act::{Fact, Item, Signing};
use crate::http::pages::chrome::Chrome;
use crate::http::pages::parts::{Level, Paper, PaperState, Place};

/// Which question: the first screen.
#[derive(Template, Debug, Clone)]
#[template(path = "vote_which.html")]
pub struct VoteWhichPage {
    /// Frame.
    pub c: Chrome,
    /// The village.
    pub place: Place,
    /// The session.
    pub session: SessionId,
    /// Its questions.
    pub questions: Vec<VoteRow>,
    /// Whether the voter must check in first, and where.
    pub check_in: Option<String>,
    /// From when one can check in, while it is too early.
    pub door: Option<Time>,
    /// Where members meet who are elsewhere.
    pub meeting: Option<String>,
    /// Own ballots that were not opened: what they hide can be published from the device that cast them.
    pub unpublished: Vec<Unpublished>,
}

/// An own ballot that was not opened.
#[derive(Debug, Clone)]
pub struct Unpublished {
    /// Words of the question.
    pub question: String,
    /// What is signed besides nonce and choice.
    pub facts: Vec<Fact>,
    /// The signing form.
    pub signing: Signing,
}

/// A question that waits for the voter.
#[derive(Debug, Clone)]
pub struct VoteRow {
    /// Title of the matter.
    pub matter: String,
    /// Words of the question.
    pub question: String,
    /// How it stands for this voter.
    pub state: VoteState,
    /// Its first screen.
    pub href: String,
}

/// How a question stands for a voter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VoteState {
    /// Not opened yet.
    Waiting,
    /// Open, not voted, until this time.
    Open(Time),
    /// Voted; can be changed until this time.
    Voted(Time),
    /// Closed.
    Closed,
    /// The voter is recused.
    Recused,
    /// The voter took a paper ballot.
    Paper,
}

impl VoteState {
    /// Text key `vote-state-<code>`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Open(_) => "open",
            Self::Voted(_) => "voted",
            Self::Closed => "closed",
            Self::Recused => "recused",
            Self::Paper => "paper",
        }
    }

    /// Whether the voter can vote now.
    #[must_use]
    pub fn open(self) -> bool {
        matches!(self, Self::Open(_) | Self::Voted(_))
    }
}

/// The plan in brief: the second screen.
#[derive(Template, Debug, Clone)]
#[template(path = "vote_plan.html")]
pub struct VotePlanPage {
    /// Frame.
    pub c: Chrome,
    /// Title of the matter.
    pub matter: String,
    /// Address of the matter.
    pub matter_href: String,
    /// The village.
    pub place: Place,
    /// The plan in brief.
    pub brief: String,
    /// Amount in fen.
    pub amount: Option<u64>,
    /// The whole plan.
    pub plan: Option<Paper>,
    /// Until when one can vote.
    pub closes: Time,
    /// Minutes after it until ballots are opened, where somebody has not voted.
    pub grace: u32,
    /// `named` or `paper_secret`: told before choosing.
    pub mode: String,
    /// What becomes of papers in a vote by name: `named` or `secret`; nothing where none are handed out.
    pub papers: Option<&'static str>,
    /// Where members meet who are elsewhere.
    pub meeting: Option<String>,
    /// The next screen.
    pub next: String,
    /// The screen before.
    pub back: String,
}

/// For, against or abstain: the third screen.
#[derive(Template, Debug, Clone)]
#[template(path = "vote_choice.html")]
pub struct VoteChoicePage {
    /// Frame.
    pub c: Chrome,
    /// Title of the matter.
    pub matter: String,
    /// Words of the question.
    pub question: String,
    /// The options.
    pub options: Vec<VoteOption>,
    /// Where the choice is posted: the confirm screen.
    pub action: String,
    /// What goes along unseen.
    pub hidden: Vec<(String, String)>,
    /// Who may help, where somebody helps: the screen asks who it is.
    pub helpers: Vec<Item>,
    /// This screen with a helper, or without.
    pub help: String,
    /// The screen before.
    pub back: String,
}

/// One option.
#[derive(Debug, Clone)]
pub struct VoteOption {
    /// Its code.
    pub code: String,
    /// The question's own words; `None` for the three common ones.
    pub label: Option<String>,
}

/// Confirm and sign: the fourth screen.
#[derive(Template, Debug, Clone)]
#[template(path = "vote_confirm.html")]
pub struct VoteConfirmPage {
    /// Frame.
    pub c: Chrome,
    /// The village.
    pub place: Place,
    /// Title of the matter.
    pub matter: String,
    /// Words of the question.
    pub question: String,
    /// Base64 of the entry that opened the vote.
    pub opened: String,
    /// Hex of the salt with which the question's words give the commitment in that entry; `None` when it was withdrawn.
    pub question_salt: Option<String>,
    /// Hex of the salt of the chosen option's own words.
    pub label_salt: Option<String>,
    /// The option chosen.
    pub choice: VoteOption,
    /// Who helps, as will be on record: id and name.
    pub helper: Option<(String, String)>,
    /// What is signed besides: kind, matter, session, question with their values in the payload.
    pub facts: Vec<Fact>,
    /// The signing form.
    pub signing: Signing,
    /// Addresses at which inspectors' witnesses take the ballot if this server doesn't, separated by spaces.
    pub vouching: String,
    /// The server's time when the page was made.
    pub now: Time,
    /// The screen before.
    pub back: String,
}

/// A receipt: what is on record, how to keep it, how to check it.
#[derive(Template, Debug, Clone)]
#[template(path = "receipt.html")]
pub struct ReceiptPage {
    /// Frame.
    pub c: Chrome,
    /// The village.
    pub place: Place,
    /// Number of the entry.
    pub seq: u64,
    /// Its leaf hash.
    pub leaf: Digest,
    /// Kind of statement.
    pub kind: String,
    /// When it was recorded.
    pub at: Time,
    /// QR code of `link`, as SVG made by this server.
    pub qr_svg: String,
    /// Short link with index and leaf hash.
    pub link: String,
    /// Address of the receipt file.
    pub file: String,
    /// Address of the second file, which leads on to the district's checkpoint; `None` until the entry is published.
    pub district_file: Option<String>,
    /// Verifier key of the village's log.
    pub log_key: String,
    /// Matter: title and page.
    pub about: Option<(String, String)>,
    /// The next question that waits.
    pub next: Option<String>,
}
