//! The voter's path: which question, the plan, the choice, confirm. One decision a screen.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;

use crate::app::App;
use crate::app::error::AppError;
use crate::app::forms::{About, Actor, compute};
use crate::app::live::Live;
use crate::app::submit::{BallotOpening, Submitted};
use crate::core::act::voting::{BallotCast, VotingOpened};
use crate::core::act::{Act, Kind};
use crate::core::commit;
use crate::core::ids::{Digest, MatterId, PersonId, SessionId, VillageCode};
use crate::core::model::{Channel, Mode, OptionCode, QuestionCode, Role};
use crate::core::state::session::Session;
use crate::core::state::voting::{Voting, VotingStatus};
use crate::core::statement::{Header, Signer, Statement};
use crate::http::act::draft::{signing, submit_for_demo};
use crate::http::act::{facts, prefill, who};
use crate::http::pages::act::Item;
use crate::http::pages::vote::{
    VoteChoicePage, VoteConfirmPage, VoteOption, VotePlanPage, VoteRow, VoteState, VoteWhichPage,
};
use crate::http::problem::{Code, Problem};
use crate::http::read::frame::{At, Visit, page};
use crate::http::session::Identity;
use crate::http::state::AppState;

/// A voter at a session: what every screen begins with.
pub(super) struct Voter<'a> {
    pub(super) app: &'a App,
    pub(super) visit: &'a Visit,
    pub(super) live: Arc<Live>,
    pub(super) village: VillageCode,
    pub(super) id: SessionId,
    pub(super) no: u32,
    pub(super) actor: Actor,
}

impl<'a> Voter<'a> {
    async fn open(
        app: &'a App,
        visit: &'a Visit,
        identity: &Identity,
        village: VillageCode,
        id: SessionId,
    ) -> Result<Self, Problem> {
        let live = app.lives().live(village).await?;
        let about = About { session: Some(id), ..About::new(village, Kind::BallotCast) };
        let actor = who::actor(app, identity, live.state(), &about, Some(Role::Voter)).await?;
        let no = compute::number_of(live.state(), &about, identity.person)?;
        Ok(Self { app, visit, live, village, id, no, actor })
    }

    pub(super) fn session(&self) -> Result<&Session, Problem> {
        self.live.state().session(self.id).ok_or_else(|| Problem::new(Code::NotFound))
    }

    fn voting(&self, matter: MatterId, question: &QuestionCode) -> Option<&Voting> {
        self.live.state().session(self.id)?.voting_of(matter, question).map(AsRef::as_ref)
    }

    /// Where members meet who are elsewhere.
    async fn meeting(&self) -> Result<Option<String>, Problem> {
        Ok(self.app.meeting_link(self.village, self.id).await?)
    }

    fn path(&self) -> String {
        format!("/v/{}/vote/{}", self.village, self.id)
    }

    fn state_of(&self, matter: MatterId, question: &QuestionCode) -> VoteState {
        let Some(voting) = self.voting(matter, question) else { return VoteState::Waiting };
        let closes = voting.opening.closes_at;
        if voting.status != VotingStatus::Open || self.app.now() >= closes || !voting.present.contains(&self.no) {
            return VoteState::Closed;
        }
        if voting.recused.contains(&self.no) {
            return VoteState::Recused;
        }
        if voting.paper_issued.contains(&self.no) {
            return VoteState::Paper;
        }
        if voting.has_voted(self.no) { VoteState::Voted(closes) } else { VoteState::Open(closes) }
    }

    fn open_voting(&self, matter: MatterId, question: &QuestionCode) -> Result<&Voting, Problem> {
        let open = self.state_of(matter, question).open();
        self.voting(matter, question).filter(|_| open).ok_or_else(|| Problem::new(Code::Gone))
    }

    /// The entry that opened a vote: the voter's device reads from it which question and which options there are.
    async fn opened(&self, voting: &Voting) -> Result<Vec<u8>, Problem> {
        let (village, seq) = (self.village, voting.opened.seq);
        let entry =
            self.app.db().read("entry", |tx| Box::pin(tx.entry(village, seq))).await.map_err(AppError::Store)?;
        entry.map(|entry| entry.bytes).ok_or_else(|| Problem::new(Code::Internal))
    }

    /// Hex of the salt with which a document's words give its commitment; `None` once it was withdrawn.
    async fn salt(&self, document: Digest) -> Result<Option<String>, Problem> {
        let (_, content) = self.app.document(self.village, document).await?;
        Ok(content.map(|content| hex::encode(content.salt)))
    }

