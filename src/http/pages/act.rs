//! Acting: a form for each kind of statement, the draft that is signed, and what comes after.

use askama::Template;

use crate::core::clock::{Date, Time};
use crate::core::ids::{Digest, PersonId};
use crate::http::pages::chrome::Chrome;
use crate::http::pages::parts::{Level, Paper, PaperState, Place, Who};

/// The form of one act, made from a list of typed fields.
#[derive(Template, Debug, Clone)]
#[template(path = "act.html")]
pub struct ActPage {
    /// Frame.
    pub c: Chrome,
    /// The village.
    pub place: Place,
    /// Kind of statement; text keys `do-<kind>` and `kind-<kind>`.
    pub kind: String,
    /// Role in which the person acts.
    pub role: String,
    /// Matter or session it belongs to.
    pub about: Option<AboutLine>,
    /// Where the form is posted, as multipart.
    pub action: String,
    /// What goes along unseen: names and values.
    pub hidden: Vec<(String, String)>,
    /// The fields, in order.
    pub fields: Vec<Field>,
    /// What is wrong with the whole, in the reader's words.
    pub errors: Vec<String>,
    /// Earlier matters that can be copied: title and address of this form filled from it.
    pub copies: Vec<(String, String)>,
    /// Document that the server can make for this form: text keys `form-use-<code>`.
    pub makes: Option<&'static str>,
    /// The earliest lawful time, in the reader's words.
    pub earliest: Option<String>,
    /// When the private draft was last saved.
    pub saved: Option<Time>,
}

/// What an act belongs to, as it stands above the form or the draft.
#[derive(Debug, Clone)]
pub struct AboutLine {
    /// Title of the matter; of a session when it is held.
    pub title: String,
    /// Its page.
    pub href: String,
    /// The question in its words, where the act is about one and the title doesn't say it already.
    pub question: Option<String>,
}

/// What stands before a field.
#[derive(Debug, Clone)]
pub enum Label {
    /// Text key `field-<code>`.
    Code(&'static str),
    /// The reader's own words, such as an opinion that needs a reply.
    Words(String),
}

/// One field of a form.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name in the form.
    pub name: String,
    /// What stands before it.
    pub label: Label,
    /// A word of help: text key `hint-<code>`.
    pub hint: Option<&'static str>,
    /// Whether it must be filled.
    pub required: bool,
    /// What is wrong with it, in the reader's words.
    pub error: Option<String>,
    /// How it is filled, with its value.
    pub input: Input,
    /// Sentences that people often write there, to be taken over and changed.
    pub phrases: Vec<String>,
}

/// How a field is filled.
#[derive(Debug, Clone)]
pub enum Input {
    /// A line of text, at most so many characters.
    Text {
        /// What was typed.
        value: String,
        /// Longest text, in characters.
        max: u32,
    },
    /// A longer text.
    Long {
        /// What was typed.
        value: String,
        /// Longest text, in characters.
        max: u32,
    },
    /// A list, one row a line, as it was pasted, with those rows in words that could be read.
    Rows {
        /// What was pasted.
        value: String,
        /// The rows in words.
        rows: Vec<String>,
    },
    /// An amount in yuan, with up to two decimals, as typed.
    Yuan(String),
    /// A whole number, as typed.
    Number {
        /// What was typed.
        value: String,
        /// Smallest.
        min: u32,
        /// Largest.
        max: u32,
        /// What is counted, after the field: text key `form-<code>`.
        unit: Option<&'static str>,
    },
    /// A date in Asia/Shanghai.
    Date {
        /// What was chosen, as `YYYY-MM-DD` or empty.
        value: String,
        /// First.
        min: Option<Date>,
        /// Last.
        max: Option<Date>,
    },
    /// Date and time of day in Asia/Shanghai, as `YYYY-MM-DDTHH:MM` or empty.
    DateTime(String),
    /// One of a few.
    Choice(Vec<Item>),
    /// Several of a few.
    Several(Vec<Item>),
    /// Three of these.
    Three(Vec<Item>),
    /// One of many.
    Select(Vec<Item>),
    /// Documents and photos; those that are already there.
    Papers {
        /// Uploaded before.
        there: Vec<Paper>,
        /// Whether a camera is offered.
        camera: bool,
        /// Who may read them: the level that is chosen.
        level: Level,
    },
    /// The questions to be decided, each with its options.
    Questions(Vec<QuestionField>),
}

