//! A draft before it is signed, signing it where the demo holds the key, and what comes after.

use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;

use crate::app::App;
use crate::app::error::AppError;
use crate::app::forms::{About, spec};
use crate::app::live::Live;
use crate::app::submit::{Submitted, signed_keys};
use crate::core::clock::Time;
use crate::core::ids::{Digest, PublicKey, VillageCode};
use crate::core::judge::Remark;
use crate::core::statement::Statement;
use crate::core::tasks::{self, Task};
use crate::http::act::{begin, facts, form, prefill};
use crate::http::i18n::Lang;
use crate::http::pages::act::{DonePage, DraftPage, Signer, Signing};
use crate::http::pages::parts::Who;
use crate::http::problem::{Code, Problem};
use crate::http::read::frame::{At, Visit, page};
use crate::http::read::record::log_key;
use crate::http::session::Identity;
use crate::http::state::AppState;
use crate::log::dsse;

/// Next steps offered after signing.
const NEXT_STEPS: usize = 2;

/// A statement about to be signed.
pub struct Proposed {
    /// The statement.
    pub statement: Statement,
    /// Its exact bytes.
    pub payload: Vec<u8>,
    /// What is worth knowing.
    pub remarks: Vec<Remark>,
    /// Back to the form.
    pub edit: Option<String>,
    /// Keys that have signed, with the time it came in.
    pub signed: Vec<(PublicKey, Time)>,
    /// Whether it is kept, waiting for signatures.
    pub waits: bool,
}

/// What a statement is about.
#[must_use]
pub fn about(statement: &Statement) -> About {
    About {
        matter: statement.matter,
        session: statement.session,
        question: statement.question.clone(),
        basis: statement.basis,
        ..About::new(statement.village, statement.kind())
    }
}

/// The signing form of a payload.
///
/// # Errors
/// The store's.
pub async fn signing(
    state: &AppState,
    identity: &Identity,
    live: &Live,
    statement: &Statement,
    payload: &[u8],
    pending: bool,
) -> Result<Signing, Problem> {
    let village = statement.village;
    let id = dsse::statement_id(&dsse::pae(dsse::STATEMENT_TYPE, payload));
    let api = if pending {
        format!("/api/v1/villages/{village}/pending/{id}/signatures")
    } else {
        format!("/api/v1/villages/{village}/statements")
    };
    let mine = statement.by.iter().find(|signer| signer.person == Some(identity.person));
    let here = match mine {
        Some(mine) if state.play().is_some() => state.app().demo_holds(village, identity.person, mine.key).await?,
        _ => false,
    };
    Ok(Signing {
        api,
        pending,
        done: format!("/v/{village}/done/{id}"),
        log_key: log_key(live)?,
        payload: BASE64_STANDARD.encode(payload),
        exact: String::from_utf8_lossy(payload).into_owned(),
        server_signs: here.then(|| format!("/v/{village}/sign")),
    })
}

