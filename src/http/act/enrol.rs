//! Enrolling keys: the clerk's slips, the new device's answer, and the list that two people sign.

use axum::Json;
use axum::extract::{RawForm, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use ulid::Ulid;

use crate::app::App;
use crate::app::error::AppError;
use crate::app::forms::About;
use crate::app::forms::draft::candidates;
use crate::app::identities::Enrolling;
use crate::app::submit::dry_run;
use crate::config::Checking;
use crate::core::act::village::{KeyRow, KeysEnrolled};
use crate::core::act::{Act, Kind};
use crate::core::clock::{DAY_MS, Time};
use crate::core::ids::{PersonId, PublicKey, VillageCode};
use crate::core::keys;
use crate::core::model::{KeyKind, Role};
use crate::core::statement::{Header, Signer, Statement};
use crate::http::act::draft::{Proposed, draft_page, explain};
use crate::http::act::who;
use crate::http::pages::account::{EnrolPage, SlipsPage};
use crate::http::problem::{Code, Problem};
use crate::http::read::frame::{At, Visit, page};
use crate::http::session::Identity;
use crate::http::state::AppState;
use crate::log::dsse;
use crate::store::identities::IdentityCheck;
use crate::store::sessions::Enrolment;

/// How long an answer to a slip waits for the clerk.
const WAITS_MS: i64 = DAY_MS;
/// Answers kept for one person: some tries of the own device, or of somebody else's.
const MOST_OF_PERSON: u64 = 8;
/// Most answers shown at once: those of 500 people for whom as many as possible came in.
const MOST: u64 = 4_000;

/// Roles for which keys are enrolled by the village itself.
fn roles() -> Vec<String> {
    Role::ALL.iter().filter(|role| role.is_village()).map(|role| role.code().to_owned()).collect()
}

/// The new device's page.
///
/// # Errors
/// The template's.
pub async fn device(State(state): State<AppState>, visit: Visit) -> Result<Response, Problem> {
    let provider = state.app().provider().filter(|_| state.config().oidc.enrolment != Checking::Off);
    let checked_by = provider.map(|provider| provider.name().to_owned());
    page(&EnrolPage { c: visit.c, roles: roles(), checked_by })
}

/// The clerk's page.
///
/// # Errors
/// The store's.
pub async fn slips(
    State(state): State<AppState>,
    visit: Visit,
    At(village): At<VillageCode>,
) -> Result<Response, Problem> {
    let app = state.app();
    let live = app.lives().live(village).await?;
    let names = app.names(village).await?;
    let mut people: Vec<(PersonId, String)> =
        live.state().people.persons.keys().map(|id| (*id, names.get(id).cloned().unwrap_or_default())).collect();
    people.sort_by(|a, b| a.1.cmp(&b.1));
    page(&SlipsPage {
        c: visit.c,
        place: app.village_place(village).await?.into(),
        people,
        roles: roles(),
        action: format!("/v/{village}/slips"),
        checking: state.config().oidc.enrolment.code(),
    })
}

/// What a new device answers: its key, and the proof that it knows the slip's secret, which the clerk's browser checks.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlipAnswer {
    person: PersonId,
    role: Role,
    key: PublicKey,
    mac: String,
}

/// An answer as the clerk's browser is shown it.
#[derive(Debug, Serialize)]
struct Shown {
    #[serde(flatten)]
    answer: SlipAnswer,
    #[serde(skip_serializing_if = "Option::is_none")]
    checked: Option<Checked>,
}

/// That its holder said elsewhere who they are.
#[derive(Debug, Serialize)]
struct Checked {
    by: String,
    at: Time,
}

impl Checked {
    fn of(app: &App, check: IdentityCheck) -> Self {
        let provider = app.provider().filter(|provider| provider.issuer() == check.issuer);
        Self { by: provider.map_or(check.issuer, |provider| provider.name().to_owned()), at: check.checked }
    }
}

/// Takes a device's answer.
///
/// # Errors
/// `Unprocessable` for a key that could not be enrolled, or a person who is not on the record.
#[utoipa::path(
    post,
    path = "/api/v1/villages/{code}/enrolments",
    tag = "enrolment",
    summary = "A new device answers a slip",
    params(("code" = String, Path, description = "Village code, 12 digits")),
    request_body(content = Object, description = "person, role, key and mac: HMAC-SHA-256 under the secret of the slip", content_type = "application/json"),
    responses((status = 204, description = "Kept for the clerk"), (status = 422, description = "No such person, or a key that can not be enrolled"))
)]
pub async fn answer(
    State(state): State<AppState>,
    At(village): At<VillageCode>,
    Json(answer): Json<SlipAnswer>,
) -> Result<Response, Problem> {
    let app = state.app();
    let live = app.lives().live(village).await?;
    let known = live.state().people.persons.contains_key(&answer.person);
    let mac = answer.mac.len() == 64 && answer.mac.bytes().all(|b| b.is_ascii_hexdigit());
    if !known || !mac || !keys::is_fit(&answer.key) || live.state().people.keys.contains_key(&answer.key) {
        return Err(Problem::new(Code::Unprocessable));
    }
    let now = app.now();
    let enrolment = Enrolment {
        enrolment: Ulid::from_bytes(app.random()),
        village,
        person: answer.person,
        public_key: answer.key,
        body: serde_json::json!(answer).to_string(),
        created: now,
        expires: now.plus_ms(WAITS_MS),
    };
    let write = app.db().write("put_enrolment", |tx| {
        let enrolment = enrolment.clone();
        Box::pin(async move { tx.put_enrolment(&enrolment, MOST_OF_PERSON).await })
    });
    write.await.map_err(AppError::Store)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The answers that came in, for the clerk's browser to check against its slips.
///
/// # Errors
/// The store's.
#[utoipa::path(
    get,
    path = "/api/v1/villages/{code}/enrolments",
    tag = "enrolment",
    summary = "Answers that wait for the clerk",
    params(("code" = String, Path, description = "Village code, 12 digits")),
    responses((status = 200, description = "answers: person, role, key, mac; checked, where the holder said at a provider who they are: by, at"))
)]
pub async fn answers(State(state): State<AppState>, At(village): At<VillageCode>) -> Result<Response, Problem> {
    let app = state.app();
    let now = app.now();
    let rows = app.db().read("enrolments", |tx| Box::pin(tx.enrolments(village, now, MOST))).await;
    let rows = rows.map_err(AppError::Store)?;
    let live = app.lives().live(village).await?;
    let open = rows.iter().filter(|row| !live.state().people.keys.contains_key(&row.public_key));
    let read: Vec<SlipAnswer> = open.filter_map(|row| serde_json::from_str(&row.body).ok()).collect();
    let mut answers = Vec::with_capacity(read.len());
    for answer in read {
        let enrolling = Enrolling { village, person: answer.person, key: answer.key };
        let checked = app.identity_check(enrolling).await?.map(|check| Checked::of(app, check));
        answers.push(Shown { answer, checked });
    }
    Ok(Json(serde_json::json!({"answers": answers})).into_response())
}