/// Something to choose.
#[derive(Debug, Clone)]
pub struct Item {
    /// Its value.
    pub value: String,
    /// Its words.
    pub label: String,
    /// Whether it is chosen.
    pub chosen: bool,
}

/// A question in the making. Field names are `<name>.<i>.title`, `.options`, `.required`, `.body`, `.group`.
#[derive(Debug, Clone)]
pub struct QuestionField {
    /// Its words.
    pub title: String,
    /// Options of its own, one a line; empty: for, against, abstain.
    pub options: String,
    /// Whether the matter fails with it.
    pub required: bool,
    /// Who may decide it.
    pub bodies: Vec<Item>,
    /// The villager group whose meeting decides, as typed; `None` where no group can.
    pub group: Option<String>,
}

/// One fact of a draft, shown in words and compared with what is signed.
#[derive(Debug, Clone, Default)]
pub struct Fact {
    /// Text key `fact-<code>`.
    pub label: &'static str,
    /// The words shown.
    pub words: String,
    /// Path in the payload, such as `amount_fen`; empty: words only.
    pub field: String,
    /// The value there, text as it is, else JSON.
    pub value: String,
    /// Hex of the salt with which the words give the value, where that is the commitment to a name.
    pub salt: Option<String>,
    /// What the digits in `words` stand for, in their order: shown above them, for people; the device compares the digits.
    pub titles: Vec<String>,
    /// Last letters of an id whose name another may have too; shown quietly beside the words.
    pub tail: Option<String>,
}

/// A line of a draft: one fact, or a list.
#[derive(Debug)]
pub(in crate::http::pages) struct FactLine<'a> {
    /// What a list is called: text key `fact-<code>`.
    pub list: Option<&'static str>,
    /// The list's rows in order, or the one fact; in a row the most telling first.
    pub rows: Vec<Vec<&'a Fact>>,
    /// Where the last row stands in the payload, from 0.
    last: usize,
}

/// Lists in the payload that stand under one heading, with what it is.
const LISTS: [(&str, &str); 6] = [
    ("people", "persons"),
    ("rows", "persons"),
    ("keys", "persons"),
    ("agenda", "agenda"),
    ("counts", "count"),
    ("ballots", "vouched"),
];
/// Fields of such rows that need no word before them, most telling first.
const TELLING: [&str; 7] = ["no", "name", "matter", "person", "role", "roles", "voter"];
/// What a row of `ballots` says where it is of ballots that a witness received; a plan has ballots too.
const OF_VOUCHED: [&str; 4] = ["voter", "received_at", "revision", "statement"];

impl Fact {
    /// Facts as lines.
    pub(in crate::http::pages) fn lines(facts: &[Self]) -> Vec<FactLine<'_>> {
        let mut lines: Vec<FactLine<'_>> = Vec::new();
        for fact in facts {
            let (list, at) = fact.row().unzip();
            let at = at.unwrap_or_default();
            match lines.last_mut().filter(|line| list.is_some() && line.list == list) {
                Some(line) => line.add(at, fact),
                None => lines.push(FactLine { list, rows: vec![vec![fact]], last: at }),
            }
        }
        for row in lines.iter_mut().flat_map(|line| &mut line.rows) {
            row.sort_by_key(|fact| fact.telling().unwrap_or(TELLING.len()));
        }
        lines
    }

    /// The list that it belongs to, and which of its rows, from 0.
    fn row(&self) -> Option<(&'static str, usize)> {
        let mut parts = self.field.split('.');
        let (list, number) = (parts.next()?, parts.next()?.parse::<usize>().ok()?);
        let (_, called) = LISTS.iter().find(|(name, _)| *name == list)?;
        // Named papers of a count: voters, but also what each chose.
        let called = if self.label == "named_paper" { &self.label } else { called };
        let other = *called == "vouched" && parts.next().is_none_or(|name| !OF_VOUCHED.contains(&name));
        (!other).then_some((*called, number))
    }

    /// Its place among the fields that speak for themselves.
    pub(in crate::http::pages) fn telling(&self) -> Option<usize> {
        let name = self.field.rsplit('.').next()?;
        TELLING.iter().position(|telling| *telling == name)
    }
}