/// Shows a draft: in plain words what is signed, by whom, and the exact text.
///
/// # Errors
/// The store's.
pub async fn draft_page(
    state: &AppState,
    visit: &Visit,
    identity: &Identity,
    live: &Live,
    proposed: Proposed,
) -> Result<Response, Problem> {
    let (app, c) = (state.app(), &visit.c);
    let Proposed { statement, payload, remarks, edit, signed, waits } = proposed;
    let names = app.names(statement.village).await?;
    let mine = |signer: &crate::core::statement::Signer| signer.person == Some(identity.person);
    let signers = statement.by.iter().map(|signer| Signer {
        who: Who {
            name: signer.person.and_then(|person| names.get(&person).cloned()),
            role: signer.role.code().to_owned(),
        },
        person: signer.person,
        signed: signed.iter().find(|(key, _)| *key == signer.key).map(|(_, time)| *time),
        me: mine(signer),
    });
    let role = statement.by.iter().find(|signer| mine(signer)).map_or("", |signer| signer.role.code()).to_owned();
    let mut warnings: Vec<String> = remarks.iter().map(|remark| c.named("remark", remark.code()).to_string()).collect();
    for told in app.pdfs_left(&statement).await? {
        let carries = told.carries.join(&c.t("list-comma").to_string());
        let carries = if carries.is_empty() { c.t("pdf-carries-unknown").to_string() } else { carries };
        warnings.push(c.named("pdf-left", told.left.code()).with("carries", carries).to_string());
    }
    let mut shown = facts::shown(app, visit, live.state(), &statement, &payload).await?;
    // The page's first sentence says what is done, and is what the device compares.
    shown.facts.retain(|fact| fact.field != "kind");
    // What waits can be opened on any device; the rest is kept for another one when its QR code is asked for.
    let id = dsse::statement_id(&dsse::pae(dsse::STATEMENT_TYPE, &payload));
    let unsigned = waits && signed.is_empty();
    let elsewhere = waits || spec::elsewhere(statement.kind()).is_none();
    page(&DraftPage {
        c: c.clone(),
        take_back: unsigned.then(|| format!("/v/{}/pending/{id}/drop", statement.village)),
        hand_over: elsewhere.then(|| format!("/api/v1/villages/{}/pending", statement.village)),
        place: app.village_place(statement.village).await?.into(),
        kind: statement.kind().code().to_owned(),
        role,
        about: form::about_line(app, c, live, &about(&statement)).await?,
        facts: shown.facts,
        texts: shown.texts,
        papers: shown.papers,
        signers: signers.collect(),
        warnings,
        signing: signing(state, identity, live, &statement, &payload, waits).await?,
        edit,
    })
}

/// A statement that waits for the reader's signature.
///
/// # Errors
/// `NotFound` when it doesn't wait any more; the store's.
pub async fn pending(
    State(state): State<AppState>,
    visit: Visit,
    identity: Identity,
    At((village, id)): At<(VillageCode, Digest)>,
) -> Result<Response, Problem> {
    let app = state.app();
    let live = app.lives().live(village).await?;
    let now = app.now();
    let waiting = app.db().read("half_signed", |tx| Box::pin(tx.half_signed(village, id, now))).await;
    let waiting = waiting.map_err(AppError::Store)?.ok_or_else(|| Problem::new(Code::Gone))?;
    let statement = Statement::parse(&waiting.payload).map_err(AppError::from)?;
    if !statement.by.iter().any(|signer| signer.person == Some(identity.person)) {
        return Err(Problem::new(Code::NotAllowed));
    }
    let keys = signed_keys(&waiting);
    let has_signed = |signer: &&crate::core::statement::Signer| keys.contains(&dsse::keyid(&signer.key));
    let signed = statement.by.iter().filter(has_signed).map(|signer| (signer.key, waiting.created)).collect();
    let (payload, remarks) = (waiting.payload.clone(), Vec::new());
    let proposed = Proposed { payload, remarks, edit: None, signed, waits: true, statement };
    draft_page(&state, &visit, &identity, &live, proposed).await
}

/// What the form of a draft sends where the demo signs.
#[derive(Debug, Deserialize)]
pub struct ToSign {
    payload: String,
}

/// Signs with the key that the demo holds for this person, and submits.
///
/// # Errors
/// `NotFound` outside the demo; what submitting refuses.
pub async fn sign(
    State(state): State<AppState>,
    visit: Visit,
    identity: Identity,
    At(village): At<VillageCode>,
    Form(form): Form<ToSign>,
) -> Result<Response, Problem> {
    let payload = BASE64_STANDARD.decode(form.payload).map_err(|_| Problem::new(Code::BadRequest))?;
    let id = dsse::statement_id(&dsse::pae(dsse::STATEMENT_TYPE, &payload));
    submit_for_demo(&state, &visit, &identity, village, payload, None).await?;
    Ok(Redirect::to(&format!("/v/{village}/done/{id}")).into_response())
}

/// Signs a payload for a person of the demo and submits it.
///
/// # Errors
/// `NotFound` outside the demo; what submitting refuses.
pub async fn submit_for_demo(
    state: &AppState,
    visit: &Visit,
    identity: &Identity,
    village: VillageCode,
    payload: Vec<u8>,
    opening: Option<crate::app::submit::BallotOpening>,
) -> Result<Submitted, Problem> {
    if state.play().is_none() {
        return Err(Problem::new(Code::NotFound));
    }
    let app: &App = state.app();
    let envelope = app.sign_for_demo(village, identity.person, payload).await?;
    app.submit(village, envelope, opening).await.map_err(|error| explain(visit, error))
}

