//! The voter's path: which question, the plan, the choice, confirm. One decision a screen.

use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;

use crate::app::App;
use crate::app::forms::{About, Actor, compute};
use crate::app::live::Live;
use crate::app::submit::{BallotOpening, Submitted};
use crate::core::act::voting::BallotCast;
use crate::core::act::{Act, Kind};
use crate::core::commit;
use crate::core::ids::{Digest, MatterId, SessionId, VillageCode};
use crate::core::model::{Channel, OptionCode, QuestionCode, Role};
use crate::core::state::session::Session;
use crate::core::state::voting::{Voting, VotingStatus};
use crate::core::statement::{Header, Signer, Statement};
use crate::http::act::draft::{signing, submit_for_demo};
use crate::http::act::{facts, prefill, who};
use crate::http::pages::vote::{
    VoteChoicePage, VoteConfirmPage, VoteOption, VotePlanPage, VoteRow, VoteState, VoteWhichPage,
};
use crate::http::problem::{Code, Problem};
use crate::http::read::frame::{At, Visit, page};
use crate::http::session::Identity;
use crate::http::state::AppState;

/// A voter at a session.
struct Voter<'a> {
    app: &'a App,
    live: &'a Live,
    village: VillageCode,
    id: SessionId,
    session: &'a Session,
    no: u32,
    actor: Actor,
}

impl<'a> Voter<'a> {
    async fn open(
        app: &'a App,
        live: &'a Live,
        identity: &Identity,
        village: VillageCode,
        id: SessionId,
    ) -> Result<Self, Problem> {
        let state = live.state();
        let session = state.session(id).ok_or_else(|| Problem::new(Code::NotFound))?;
        let about = About { session: Some(id), ..About::new(village, Kind::BallotCast) };
        let actor = who::actor(app, identity, state, &about, Some(Role::Voter)).await?;
        let no = compute::number_of(state, &about, identity.person)?;
        Ok(Self { app, live, village, id, session, no, actor })
    }

    fn path(&self) -> String {
        format!("/v/{}/vote/{}", self.village, self.id)
    }

    fn state_of(&self, matter: MatterId, question: &QuestionCode) -> VoteState {
        let Some(voting) = self.session.voting_of(matter, question) else { return VoteState::Waiting };
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

    fn open_voting(&self, matter: MatterId, question: &QuestionCode) -> Result<&'a Voting, Problem> {
        let open = self.state_of(matter, question).open();
        let voting = self.session.voting_of(matter, question).filter(|_| open);
        voting.map(AsRef::as_ref).ok_or_else(|| Problem::new(Code::Gone))
    }