    pub(super) async fn words(&self, matter: MatterId, question: &QuestionCode) -> Result<(String, String), Problem> {
        let gone = || Problem::new(Code::NotFound);
        let found = self.live.state().matter(matter).ok_or_else(gone)?;
        let item = self.session()?.item(matter).ok_or_else(gone)?;
        let asked = found.question(item.ballot, question).ok_or_else(gone)?;
        let title = prefill::title(self.app, self.village, found).await?;
        let words = prefill::text(self.app, self.village, asked.title.sha256).await?.unwrap_or_default();
        Ok((title, words))
    }

    /// The options of an open vote, those of its own in words.
    async fn options(&self, voting: &Voting) -> Result<Vec<VoteOption>, Problem> {
        let mut options = Vec::new();
        for (nth, code) in voting.opening.options.iter().enumerate() {
            let common = [OptionCode::FOR, OptionCode::AGAINST, OptionCode::ABSTAIN].contains(&code.as_str());
            let label = match voting.opening.labels.get(nth) {
                Some(words) if !common => prefill::text(self.app, self.village, *words).await?,
                _ => None,
            };
            let label = label.or_else(|| (!common).then(|| code.to_string()));
            options.push(VoteOption { code: code.to_string(), label });
        }
        Ok(options)
    }

    /// Who may help: people on record other than the voter.
    async fn helpers(&self) -> Result<Vec<Item>, Problem> {
        let names = self.app.names(self.village).await?;
        let people = &self.live.state().people;
        let others = people.persons.keys().filter(|id| **id != self.actor.person && !people.is_official(**id));
        let item = |id: &PersonId| {
            let label = names.get(id)?.clone();
            Some(Item { value: id.to_string(), label, chosen: false })
        };
        Ok(others.filter_map(item).collect())
    }

    /// The helper that was chosen, with the name: none is asked for unless somebody helps.
    async fn helper(&self, chosen: Option<&str>) -> Result<Option<(PersonId, String)>, Problem> {
        let Some(chosen) = chosen.filter(|chosen| !chosen.is_empty()) else { return Ok(None) };
        let wrong = || Problem::new(Code::Unprocessable);
        let person: PersonId = chosen.parse().map_err(|_| wrong())?;
        let mut items = self.helpers().await?.into_iter();
        let found = items.find(|item| item.value == chosen).ok_or_else(wrong)?;
        Ok(Some((person, found.label)))
    }
}

/// First screen: the questions of the session.
///
/// # Errors
/// `NotFound`; `NotAllowed` for someone who is not on the roster.
pub async fn which(
    State(state): State<AppState>,
    visit: Visit,
    identity: Identity,
    At((village, session)): At<(VillageCode, SessionId)>,
) -> Result<Response, Problem> {
    let voter = Voter::open(state.app(), &visit, &identity, village, session).await?;
    let mut questions = Vec::new();
    for item in &voter.session()?.agenda {
        let settled = voter.live.state().matter(item.matter).and_then(|matter| matter.settled.as_ref());
        let ballot = settled.and_then(|settled| settled.ballots.get(usize::from(item.ballot)));
        for question in ballot.iter().flat_map(|ballot| &ballot.questions) {
            let (matter, words) = voter.words(item.matter, &question.code).await?;
            let href = format!("{}/{}/{}", voter.path(), item.matter, question.code);
            questions.push(VoteRow {
                matter,
                question: words,
                state: voter.state_of(item.matter, &question.code),
                href,
            });
        }
    }
    let session_now = voter.session()?;
    let there = session_now.there().contains(&voter.no);
    let online = session_now.channels.contains(&Channel::Online) && session_now.is_live();
    let door = session_now.door();
    let early = state.app().now() < door;
    let check_in = format!("/v/{village}/do/{}?session={session}&role=voter", Kind::AttendanceCheckedIn);
    let waits = !there && online;
    page(&VoteWhichPage {
        place: state.app().village_place(village).await?.into(),
        session,
        questions,
        check_in: (waits && !early).then_some(check_in),
        door: (waits && early).then_some(door),
        meeting: voter.meeting().await?,
        unpublished: voter.unpublished(&state, &identity).await?,
        c: visit.c.clone(),
    })
}

type Question = (VillageCode, SessionId, MatterId, QuestionCode);