/// Drafts the enrolment of the keys whose answers the clerk's browser found good, to be signed by two.
///
/// # Errors
/// `Unprocessable` without any, or with one whose holder has not said who they are where that is asked; the rule that refuses it.
pub async fn draft(
    State(state): State<AppState>,
    visit: Visit,
    identity: Identity,
    At(village): At<VillageCode>,
    RawForm(form): RawForm,
) -> Result<Response, Problem> {
    let edit = format!("/v/{village}/slips");
    let rows = enrolment_rows(&form, KeyKind::Device);
    if state.config().oidc.enrolment == Checking::Required {
        for row in &rows {
            let enrolling = Enrolling { village, person: row.person, key: row.key };
            if state.app().identity_check(enrolling).await?.is_none() {
                let refusal = AppError::Invalid { field: "enrolment", reason: "not-checked" };
                return Err(explain(&visit, refusal));
            }
        }
    }
    draft_of(&state, &visit, &identity, village, rows, edit).await
}

/// The draft of an enrolment, to be signed by the clerk who asks and a member of the supervision committee; `edit` leads back.
///
/// # Errors
/// `Unprocessable` without any keys; the rule that refuses it.
pub async fn draft_of(
    state: &AppState,
    visit: &Visit,
    identity: &Identity,
    village: VillageCode,
    rows: Vec<KeyRow>,
    edit: String,
) -> Result<Response, Problem> {
    if rows.is_empty() {
        return Err(Problem::new(Code::Unprocessable));
    }
    let app = state.app();
    let live = app.lives().live(village).await?;
    let kind = Kind::KeysEnrolled;
    let about = About::new(village, kind);
    let actor = who::actor(app, identity, live.state(), &about, Some(Role::Clerk)).await?;
    let seconds = candidates(live.state(), &about, &actor, app.now());
    let second = seconds.first().and_then(|people| people.first()).ok_or_else(|| Problem::new(Code::Unprocessable))?;
    let key =
        crate::app::forms::draft::newest_key(live.state(), second.0).ok_or_else(|| Problem::new(Code::Internal))?;
    let statement = Statement::new(
        village,
        vec![
            Signer { person: Some(actor.person), role: actor.role, key: actor.key },
            Signer { person: Some(second.0), role: second.1, key },
        ],
        app.now().max(live.state().last.time),
        Header::default(),
        Act::KeysEnrolled(KeysEnrolled { keys: rows }),
    );
    let payload = statement.to_payload().map_err(|_| Problem::new(Code::Internal))?;
    let id = dsse::statement_id(&dsse::pae(dsse::STATEMENT_TYPE, &payload));
    let remarks = dry_run(live.state(), &statement, id, app.now());
    let remarks = remarks.map_err(|rejection| explain(visit, rejection.into()))?;
    let proposed = Proposed { statement, payload, remarks, edit: Some(edit), signed: Vec::new(), waits: false };
    draft_page(state, visit, identity, &live, proposed).await
}

/// `enrolment` fields: person, role and key between colons, which no form encodes but as `%3A`. What stands for the role is not
/// looked at: a key is its person's.
#[must_use]
pub fn enrolment_rows(form: &[u8], key_kind: KeyKind) -> Vec<KeyRow> {
    let text = String::from_utf8_lossy(form).replace("%3A", ":");
    let values = text.split('&').filter_map(|pair| pair.strip_prefix("enrolment="));
    let row = |value: &str| {
        let mut parts = value.split(':');
        let (person, _role, key) = (parts.next()?, parts.next()?, parts.next()?);
        Some(KeyRow { person: person.parse().ok()?, key: key.parse().ok()?, key_kind })
    };
    let mut rows: Vec<KeyRow> = values.filter_map(row).collect();
    rows.dedup_by_key(|row| row.key);
    rows
}

#[cfg(test)]
mod tests {
    use super::enrolment_rows;
    use crate::core::model::KeyKind;

    #[test]
    fn enrolments_are_read_from_the_form() {
        let key = "a0".repeat(32);
        let form = format!("csrf=x&enrolment=01ARZ3NDEKTSV4RRFFQ69G5FAV%3Arepresentative%3A{key}&person=");
        assert_eq!(enrolment_rows(form.as_bytes(), KeyKind::Device).len(), 1);
        assert!(enrolment_rows(b"csrf=x&enrolment=nobody", KeyKind::Card).is_empty());
    }
}