    async fn words(&self, matter: MatterId, question: &QuestionCode) -> Result<(String, String), Problem> {
        let gone = || Problem::new(Code::NotFound);
        let found = self.live.state().matter(matter).ok_or_else(gone)?;
        let item = self.session.item(matter).ok_or_else(gone)?;
        let asked = found.question(item.ballot, question).ok_or_else(gone)?;
        let title = prefill::title(self.app, self.village, found).await?;
        let words = prefill::text(self.app, self.village, asked.title.sha256).await?.unwrap_or_default();
        Ok((title, words))
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
    let app = state.app();
    let live = app.lives().live(village).await?;
    let voter = Voter::open(app, &live, &identity, village, session).await?;
    let mut questions = Vec::new();
    for item in &voter.session.agenda {
        let settled = live.state().matter(item.matter).and_then(|matter| matter.settled.as_ref());
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
    let there = voter.session.there().contains(&voter.no);
    let open = voter.session.channels.contains(&Channel::Online) && voter.session.is_live();
    let check_in = format!("/v/{village}/do/{}?session={session}&role=voter", Kind::AttendanceCheckedIn);
    page(&VoteWhichPage {
        c: visit.c,
        place: app.village_place(village).await?.into(),
        session,
        questions,
        check_in: (!there && open).then_some(check_in),
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
    let app = state.app();
    let live = app.lives().live(village).await?;
    let voter = Voter::open(app, &live, &identity, village, session).await?;
    let voting = voter.open_voting(matter, &question)?;
    let (title, _) = voter.words(matter, &question).await?;
    let settled = live.state().matter(matter).and_then(|matter| matter.settled.as_ref());
    let settled = settled.ok_or_else(|| Problem::new(Code::NotFound))?;
    let brief = prefill::text(app, village, settled.plan.sha256).await?.unwrap_or_default();
    page(&VotePlanPage {
        matter: title,
        matter_href: format!("/v/{village}/m/{matter}"),
        place: app.village_place(village).await?.into(),
        brief,
        amount: (settled.amount_fen > 0).then_some(settled.amount_fen),
        plan: None,
        closes: voting.opening.closes_at,
        mode: voting.opening.mode.code().to_owned(),
        next: format!("{}/{matter}/{question}/choose", voter.path()),
        back: voter.path(),
        c: visit.c,
    })
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
) -> Result<Response, Problem> {
    let app = state.app();
    let live = app.lives().live(village).await?;
    let voter = Voter::open(app, &live, &identity, village, session).await?;
    let voting = voter.open_voting(matter, &question)?;
    let (title, words) = voter.words(matter, &question).await?;
    page(&VoteChoicePage {
        c: visit.c,
        matter: title,
        question: words,
        options: voting.opening.options.iter().map(option).collect(),
        action: format!("{}/{matter}/{question}/confirm", voter.path()),
        hidden: Vec::new(),
        helper: false,
        back: format!("{}/{matter}/{question}", voter.path()),
    })
}

fn option(code: &OptionCode) -> VoteOption {
    let common = [OptionCode::FOR, OptionCode::AGAINST, OptionCode::ABSTAIN].contains(&code.as_str());
    VoteOption { code: code.to_string(), label: (!common).then(|| code.to_string()) }
}

/// The option chosen.
#[derive(Debug, Deserialize)]
pub struct Chosen {
    choice: OptionCode,
}

/// Fourth screen: confirm and sign.
///
/// # Errors
/// As [`plan`]; `Unprocessable` for an option that isn't offered.
pub async fn confirm(
    State(state): State<AppState>,
    visit: Visit,
    identity: Identity,
    At((village, session, matter, question)): At<Question>,
    Query(chosen): Query<Chosen>,
) -> Result<Response, Problem> {
    let app = state.app();
    let live = app.lives().live(village).await?;
    let voter = Voter::open(app, &live, &identity, village, session).await?;
    let voting = voter.open_voting(matter, &question)?;
    if !voting.opening.options.contains(&chosen.choice) {
        return Err(Problem::new(Code::Unprocessable));
    }
    let (title, words) = voter.words(matter, &question).await?;
    let statement = voter.ballot(voting, matter, &question, Digest([0; 32]));
    let payload = statement.to_payload().map_err(|_| Problem::new(Code::Internal))?;
    let mut signing = signing(&state, &identity, &live, &statement, &payload, false).await?;
    signing.server_signs = signing.server_signs.map(|_| format!("{}/{matter}/{question}/cast", voter.path()));
    let shown = facts::shown(app, &visit.c, live.state(), &statement, &payload).await?;
    let facts = shown.facts.into_iter().filter(|fact| fact.field != "commitment").collect();
    page(&VoteConfirmPage {
        c: visit.c,
        place: app.village_place(village).await?.into(),
        matter: title,
        question: words,
        choice: option(&chosen.choice),
        helper: None,
        facts,
        signing,
        now: app.now(),
        back: format!("{}/{matter}/{question}/choose", voter.path()),
    })
}

impl Voter<'_> {
    fn ballot(&self, voting: &Voting, matter: MatterId, question: &QuestionCode, commitment: Digest) -> Statement {
        let last = voting.ballots.get(&(self.no, Channel::Online)).map_or(0, |cast| cast.revision);
        let revision = last + 1;
        Statement::new(
            self.village,
            vec![Signer { person: Some(self.actor.person), role: Role::Voter, key: self.actor.key }],
            self.app.now().max(self.live.state().last.time),
            Header {
                matter: Some(matter),
                session: Some(self.id),
                question: Some(question.clone()),
                basis: Some(voting.opened.leaf),
                ..Header::default()
            },
            Act::BallotCast(BallotCast { voter: self.no, revision, channel: Channel::Online, commitment }),
        )
    }
}

/// The demo's cast: the demo server is the voter's device.
#[derive(Debug, Deserialize)]
pub struct DemoCast {
    choice: OptionCode,
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
    let app = state.app();
    let live = app.lives().live(village).await?;
    let voter = Voter::open(app, &live, &identity, village, session).await?;
    let voting = voter.open_voting(matter, &question)?;
    // The form was made for one vote; what it shows must be what is cast.
    let shown = BASE64_STANDARD.decode(&form.payload).ok().and_then(|bytes| Statement::parse(&bytes).ok());
    if shown.is_none_or(|shown| shown.basis != Some(voting.opened.leaf)) {
        return Err(Problem::new(Code::Conflict));
    }
    let nonce = Digest(app.random());
    let mut statement = voter.ballot(voting, matter, &question, Digest([0; 32]));
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