/// Second screen: the plan in brief.
///
/// # Errors
/// `Gone` once the vote is closed for this voter.
pub async fn plan(
    State(state): State<AppState>,
    visit: Visit,
    identity: Identity,
    At((village, session, matter, question)): At<Question>,
) -> Result<Response, Problem> {
    let voter = Voter::open(state.app(), &visit, &identity, village, session).await?;
    let voting = voter.open_voting(matter, &question)?;
    let (title, _) = voter.words(matter, &question).await?;
    let settled = voter.live.state().matter(matter).and_then(|matter| matter.settled.as_ref());
    let settled = settled.ok_or_else(|| Problem::new(Code::NotFound))?;
    let brief = prefill::text(voter.app, village, settled.plan.sha256).await?.unwrap_or_default();
    page(&VotePlanPage {
        matter: title,
        matter_href: format!("/v/{village}/m/{matter}"),
        place: voter.app.village_place(village).await?.into(),
        brief,
        amount: (settled.amount_fen > 0).then_some(settled.amount_fen),
        plan: None,
        closes: voting.opening.closes_at,
        grace: voting.opening.grace_minutes.into(),
        mode: voting.opening.mode.code().to_owned(),
        papers: papers_told(&voting.opening),
        meeting: voter.meeting().await?,
        next: format!("{}/{matter}/{question}/choose", voter.path()),
        back: voter.path(),
        c: visit.c.clone(),
    })
}

/// What becomes of papers in a vote by name, where there are any.
fn papers_told(opening: &VotingOpened) -> Option<&'static str> {
    let by_name = opening.mode == Mode::Named && opening.channels.contains(&Channel::Paper);
    by_name.then_some(if opening.named_papers { "named" } else { "secret" })
}

/// Third screen: the options.
///
/// # Errors
/// As [`plan`].
pub async fn choose(
    State(state): State<AppState>,
    visit: Visit,
    identity: Identity,
    At((village, session, matter, question)): At<Question>,
    Query(help): Query<Help>,
) -> Result<Response, Problem> {
    let voter = Voter::open(state.app(), &visit, &identity, village, session).await?;
    let voting = voter.open_voting(matter, &question)?;
    let (title, words) = voter.words(matter, &question).await?;
    let here = format!("{}/{matter}/{question}", voter.path());
    let helped = help.help.is_some();
    page(&VoteChoicePage {
        matter: title,
        question: words,
        options: voter.options(voting).await?,
        action: format!("{here}/confirm"),
        hidden: Vec::new(),
        helpers: if helped { voter.helpers().await? } else { Vec::new() },
        help: if helped { format!("{here}/choose") } else { format!("{here}/choose?help=1") },
        back: here,
        c: visit.c.clone(),
    })
}

/// Whether somebody helps the voter.
#[derive(Debug, Deserialize)]
pub struct Help {
    help: Option<String>,
}

/// The option chosen.
#[derive(Debug, Deserialize)]
pub struct Chosen {
    choice: OptionCode,
    helper: Option<String>,
}

/// Fourth screen: confirm and sign. The choice comes in a form's body: an address stays in histories and logs.
///
/// # Errors
/// As [`plan`]; `Unprocessable` for an option that isn't offered.
pub async fn confirm(
    State(state): State<AppState>,
    mut visit: Visit,
    identity: Identity,
    At((village, session, matter, question)): At<Question>,
    Form(chosen): Form<Chosen>,
) -> Result<Response, Problem> {
    // The switches of language and size come back by GET.
    visit.c.here = format!("/v/{village}/vote/{session}/{matter}/{question}/choose");
    let voter = Voter::open(state.app(), &visit, &identity, village, session).await?;
    let voting = voter.open_voting(matter, &question)?;
    let options = voter.options(voting).await?;
    let choice = options.into_iter().find(|option| option.code == chosen.choice.as_str());
    let choice = choice.ok_or_else(|| Problem::new(Code::Unprocessable))?;
    let helper = voter.helper(chosen.helper.as_deref()).await?;
    let (title, words) = voter.words(matter, &question).await?;
    let person = helper.as_ref().map(|(person, _)| *person);
    let statement = voter.ballot(voting, matter, &question, person)?;
    let payload = statement.to_payload().map_err(|_| Problem::new(Code::Internal))?;
    let mut signing = signing(&state, &identity, &voter.live, &statement, &payload, false).await?;
    signing.server_signs = signing.server_signs.map(|_| format!("{}/{matter}/{question}/cast", voter.path()));
    let shown = facts::shown(voter.app, &visit, voter.live.state(), &statement, &payload).await?;
    let facts = shown.facts.into_iter().filter(|fact| fact.field != "commitment").collect();
    let back = format!("{}/{matter}/{question}/choose", voter.path());
    page(&VoteConfirmPage {
        place: voter.app.village_place(village).await?.into(),
        matter: title,
        question: words,
        opened: BASE64_STANDARD.encode(voter.opened(voting).await?),
        question_salt: voter.salt(voting.opening.title).await?,
        label_salt: match voting.opening.label(&chosen.choice) {
            Some(label) => voter.salt(label).await?,
            None => None,
        },
        choice,
        back: if helper.is_some() { format!("{back}?help=1") } else { back },
        helper: helper.map(|(person, name)| (person.to_string(), name)),
        facts,
        signing,
        vouching: voter.app.vouching().join(" "),
        now: voter.app.now(),
        c: visit.c.clone(),
    })
}

