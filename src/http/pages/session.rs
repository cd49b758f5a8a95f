//! A session of a deciding body: agenda, who is there, each question, tellers, minutes.

use askama::Template;

use crate::core::clock::Time;
use crate::core::ids::{MatterId, SessionId};
use crate::core::state::phase::Phase;
use crate::http::pages::chrome::Chrome;
use crate::http::pages::matter::{Action, Question, QuestionState, Rule};
use crate::http::pages::parts::{ActLine, Level, Paper, PaperState, Place, Tone, Who};
use crate::http::pages::printed::Printable;
use crate::http::pages::service::Prepared;

impl Phase {
    /// How it is shown.
    #[must_use]
    pub fn tone(self) -> Tone {
        match self {
            Self::Voting | Self::Sitting | Self::CheckingIn | Self::Voted => Tone::Now,
            Self::Over => Tone::Final,
            Self::Failed => Tone::Against,
            Self::Called | Self::Missed | Self::Cancelled => Tone::Still,
        }
    }
}

/// One session, for everybody.
#[derive(Template, Debug, Clone)]
#[template(path = "session.html")]
pub struct SessionPage {
    /// Frame.
    pub c: Chrome,
    /// Its village.
    pub place: Place,
    /// The session.
    pub id: SessionId,
    /// Code of the body.
    pub body: String,
    /// When it is held.
    pub at: Time,
    /// Where, as the notice says.
    pub hall: String,
    /// How far it is.
    pub state: Phase,
    /// Ways to take part: codes `online`, `kiosk`, `paper`.
    pub channels: Vec<String>,
    /// The rule, shared by the questions.
    pub rule: Option<Rule>,
    /// Members on the roster (应到).
    pub eligible: Option<u64>,
    /// Members present now or when it ended (实到).
    pub present: Option<u64>,
    /// Matters and their questions.
    pub agenda: Vec<AgendaItem>,
    /// Caller, counter, scrutineer.
    pub tellers: Vec<Who>,
    /// The roster with attendance; empty where it is not public or not fixed.
    pub roster: Vec<RosterLine>,
    /// Papers: notice, minutes, recordings.
    pub papers: Vec<Paper>,
    /// Signed acts, oldest first.
    pub acts: Vec<ActLine>,
    /// What the reader may do here.
    pub actions: Vec<Action>,
    /// What the reader may begin besides: a recusal, a dispute, paper ballots.
    pub more: Vec<Action>,
    /// Whether the reader may make this device a terminal.
    pub terminal: bool,
    /// Papers that the reader may print.
    pub prints: Vec<Printable>,
    /// What the door means to the reader.
    pub door: AtTheDoor,
    /// The session without quorum that this one takes up again.
    pub again: Option<Again>,
    /// For who keeps the register of service: how far it is prepared.
    pub prepared: Option<Prepared>,
    /// Whether the reader may rehearse it.
    pub rehearses: bool,
    /// Whether the reader is a member who can try the own key.
    pub tries_key: bool,
    /// For who leads the session: what can be changed in the hall, and where anything else goes.
    pub changes: Vec<Change>,
}

/// What a session's door means to one reader.
#[derive(Debug, Clone, Default)]
pub struct AtTheDoor {
    /// Keeps it.
    pub keeps: bool,
    /// Is a member who shows the own number there.
    pub member: bool,
    /// Is a member whom the mobile box goes to.
    pub home: bool,
    /// Where members meet who are elsewhere; for members only.
    pub meeting: Option<String>,
}

/// A session without quorum that is called again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Again {
    /// The earlier session.
    pub id: SessionId,
    /// When it was to be held.
    pub at: Time,
    /// Members due.
    pub eligible: u64,
    /// Members who came.
    pub present: u64,
}

/// Ways to change what is voted on in one matter, for who leads the session.
#[derive(Debug, Clone)]
pub struct Change {
    /// Title of the matter.
    pub title: String,
    /// Puts a slip of the pen right.
    pub slip: Option<String>,
    /// Takes the matter back to consultation.
    pub back: Option<String>,
}

impl SessionPage {
    /// Roles of the session, each with everybody who has it.
    #[must_use]
    pub fn offices(&self) -> Vec<&[Who]> {
        self.tellers.chunk_by(|one, next| one.role == next.role).collect()
    }

    /// Whether the quorum is reached; `None` before it is known.
    fn quorum(&self) -> Option<bool> {
        Some(self.present? >= self.rule.as_ref()?.quorum_needed)
    }

    /// Members present, of 1000 of the roster.
    fn present_permille(&self) -> u64 {
        self.present.unwrap_or(0).saturating_mul(1_000).checked_div(self.eligible.unwrap_or(0)).unwrap_or(0)
    }

    /// The quorum's place on that bar.
    fn quorum_permille(&self) -> u64 {
        let needed = self.rule.as_ref().map_or(0, |rule| rule.quorum_needed);
        needed.saturating_mul(1_000).checked_div(self.eligible.unwrap_or(0)).unwrap_or(0)
    }
}

/// A matter on the agenda.
#[derive(Debug, Clone)]
pub struct AgendaItem {
    /// The matter.
    pub matter: MatterId,
    /// Its title.
    pub title: String,
    /// `named` or `paper_secret`.
    pub mode: String,
    /// Fewer than five chose paper: the choices can be inferred.
    pub few_paper: bool,
    /// Its questions.
    pub questions: Vec<Question>,
}

/// A member on the roster.
#[derive(Debug, Clone)]
pub struct RosterLine {
    /// Number on the roster.
    pub no: u32,
    /// Name, where this reader may see it.
    pub name: Option<String>,
    /// How the member is there: `online`, `hall`; `None` when absent.
    pub there: Option<String>,
    /// Recused in some matter.
    pub recused: bool,
}
