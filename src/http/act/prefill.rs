//! What a form begins with: today's date, the last plan, what an earlier matter said, a draft notice in the village's words.

use std::collections::BTreeMap;

use crate::app::App;
use crate::app::error::AppError;
use crate::app::forms::{About, Values, compute, people};
use crate::core::act::Kind;
use crate::core::clock::{Date, Time};
use crate::core::ids::{Digest, MatterId, SessionId, VillageCode};
use crate::core::model::{KeyKind, Level, Media, QuestionCode, Role};
use crate::core::state::State;
use crate::core::state::matter::Matter;
use crate::core::state::session::SessionStatus;
use crate::core::tasks::next_disclosure;
use crate::http::i18n::Lang;
use crate::http::pages::chrome::Chrome;
use crate::http::problem::Problem;

/// How long a cover is at first.
const COVER_DAYS: i32 = 7;
/// Longest text shown in a choice, in characters.
const SHORT: usize = 60;

/// The text of a document; nothing where it is not a text, was withdrawn, or is for officials alone: whoever has a form of a
/// village belongs to the village, and what a form is filled with is shown to everyone who opens it.
///
/// # Errors
/// The store's.
pub async fn text(app: &App, village: VillageCode, name: Digest) -> Result<Option<String>, Problem> {
    match app.document(village, name).await {
        Ok((document, Some(content)))
            if document.media == Media::Text.code()
                && document.level.parse().is_ok_and(|level: Level| !level.is_closed()) =>
        {
            Ok(String::from_utf8(content.bytes).ok())
        }
        Ok(_) | Err(AppError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// What a matter is called: its title, or the beginning of its first suggestion.
///
/// # Errors
/// The store's.
pub async fn title(app: &App, village: VillageCode, matter: &Matter) -> Result<String, Problem> {
    let doc = matter.proposal.as_ref().map(|proposal| proposal.title.sha256);
    let doc = doc.or_else(|| matter.suggestions.first().map(|suggestion| suggestion.text.sha256));
    let words = match doc {
        Some(doc) => text(app, village, doc).await?,
        None => None,
    };
    Ok(short(&words.unwrap_or_default()))
}

/// A question in its words, to stand beside its matter's title; nothing where it is the only one and says what the title says.
///
/// # Errors
/// The store's.
pub async fn question(
    app: &App,
    state: &State,
    matter: Option<MatterId>,
    code: Option<&QuestionCode>,
) -> Result<Option<String>, Problem> {
    let Some((matter, code)) = matter.and_then(|id| state.matter(id)).zip(code) else { return Ok(None) };
    let Some((asked, only)) = asked(matter, code) else { return Ok(None) };
    let words = text(app, state.village, asked).await?.unwrap_or_default();
    let told = words.is_empty() || only && words == title(app, state.village, matter).await?;
    Ok(Some(words).filter(|_| !told))
}

/// The document with a question's words, and whether it is the only question of its matter.
#[must_use]
pub fn asked(matter: &Matter, code: &QuestionCode) -> Option<(Digest, bool)> {
    let mut questions = matter.settled.iter().flat_map(|plan| &plan.ballots).flat_map(|ballot| &ballot.questions);
    let asked = questions.clone().find(|question| question.code == *code)?;
    Some((asked.title.sha256, questions.all(|question| question.code == *code)))
}

fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let mut cut: String = line.chars().take(SHORT).collect();
    if cut.len() < line.len() {
        cut.push('…');
    }
    cut
}

/// Texts that a form's choices need: titles by matter id, suggestions by leaf hash, opinions that wait for a reply.
///
/// # Errors
/// The store's.
pub async fn texts(app: &App, state: &State, about: &About) -> Result<BTreeMap<String, String>, Problem> {
    let village = about.village;
    let mut texts = BTreeMap::new();
    match about.kind {
        Kind::MatterProposed => {
            for matter in state.matters.values().filter(|matter| matter.stage().is_some()) {
                for suggestion in &matter.suggestions {
                    let words = text(app, village, suggestion.text.sha256).await?.unwrap_or_default();
                    texts.insert(suggestion.at.leaf.to_string(), short(&words));
                }
            }
        }
        Kind::SessionConvened => {
            for (id, matter) in compute::filed(state) {
                texts.insert(id.to_string(), title(app, village, matter).await?);
            }
        }
        Kind::OpinionsAnswered => {
            let visits = compute::matter(state, about)?.papers.paper(Kind::VisitsRecorded);
            for (nth, doc) in visits.iter().flat_map(|paper| &paper.documents).enumerate() {
                let words = text(app, village, *doc).await?.unwrap_or_default();
                texts.insert(format!("reply.{nth:03}"), words);
            }
        }
        Kind::ClericalCorrected => {
            for slip in compute::slips(state, about) {
                let words = text(app, village, slip.document).await?.unwrap_or_default();
                texts.insert(slip.document.to_string(), short(&words));
            }
        }
        Kind::PaperCounted | Kind::PaperRecounted => {
            let opening = &compute::voting(state, about)?.opening;
            for (code, words) in opening.options.iter().zip(&opening.labels) {
                let words = text(app, village, *words).await?.unwrap_or_default();
                texts.insert(format!("option.{code}"), words);
            }
        }
        Kind::ProgressRecorded => {
            for contract in &compute::matter(state, about)?.contracts {
                let milestones = contract.milestones.iter().map(|milestone| milestone.title);
                for title in milestones.chain([contract.title]) {
                    texts.insert(title.to_string(), short(&text(app, village, title).await?.unwrap_or_default()));
                }
            }
        }
        Kind::DisclosurePosted => {
            for (leaf, matter) in compute::budgets(state) {
                texts.insert(leaf.to_string(), title(app, village, matter).await?);
            }
        }
        _ => {}
    }
    Ok(texts)
}

/// The word for a role in a language.
#[must_use]
pub fn role_word(lang: Lang, role: Role) -> String {
    lang.t(format!("role-{}", role.code().replace('_', "-"))).to_string()
}

/// Shows the text as it stands, to be put right, where a document was chosen and nothing written yet.
///
/// # Errors
/// The store's.
pub async fn slip(app: &App, village: VillageCode, values: &mut Values) -> Result<(), Problem> {
    let chosen = values.one("old").and_then(|name| name.parse::<Digest>().ok());
    if let (Some(document), None) = (chosen, values.one("new")) {
        let words = text(app, village, document).await?.unwrap_or_default();
        values.fields.insert("new".to_owned(), vec![words]);
    }
    Ok(())
}

/// The values that a form begins with.
///
/// # Errors
/// The store's.
pub async fn begin(
    app: &App,
    c: &Chrome,
    state: &State,
    about: &About,
    copy: Option<MatterId>,
) -> Result<Values, Problem> {
    let mut begin = Begin { values: Values::default() };
    let now = app.now();
    begin.put("held_on", now.date().to_string());
    let matter = about.matter.and_then(|id| state.matter(id));
    let name = match matter {
        Some(matter) => title(app, about.village, matter).await?,
        None => String::new(),
    };
    match about.kind {
        Kind::MatterProposed => copy_proposal(app, state, about, copy, &mut begin).await?,
        Kind::PlanSettled => settle(app, about, matter, &name, &mut begin).await?,
        Kind::PlanPosted | Kind::ResolutionPosted => {
            begin.all("places", &["board", "online"]);
            let key = if about.kind == Kind::PlanPosted { "text-notice-plan" } else { "text-notice-resolution" };
            begin.put("notice", c.t(key).with("matter", name.as_str()).to_string());
        }
        Kind::SessionConvened => {
            begin.all("channels", &["online", "paper"]);
            if let [(only, _)] = compute::filed(state).collect::<Vec<_>>()[..] {
                begin.put("agenda", only.to_string());
            }
            if let Some(earliest) = compute::earliest(state, now) {
                begin.put("starts_at", local(earliest.plus_ms(9 * 3_600_000)));
            }
            begin.put("notice", c.t("text-notice-session").to_string());
        }
        Kind::MinutesSigned => begin.put("minutes", c.t("text-minutes").to_string()),
        Kind::VotingOpened => {
            // An hour leaves the box time to go round.
            begin.put("closes_at", if compute::box_goes(state, about) { "60" } else { "30" }.to_owned());
            begin.put("named_papers", "papers_secret".to_owned());
        }
        Kind::MobileBoxNamed => box_named(state, about, &mut begin),
        Kind::FilingFiled => begin.put("text", c.t("text-filed").with("matter", name.as_str()).to_string()),
        Kind::ProgressRecorded => {
            begin.put("percent", matter.map_or(0, |matter| matter.progress).to_string());
            begin.put("paid_fen", "0".to_owned());
        }
        Kind::DisclosurePosted | Kind::EmergencyDecided | Kind::ContractRecorded => {
            begin.put("amount_fen", "0".to_owned());
        }
        Kind::AffairsDisclosed => {
            begin.all("places", &["board", "online"]);
            if let Some(next) = next_disclosure(state) {
                begin.all("subject", &[next.subject.code()]);
                begin.put("from", next.from.to_string());
                begin.put("until", next.until.min(now.date()).to_string());
            }
        }
        _ => village(app, c, state, about, &mut begin).await?,
    }
    Ok(begin.values)
}

/// Whom the list in force names: a later one takes its place.
fn box_named(state: &State, about: &About, begin: &mut Begin) {
    let session = about.session.and_then(|id| state.session(id));
    let Some(named) = session.and_then(|session| session.mobile_box.as_ref()) else { return };
    let (three, voters) =
        (named.scrutineers.iter().map(ToString::to_string), named.voters.iter().map(ToString::to_string));
    begin.values.fields.insert("scrutineers".to_owned(), three.collect());
    begin.values.fields.insert("voters".to_owned(), voters.collect());
}

/// A session that had no quorum, or was called off, is called again: the same matters as far as they wait, and why.
pub fn again(c: &Chrome, state: &State, id: SessionId, values: &mut Values) {
    let Some(session) = state.session(id) else { return };
    let mut begin = Begin { values: std::mem::take(values) };
    let matters = state.to_call_again(session).into_iter().map(|item| item.matter.to_string());
    begin.values.fields.insert("agenda".to_owned(), matters.collect());
    let channels: Vec<&str> = session.channels.iter().map(|channel| channel.code()).collect();
    begin.all("channels", &channels);
    let failed = session.status == SessionStatus::Failed;
    let key = if failed { "text-notice-session-again" } else { "text-notice-session-moved" };
    let text = c.t(key).with("when", c.lang.time(session.starts_at)).with("eligible", session.eligible());
    begin.put("notice", text.with("present", session.there().len()).to_string());
    *values = begin.values;
}

/// What forms about people and papers begin with.
async fn village(app: &App, c: &Chrome, state: &State, about: &About, begin: &mut Begin) -> Result<(), Problem> {
    let today = app.now().date();
    match about.kind {
        Kind::TermOpened => {
            let names = app.names(about.village).await?;
            begin.put("term", (state.people.term + 1).to_string());
            begin.put("from", today.to_string());
            begin.put("until", term_end(today).to_string());
            begin.put("people", people::present(state, &names, today, |role| role_word(c.lang, role)));
        }
        Kind::RoleCovered => {
            begin.put("from", today.to_string());
            begin.put("until", today.plus_days(COVER_DAYS).to_string());
            if let Some(person) = about.person {
                begin.put("holder", person.to_string());
                let held = Role::ALL
                    .iter()
                    .find(|role| role.can_be_covered() && state.people.holds_own(person, **role, today));
                begin.values.fields.extend(held.map(|role| ("role".to_owned(), vec![role.code().to_owned()])));
            }
        }
        Kind::DelegationRecorded => begin.put("until", term_end(today).to_string()),
        Kind::RolesEnded | Kind::KeyRevoked => {
            begin.all("reason", &[if about.kind == Kind::KeyRevoked { "lost" } else { "resignation" }]);
            if let (Kind::KeyRevoked, Some(person)) = (about.kind, about.person) {
                // Of somebody's keys the card's comes first: it is what the list of cards leads here from.
                let own = state.people.keys.iter().filter(|(_, key)| key.person == person && !key.revoked);
                let key = own.max_by_key(|(_, key)| (key.kind == KeyKind::Card, key.enrolled));
                if let Some((key, _)) = key {
                    begin.put("key", key.to_string());
                }
            }
        }
        Kind::KinDeclared => {
            if let Some(person) = about.person {
                begin.put("person", person.to_string());
            }
        }
        Kind::ClericalCorrected => {
            if let Some(document) = about.document {
                begin.put("old", document.to_string());
                slip(app, about.village, &mut begin.values).await?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// The last day of a term of five years that begins on `from`.
fn term_end(from: Date) -> Date {
    let (year, month, day) = from.parts();
    let same = format!("{:04}-{month:02}-{day:02}", year + 5).parse::<Date>();
    same.map_or_else(|_| from.plus_days(5 * 365), |date| date.plus_days(-1))
}

struct Begin {
    values: Values,
}

impl Begin {
    fn put(&mut self, name: &str, value: String) {
        self.values.fields.insert(name.to_owned(), vec![value]);
    }

    fn all(&mut self, name: &str, values: &[&str]) {
        self.values.fields.insert(name.to_owned(), values.iter().map(|value| (*value).to_owned()).collect());
    }
}

async fn copy_proposal(
    app: &App,
    state: &State,
    about: &About,
    copy: Option<MatterId>,
    begin: &mut Begin,
) -> Result<(), Problem> {
    let own = about.matter.and_then(|id| state.matter(id));
    // Every suggestion of this matter is answered unless the person takes one out.
    let leaves: Vec<String> =
        own.iter().flat_map(|matter| &matter.suggestions).map(|suggestion| suggestion.at.leaf.to_string()).collect();
    begin.values.fields.insert("answers".to_owned(), leaves);
    let earlier = copy.and_then(|id| state.matter(id)).or(own);
    if let Some((matter, proposal)) = earlier.and_then(|matter| Some((matter, matter.proposal.as_ref()?))) {
        begin.put("category", proposal.category.code().to_owned());
        begin.put("amount_fen", yuan(proposal.amount_fen));
        begin.put("title", text(app, about.village, proposal.title.sha256).await?.unwrap_or_default());
        let plan = matter.settled.as_ref().map(|settled| settled.plan.sha256);
        if let Some(plan) = plan {
            begin.put("plan", text(app, about.village, plan).await?.unwrap_or_default());
        }
    }
    Ok(())
}

async fn settle(
    app: &App,
    about: &About,
    matter: Option<&Matter>,
    name: &str,
    begin: &mut Begin,
) -> Result<(), Problem> {
    let Some(matter) = matter else { return Ok(()) };
    if let Some(proposal) = &matter.proposal {
        begin.put("amount_fen", yuan(proposal.amount_fen));
    }
    let draft = matter.papers.paper(Kind::MatterProposed).and_then(|paper| {
        paper
            .documents
            .iter()
            .find(|doc| matter.proposal.as_ref().is_none_or(|proposal| proposal.title.sha256 != **doc))
    });
    if let Some(plan) = draft {
        begin.put("plan", text(app, about.village, *plan).await?.unwrap_or_default());
    }
    begin.put("questions.0.title", name.to_owned());
    begin.put("questions.0.required", "1".to_owned());
    Ok(())
}

fn yuan(fen: u64) -> String {
    if fen.is_multiple_of(100) { (fen / 100).to_string() } else { format!("{}.{:02}", fen / 100, fen % 100) }
}

/// Date and time of day in Asia/Shanghai as a form's field has it.
#[must_use]
pub fn local(time: Time) -> String {
    let minute = time.minute_of_day();
    format!("{}T{:02}:{:02}", time.date(), minute / 60, minute % 60)
}
