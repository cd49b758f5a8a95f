//! Printed cards with a PIN: the clerk makes and enrols them, their holders choose a PIN and sign with them in any browser.

use axum::Json;
use axum::extract::{Query, RawForm, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};

use crate::app::cards::{CardAnswer, NewCard, is_revoked, is_spent};
use crate::app::error::AppError;
use crate::app::oprf::Blinded;
use crate::core::clock::Date;
use crate::core::ids::{CardId, Digest, PersonId, PublicKey, VillageCode};
use crate::core::model::{Body, KeyKind};
use crate::core::state::State as Village;
use crate::http::act::draft::explain;
use crate::http::act::enrol::{draft_of, enrolment_rows};
use crate::http::act::login::{self, Next, next_path};
use crate::http::pages::cards::{CardPage, CardPerson, CardsPage, Held};
use crate::http::problem::{Code, Problem};
use crate::http::read::frame::{At, Visit, page};
use crate::http::session::Identity;
use crate::http::state::AppState;
use crate::store::cards::Card;

/// Most cards made at once: what one enrolment can hold.
const MOST_NEW: usize = 200;
/// Most cards of a village that are looked at, the newest: several for each of 2,000 people.
const MOST: u64 = 10_000;

/// The holder's page.
///
/// # Errors
/// The template's.
pub async fn card(visit: Visit, Query(query): Query<Next>) -> Result<Response, Problem> {
    page(&CardPage { c: visit.c, next: next_path(&query.next).to_owned() })
}

/// The clerk's page.
///
/// # Errors
/// The store's.
pub async fn cards(
    State(state): State<AppState>,
    visit: Visit,
    At(village): At<VillageCode>,
) -> Result<Response, Problem> {
    let app = state.app();
    let live = app.lives().live(village).await?;
    let names = app.names(village).await?;
    let made = app.db().read("cards", |tx| Box::pin(tx.cards(village, MOST))).await.map_err(AppError::Store)?;
    let numbers = numbers(live.state(), app.now().date());
    let villagers = live.state().people.persons.keys().filter(|id| !live.state().people.is_official(**id));
    let mut people: Vec<CardPerson> = villagers
        .map(|id| CardPerson {
            id: *id,
            name: names.get(id).cloned().unwrap_or_default(),
            no: numbers.iter().find(|(person, _)| person == id).map(|(_, no)| *no),
            held: held(live.state(), &made, *id),
        })
        .collect();
    people.sort_by(|a, b| (a.no.is_none(), a.no, &a.name).cmp(&(b.no.is_none(), b.no, &b.name)));
    let place = app.village_place(village).await?.into();
    page(&CardsPage { c: visit.c, place, people, action: format!("/v/{village}/cards") })
}

/// Numbers of the assembly's next roster, as the page of the village's people shows them.
fn numbers(state: &Village, today: Date) -> Vec<(PersonId, u32)> {
    state.body_members(Body::RepresentativeAssembly, None, today).into_iter().zip(1..).collect()
}

/// What a person holds: a card in use counts before one that waits.
fn held(state: &Village, made: &[Card], person: PersonId) -> Held {
    let own = made.iter().filter(|card| card.person == Some(person) && !is_revoked(card, state));
    let in_use = |card: &&Card| {
        let key = card.public_key.and_then(|key| state.people.keys.get(&key));
        key.is_some_and(|key| key.kind == KeyKind::Card)
    };
    let card =
        own.clone().find(in_use).map(|card| (card, true)).or_else(|| own.clone().next().map(|card| (card, false)));
    match card {
        None => Held::Nothing,
        Some((card, _)) if is_spent(card) => Held::Spent,
        Some((Card { public_key: Some(key), .. }, true)) => Held::InUse(*key),
        Some((Card { public_key: Some(_), .. }, false)) => Held::Answered,
        Some(_) => Held::Made,
    }
}