/// A refusal in the reader's words.
#[must_use]
pub fn explain(visit: &Visit, error: AppError) -> Problem {
    explain_in(visit.c.lang, error)
}

/// The same where only the language is known.
#[must_use]
pub fn explain_in(lang: Lang, error: AppError) -> Problem {
    let words = match &error {
        AppError::Rejected(rejection) => Some(lang.named("rule", rejection.rule.code()).to_string()),
        AppError::Invalid { reason, .. } => Some(lang.named("invalid", reason).to_string()),
        _ => None,
    };
    let problem = Problem::from(error);
    match words {
        Some(words) => problem.detail(words),
        None => problem,
    }
}

/// After signing: where it stands on the record, or who must still sign.
///
/// # Errors
/// `NotFound`; the store's.
pub async fn done(
    State(state): State<AppState>,
    visit: Visit,
    identity: Identity,
    At((village, id)): At<(VillageCode, Digest)>,
) -> Result<Response, Problem> {
    let app = state.app();
    let live = app.lives().live(village).await?;
    let now = app.now();
    let found = app.db().read("by_statement", |tx| Box::pin(tx.by_statement_id(village, id))).await;
    let found = found.map_err(AppError::Store)?;
    let c = &visit.c;
    let (statement, entry, missing, until) = if let Some(stored) = found {
        let entry = crate::log::entry::Entry::parse(&stored.bytes).map_err(|_| Problem::new(Code::Internal))?;
        let statement = Statement::parse(&entry.statement.payload).map_err(AppError::from)?;
        (statement, Some((stored.seq, stored.leaf)), Vec::new(), None)
    } else {
        let waiting = app.db().read("half_signed", |tx| Box::pin(tx.half_signed(village, id, now))).await;
        let waiting = waiting.map_err(AppError::Store)?.ok_or_else(|| Problem::new(Code::NotFound))?;
        let statement = Statement::parse(&waiting.payload).map_err(AppError::from)?;
        (statement, None, waiting.waits_for, Some(waiting.expires))
    };
    let mut next = match entry {
        Some(_) => next_steps(app, &visit, &live, &identity, &statement).await?,
        None => Vec::new(),
    };
    next.push((c.t("done-tasks").to_string(), "/tasks".to_owned()));
    let names = app.names(village).await?;
    let role_of = |person| statement.by.iter().find(|s| s.person == Some(person)).map_or("", |s| s.role.code());
    let missing =
        missing.into_iter().map(|p| Who { name: names.get(&p).cloned(), role: role_of(p).to_owned() }).collect();
    page(&DonePage {
        c: c.clone(),
        place: app.village_place(village).await?.into(),
        kind: statement.kind().code().to_owned(),
        about: form::about_line(app, c, &live, &about(&statement)).await?,
        entry,
        missing,
        until,
        next,
    })
}

/// What the same person can do next about the same matter or session.
async fn next_steps(
    app: &App,
    visit: &Visit,
    live: &Live,
    me: &Identity,
    signed: &Statement,
) -> Result<Vec<(String, String)>, Problem> {
    let (state, c) = (live.state(), &visit.c);
    let all = tasks::tasks(state);
    let same = |task: &&Task| {
        let matter = signed.matter.is_some() && task.matter == signed.matter;
        matter || signed.session.is_some() && task.session == signed.session
    };
    let mut steps: Vec<(String, String)> = Vec::new();
    for step in all.iter().filter(same) {
        let Some(href) = begin::href(state, step, me.person, app.now()) else { continue };
        if steps.len() == NEXT_STEPS || steps.iter().any(|(_, other)| *other == href) {
            continue;
        }
        let mut words = c.t("done-next-do").with("what", c.named("do", step.kind.code())).to_string();
        if let Some(question) = prefill::question(app, state, step.matter, step.question.as_ref()).await? {
            words.push_str(&c.t("colon").to_string());
            words.push_str(&question);
        }
        steps.push((words, href));
    }
    Ok(steps)
}