impl<'a> FactLine<'a> {
    fn add(&mut self, at: usize, fact: &'a Fact) {
        match self.rows.last_mut().filter(|_| self.last == at) {
            Some(row) => row.push(fact),
            None => self.rows.push(vec![fact]),
        }
        self.last = at;
    }
}

/// A text of a draft, with what ties it to the payload.
#[derive(Debug, Clone)]
pub struct DraftText {
    /// What it is.
    pub heading: String,
    /// The words, as committed to.
    pub text: String,
    /// Path of the commitment in the payload.
    pub field: String,
    /// The commitment, hex.
    pub value: String,
    /// Hex of its salt.
    pub salt: String,
    /// Who may read it: path in the payload and code; `None` where the payload holds only the commitment.
    pub level: Option<(String, String)>,
}

/// Somebody whose signature a draft needs.
#[derive(Debug, Clone)]
pub struct Signer {
    /// Who, as far as it is fixed.
    pub who: Who,
    /// The person's id, as signed.
    pub person: Option<PersonId>,
    /// When it was given.
    pub signed: Option<Time>,
    /// Whether it is the reader's turn.
    pub me: bool,
}

/// What a signing form must carry for the device to sign.
#[derive(Debug, Clone)]
pub struct Signing {
    /// Where the envelope or signature is posted by the script.
    pub api: String,
    /// Whether it is a further signature under a pending statement.
    pub pending: bool,
    /// Where to go then.
    pub done: String,
    /// Verifier key of the village's log.
    pub log_key: String,
    /// Base64 of the exact payload bytes.
    pub payload: String,
    /// The payload as text, to be read.
    pub exact: String,
    /// Where the form is posted when the demo server signs; `None` when only the device can.
    pub server_signs: Option<String>,
}

/// A draft: what is being signed, in plain words.
#[derive(Template, Debug, Clone)]
#[template(path = "draft.html")]
pub struct DraftPage {
    /// Frame.
    pub c: Chrome,
    /// The village.
    pub place: Place,
    /// Kind of statement.
    pub kind: String,
    /// Role in which the person signs.
    pub role: String,
    /// Matter or session it belongs to.
    pub about: Option<AboutLine>,
    /// What is signed, fact by fact.
    pub facts: Vec<Fact>,
    /// Texts that are signed with it.
    pub texts: Vec<DraftText>,
    /// Papers that are signed with it.
    pub papers: Vec<Paper>,
    /// Whose signatures it needs, in order.
    pub signers: Vec<Signer>,
    /// What should be known before signing, in the reader's words.
    pub warnings: Vec<String>,
    /// The signing form.
    pub signing: Signing,
    /// Where it is kept for signing on another device; `None` where only this one can sign.
    pub hand_over: Option<String>,
    /// Where it is thrown away, as long as nobody has signed it.
    pub take_back: Option<String>,
    /// Back to the form.
    pub edit: Option<String>,
}

/// After signing.
#[derive(Template, Debug, Clone)]
#[template(path = "done.html")]
pub struct DonePage {
    /// Frame.
    pub c: Chrome,
    /// The village.
    pub place: Place,
    /// Kind of statement.
    pub kind: String,
    /// Matter or session it belongs to.
    pub about: Option<AboutLine>,
    /// Number and leaf hash of the entry; `None` while signatures are missing.
    pub entry: Option<(u64, Digest)>,
    /// Who must still sign.
    pub missing: Vec<Who>,
    /// Until when.
    pub until: Option<Time>,
    /// What can be done next: words and address.
    pub next: Vec<(String, String)>,
}