/// Drafts the enrolment of the cards whose answers the clerk's browser found good, to be signed by two.
///
/// # Errors
/// `Unprocessable` without any; the rule that refuses it.
pub async fn draft(
    State(state): State<AppState>,
    visit: Visit,
    identity: Identity,
    At(village): At<VillageCode>,
    RawForm(form): RawForm,
) -> Result<Response, Problem> {
    let edit = format!("/v/{village}/cards");
    draft_of(&state, &visit, &identity, village, enrolment_rows(&form, KeyKind::Card), edit).await
}

/// Cards about to be printed. Their secrets stay in the clerk's browser.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCards {
    cards: Vec<NewRow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewRow {
    card: CardId,
    person: PersonId,
}

/// Keeps new cards.
///
/// # Errors
/// `Unprocessable` for nobody of the village; the store's.
#[utoipa::path(
    post,
    path = "/api/v1/villages/{code}/cards",
    tag = "cards",
    summary = "Cards that the clerk's browser has made",
    params(("code" = String, Path, description = "Village code, 12 digits")),
    request_body(content = Object, description = "cards: card and person of each, at most 200", content_type = "application/json"),
    responses((status = 200, description = "cards: card and oprf_key of each, in order"), (status = 422, description = "Nobody of the village, or too many"))
)]
pub async fn make(
    State(state): State<AppState>,
    At(village): At<VillageCode>,
    Json(new): Json<NewCards>,
) -> Result<Response, Problem> {
    if new.cards.is_empty() || new.cards.len() > MOST_NEW {
        return Err(Problem::new(Code::Unprocessable));
    }
    let rows: Vec<NewCard> = new.cards.iter().map(|row| NewCard { card: row.card, person: row.person }).collect();
    let keys = state.app().make_cards(village, &rows).await?;
    let made =
        rows.iter().zip(keys).map(|(row, key)| serde_json::json!({"card": row.card, "oprf_key": hex::encode(key)}));
    Ok(Json(serde_json::json!({"cards": made.collect::<Vec<_>>()})).into_response())
}

/// A card's key as its holder answered it.
#[derive(Debug, Serialize)]
struct Answered {
    card: CardId,
    person: Option<PersonId>,
    key: Option<PublicKey>,
    mac: Option<Digest>,
}

/// The cards that were made and are not enrolled yet, with what their holders answered.
///
/// # Errors
/// The store's.
#[utoipa::path(
    get,
    path = "/api/v1/villages/{code}/cards",
    tag = "cards",
    summary = "Answers of cards' holders that wait for the clerk",
    params(("code" = String, Path, description = "Village code, 12 digits")),
    responses((status = 200, description = "answers: card, person, key and mac; key and mac are null while nobody answered"))
)]
pub async fn answers(State(state): State<AppState>, At(village): At<VillageCode>) -> Result<Response, Problem> {
    let app = state.app();
    let rows = app.db().read("cards", |tx| Box::pin(tx.cards(village, MOST))).await.map_err(AppError::Store)?;
    let live = app.lives().live(village).await?;
    let enrolled = |row: &Card| row.public_key.is_some_and(|key| live.state().people.keys.contains_key(&key));
    let open = rows.into_iter().filter(|row| !enrolled(row));
    let answers: Vec<Answered> =
        open.map(|row| Answered { card: row.card, person: row.person, key: row.public_key, mac: row.mac }).collect();
    Ok(Json(serde_json::json!({"answers": answers})).into_response())
}

/// One try: what the card's holder blinded.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    blinded: Digest,
}