/// The number of the voter's next ballot. Who has counted up to the last number, by hand, has none left.
fn next_revision(last: u32) -> Result<u32, Problem> {
    last.checked_add(1).ok_or_else(|| Problem::new(Code::Conflict))
}

impl Voter<'_> {
    /// A ballot whose commitment is still to be filled in.
    fn ballot(
        &self,
        voting: &Voting,
        matter: MatterId,
        question: &QuestionCode,
        helper: Option<PersonId>,
    ) -> Result<Statement, Problem> {
        let commitment = Digest([0; 32]);
        let last = voting.ballots.get(&(self.no, Channel::Online)).map_or(0, |cast| cast.revision);
        let revision = next_revision(last)?;
        let (voter, channel, terminal) = (self.no, Channel::Online, None);
        let cast = BallotCast { voter, revision, channel, helper, terminal, commitment };
        Ok(self.statement(matter, question, voting.opened.leaf, Act::BallotCast(cast)))
    }

    /// What the voter says about a question, resting on the entry whose leaf is `basis`.
    pub(super) fn statement(&self, matter: MatterId, question: &QuestionCode, basis: Digest, act: Act) -> Statement {
        let signer = Signer { person: Some(self.actor.person), role: Role::Voter, key: self.actor.key };
        let header = Header {
            matter: Some(matter),
            session: Some(self.id),
            question: Some(question.clone()),
            basis: Some(basis),
            ..Header::default()
        };
        Statement::new(self.village, vec![signer], self.app.now().max(self.live.state().last.time), header, act)
    }
}

/// The demo's cast: the demo server is the voter's device.
#[derive(Debug, Deserialize)]
pub struct DemoCast {
    choice: OptionCode,
    helper: Option<String>,
    payload: String,
}

/// Casts a ballot with the key that the demo holds.
///
/// # Errors
/// `NotFound` outside the demo; what submitting refuses.
pub async fn cast_for_demo(
    State(state): State<AppState>,
    visit: Visit,
    identity: Identity,
    At((village, session, matter, question)): At<Question>,
    Form(form): Form<DemoCast>,
) -> Result<Response, Problem> {
    let voter = Voter::open(state.app(), &visit, &identity, village, session).await?;
    let voting = voter.open_voting(matter, &question)?;
    // The form was made for one vote; what it shows must be what is cast.
    let shown = BASE64_STANDARD.decode(&form.payload).ok().and_then(|bytes| Statement::parse(&bytes).ok());
    if shown.is_none_or(|shown| shown.basis != Some(voting.opened.leaf)) {
        return Err(Problem::new(Code::Conflict));
    }
    let nonce = Digest(voter.app.random());
    let helper = voter.helper(form.helper.as_deref()).await?.map(|(person, _)| person);
    let mut statement = voter.ballot(voting, matter, &question, helper)?;
    if let (Act::BallotCast(cast), Some(basis)) = (&mut statement.act, statement.basis) {
        cast.commitment = commit::choice(&basis, cast.voter, cast.revision, &nonce, &form.choice);
    }
    let payload = statement.to_payload().map_err(|_| Problem::new(Code::Internal))?;
    let opening = BallotOpening { nonce, choice: form.choice };
    match submit_for_demo(&state, &visit, &identity, village, payload, Some(opening)).await? {
        Submitted::Recorded(accepted) => {
            Ok(Redirect::to(&format!("/receipt/{village}/{}", accepted.at.seq)).into_response())
        }
        Submitted::Waiting { .. } => Err(Problem::new(Code::Internal)),
    }
}

#[cfg(test)]
mod tests {
    use super::next_revision;

    #[test]
    fn after_the_last_number_there_is_no_next_ballot() {
        assert_eq!(next_revision(0).ok(), Some(1));
        assert!(next_revision(u32::MAX).is_err());
    }
}
