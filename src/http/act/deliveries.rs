//! What terminals in a hall deliver. They have no log-in: who may deliver is known by a signature, which is checked before anything
//! that costs more.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::response::Response;

use crate::app::submit::BallotOpening;
use crate::core::act::Act;
use crate::core::clock::Time;
use crate::core::ids::{PublicKey, SessionId, VillageCode};
use crate::core::model::Role;
use crate::core::state::State as Village;
use crate::core::statement::{Signer, Statement};
use crate::http::act::draft::explain_in;
use crate::http::act::statements::{Submission, take};
use crate::http::gate::Caller;
use crate::http::i18n::Lang;
use crate::http::problem::{Code, Problem};
use crate::http::read::frame::{At, Speaks};
use crate::http::state::AppState;
use crate::log::dsse::{self, Envelope};
use crate::log::signed::{check_signature, statement_of};
use crate::log::sigset::Keyring;

/// Takes in a ballot, a seal or the registration of a terminal of this session. Answers as for any statement.
///
/// # Errors
/// `NotAllowed` unless a registered terminal of the session has signed it or, for the registration, the clerk, with all others whose signature
/// is given at the terminal; `TooManyAttempts`; the rule that refuses it.
#[utoipa::path(
    post,
    path = "/api/v1/villages/{code}/sessions/{session}/deliveries",
    tag = "statements",
    summary = "Deliver what a terminal in the hall has signed",
    params(("code" = String, Path, description = "Village code, 12 digits"), ("session" = String, Path, description = "ULID")),
    request_body(content = Object, description = "As for statements: envelope, and with a ballot its opening", content_type = "application/json"),
    responses((status = 201, description = "On record: seq, leaf, time, receipt, remarks"), (status = 202, description = "Waits for further signatures: pending, waits_for"), (status = 403, description = "Signed neither by a registered terminal of this session nor, for its registration, by the clerk"), (status = 422, description = "A rule of form or of the law refuses it; `rule` names it"), (status = 503, description = "It could not be written now, or that can't be told: send the same again"))
)]
pub async fn deliver(
    State(state): State<AppState>,
    Speaks(lang): Speaks,
    Caller(address): Caller,
    At((village, session)): At<(VillageCode, SessionId)>,
    submission: Result<Json<Submission>, JsonRejection>,
) -> Result<Response, Problem> {
    let app = state.app();
    let admitted = admit(&state, lang, village, session, submission).await;
    // A hall has one address with everybody's phones behind it: what a terminal has signed is never held up by what others
    // send from there, so an address pays for what is refused only.
    let (envelope, opening, key) = admitted.or_else(|problem| state.refused_delivery(address).and(Err(problem)))?;
    state.take_delivery(key)?;
    take(app, lang, village, envelope, opening).await
}

/// Reads what was sent, with the key that vouches for it.
async fn admit(
    state: &AppState,
    lang: Lang,
    village: VillageCode,
    session: SessionId,
    submission: Result<Json<Submission>, JsonRejection>,
) -> Result<(Envelope, Option<BallotOpening>, PublicKey), Problem> {
    let Json(submission) = submission.map_err(|_| Problem::new(Code::BadRequest))?;
    let (envelope, opening) = submission.read(lang)?;
    let statement = statement_of(&envelope).map_err(|error| explain_in(lang, error.into()))?;
    let live = state.app().lives().live(village).await?;
    let now = state.app().now();
    let key = vouching(live.state(), session, &statement, now).ok_or_else(|| Problem::new(Code::NotAllowed))?;
    let signed = is_signed_by(&envelope, &key) && is_far_enough(&statement, &envelope);
    if statement.village != village || !signed {
        return Err(Problem::new(Code::NotAllowed));
    }
    Ok((envelope, opening, key))
}

/// Whether as many have signed as sign at the terminal: voter and terminal a ballot, and of the two people beside a terminal one at
/// least. So nobody who has the device alone can fill other people's lists of what waits for them.
fn is_far_enough(statement: &Statement, envelope: &Envelope) -> bool {
    let least = match statement.act {
        Act::BallotCast(_) => statement.by.len(),
        _ => 2,
    };
    let signed = |signer: &&Signer| is_signed_by(envelope, &signer.key);
    statement.by.iter().filter(signed).count() >= least
}

/// The key whose signature lets a statement in: that of a registered terminal, or for the registration the clerk's.
fn vouching(village: &Village, session: SessionId, statement: &Statement, now: Time) -> Option<PublicKey> {
    let held = village.session(session).filter(|_| statement.session == Some(session))?;
    let keys = |role: Role| statement.by.iter().find(|signer| signer.role == role).map(|signer| signer.key);
    match statement.act {
        Act::BallotCast(_) | Act::TerminalSealed(_) => {
            keys(Role::Terminal).filter(|key| held.terminal_of(key).is_some())
        }
        Act::TerminalRegistered(_) => keys(Role::Clerk).filter(|key| {
            let known = village.people.keys.get(key).filter(|known| !known.revoked);
            known.is_some_and(|known| village.people.holds(known.person, Role::Clerk, now.date()))
        }),
        _ => None,
    }
}

fn is_signed_by(envelope: &Envelope, key: &PublicKey) -> bool {
    let keyid = dsse::keyid(key);
    let own = envelope.signatures.iter().find(|signature| signature.keyid == keyid);
    own.is_some_and(|own| check_signature(&mut Keyring::default(), key, &envelope.pae(), own).is_ok())
}