/// Evaluates, and counts the try. What is answered is the same for a card that was never made.
///
/// # Errors
/// `Unprocessable` for what is no element of the group; `TooManyAttempts` while the card is locked; `Gone` for one that is of no
/// use any more; the store's.
#[utoipa::path(
    post,
    path = "/api/v1/villages/{code}/cards/{card}/evaluate",
    tag = "cards",
    summary = "One try at a card's PIN (RFC 9497, VOPRF, ristretto255-SHA512)",
    params(("code" = String, Path, description = "Village code, 12 digits"), ("card" = String, Path, description = "The card, 32 hex digits")),
    request_body(content = Object, description = "blinded: a compressed element, hex", content_type = "application/json"),
    responses(
        (status = 200, description = "evaluated, proof, oprf_key: hex; challenge: to be signed for the log-in or the proof"),
        (status = 410, description = "Tried too often, or revoked: the clerk gives out another card"),
        (status = 422, description = "Not an element of the group"),
        (status = 429, description = "Locked after several tries: ask again after Retry-After seconds")
    )
)]
pub async fn evaluate(
    State(state): State<AppState>,
    visit: Visit,
    At((village, card)): At<(VillageCode, CardId)>,
    Json(asked): Json<Asked>,
) -> Result<Response, Problem> {
    let app = state.app();
    let blinded = Blinded::parse(&asked.blinded.0).ok_or_else(|| Problem::new(Code::Unprocessable))?;
    match app.evaluate_card(village, card, &blinded).await? {
        CardAnswer::Evaluated { result, oprf_key } => {
            let challenge = app.challenge().await?;
            Ok(Json(serde_json::json!({
                "evaluated": hex::encode(result.element),
                "proof": hex::encode(result.proof),
                "oprf_key": hex::encode(oprf_key),
                "challenge": challenge,
            }))
            .into_response())
        }
        CardAnswer::Locked(until) => {
            let seconds = (until.ms() - app.now().ms() + 999) / 1_000;
            let seconds = u32::try_from(seconds.max(1)).unwrap_or(u32::MAX);
            let words = visit.c.t("card-locked").with("minutes", seconds.div_ceil(60)).to_string();
            Err(Problem::new(Code::TooManyAttempts).retry_after(seconds).rule("card.locked").detail(words))
        }
        CardAnswer::Closed => {
            Err(Problem::new(Code::Gone).rule("card.closed").detail(visit.c.t("card-closed").to_string()))
        }
    }
}

/// The PIN was right: tries begin anew.
///
/// # Errors
/// The signature, key or challenge doesn't count, or the key isn't the card's.
#[utoipa::path(
    post,
    path = "/api/v1/villages/{code}/cards/{card}/proof",
    tag = "cards",
    summary = "The proof that the PIN was right",
    params(("code" = String, Path, description = "Village code, 12 digits"), ("card" = String, Path, description = "The card, 32 hex digits")),
    request_body(content = Object, description = "envelope: as for the log-in, by the card's key", content_type = "application/json"),
    responses((status = 204, description = "Tries begin anew"), (status = 404, description = "Not this card's key"), (status = 422, description = "Signature or challenge does not count"))
)]
pub async fn prove(
    State(state): State<AppState>,
    visit: Visit,
    At((village, card)): At<(VillageCode, CardId)>,
    Json(answer): Json<login::Answer>,
) -> Result<Response, Problem> {
    let envelope = answer.read(&visit)?;
    let proved = state.app().prove_card(&state.origin().to_string(), village, card, &envelope).await;
    proved.map_err(|error| explain(&visit, error))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The key that a card's holder made with it, and the proof for the clerk's browser that who did held the card.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HolderAnswer {
    key: PublicKey,
    mac: Digest,
}

/// Takes the key of a new card. Only the first one counts.
///
/// # Errors
/// `Conflict` where another key answered before; `Unprocessable` for one that could not be enrolled; the store's.
#[utoipa::path(
    post,
    path = "/api/v1/villages/{code}/cards/{card}/answer",
    tag = "cards",
    summary = "The key that a new card's holder made",
    params(("code" = String, Path, description = "Village code, 12 digits"), ("card" = String, Path, description = "The card, 32 hex digits")),
    request_body(content = Object, description = "key; mac: HMAC-SHA-256 under what the card's secret gives for it", content_type = "application/json"),
    responses((status = 204, description = "Kept for the clerk"), (status = 409, description = "Another key answered before"), (status = 422, description = "A key that can not be enrolled"))
)]
pub async fn answer(
    State(state): State<AppState>,
    visit: Visit,
    At((village, card)): At<(VillageCode, CardId)>,
    Json(answer): Json<HolderAnswer>,
) -> Result<Response, Problem> {
    if state.app().answer_card(village, card, answer.key, answer.mac).await? {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Err(Problem::new(Code::Conflict).rule("card.answered").detail(visit.c.t("card-answered").to_string()))
}
