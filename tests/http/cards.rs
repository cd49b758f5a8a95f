//! Printed cards with a PIN: who gets a key out of one, and how often one may try.

use ed25519_dalek::SigningKey;
use futures_util::future::join_all;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use sunvote::app::cards::{FREE_TRIES, MOST_MISSES, MOST_TRIES};
use sunvote::app::login::LOGIN_TYPE;
use sunvote::app::oprf::Drawn;
use sunvote::app::projection;
use sunvote::core::act::Act;
use sunvote::core::act::village::{KeyRevoked, KeyRow, KeysEnrolled, RevokeReason};
use sunvote::core::clock::{DAY_MS, MINUTE_MS};
use sunvote::core::ids::{CardId, PersonId, PublicKey};
use sunvote::core::model::KeyKind;
use sunvote::core::statement::Header;
use sunvote::log::dsse::Envelope;
use sunvote::log::scribe::Scribe;
use sunvote::store::cards::Card;
use sunvote::store::error::StoreError;
use voprf::{EvaluationElement, Group as _, Proof, Ristretto255, VoprfClient};

use crate::harness::{Running, TestServer, VILLAGE, header};
use crate::intruders::{log_in, page};
use crate::told::village;

const PIN: &str = "730264";

/// The clerk's card of a number.
fn id(n: u8) -> CardId {
    CardId([n; 16])
}

fn public(key: &SigningKey) -> PublicKey {
    PublicKey(key.verifying_key().to_bytes())
}

/// A server with a village of real people, and its clerk at work.
struct Hall {
    server: Running,
    scribe: Scribe,
    clerk: String,
}

/// What a try gave: the key of card and PIN, and the challenge that came with it.
struct Restored {
    key: SigningKey,
    challenge: Value,
}

impl Hall {
    async fn open() -> Self {
        Self::open_with(|_| {}).await
    }

    async fn open_with(change: impl FnOnce(&mut sunvote::config::Config)) -> Self {
        let scribe = village();
        let now = scribe.now();
        let many = |config: &mut sunvote::config::Config| {
            config.limits.cards_per_minute = 10_000;
            config.limits.logins_per_minute = 10_000;
            change(config);
        };
        let server = TestServer::new().with(many).with_real_people().at(now).with_village(village()).start().await;
        let key = scribe.someone(scribe.clerk()).expect("the clerk").key.clone();
        let clerk = log_in(&server, &key).await.expect("a log-in");
        Self { server, scribe, clerk }
    }

    fn person(&self) -> PersonId {
        self.scribe.representative(0)
    }

    fn api(what: &str) -> String {
        format!("/api/v1/villages/{VILLAGE}/cards{what}")
    }

    async fn post(&self, path: &str, body: &Value) -> Response {
        self.server.request(Method::POST, path).json(body).send().await.expect("an answer")
    }

    /// The token of the clerk's forms.
    async fn csrf(&self) -> String {
        let slips = page(&self.server, &self.clerk, &format!("/v/{VILLAGE}/slips")).await;
        let (_, rest) = slips.split_once("name=\"csrf\" value=\"").expect("a token");
        rest.split('"').next().expect("a token").to_owned()
    }

    async fn make(&self, card: CardId, person: PersonId) -> Response {
        let request = self.server.request(Method::POST, &Self::api("")).header("cookie", &self.clerk);
        let body = json!({"cards": [{"card": card, "person": person}]});
        request.header("x-csrf", self.csrf().await).json(&body).send().await.expect("an answer")
    }

    /// A try as it comes in, and what finishes it.
    async fn ask(&self, card: CardId, pin: &str) -> (Response, VoprfClient<Ristretto255>) {
        let blinded = VoprfClient::<Ristretto255>::blind(
            pin.as_bytes(),
            &mut Drawn(&mut ChaCha20Rng::from_seed(self.server.app.random())),
        );
        let blinded = blinded.expect("a short text");
        let body = json!({"blinded": hex::encode(blinded.message.serialize())});
        (self.post(&Self::api(&format!("/{card}/evaluate")), &body).await, blinded.state)
    }

    /// A try that is let through. As a browser does, but the key is simply the hash of the output.
    async fn restore(&self, card: CardId, pin: &str) -> Restored {
        let (answer, client) = self.ask(card, pin).await;
        assert_eq!(answer.status(), 200);
        let body: Value = answer.json().await.expect("JSON");
        let bytes = |name: &str| hex::decode(body[name].as_str().expect("hex")).expect("hex");
        let element = EvaluationElement::deserialize(&bytes("evaluated")).expect("an element");
        let proof = Proof::deserialize(&bytes("proof")).expect("a proof");
        let oprf_key = Ristretto255::deserialize_elem(&bytes("oprf_key")).expect("a key");
        let output = client.finalize(pin.as_bytes(), &element, &proof, oprf_key).expect("a proof of that key");
        let key = SigningKey::from_bytes(&Sha256::digest(output).into());
        Restored { key, challenge: body["challenge"].clone() }
    }

    fn answered(&self, restored: &Restored) -> Value {
        let payload = json!({
            "origin": self.server.base, "challenge": restored.challenge, "key": public(&restored.key),
            "at": "2027-01-15T08:00:00.000Z",
        });
        let envelope = Envelope::sign(LOGIN_TYPE, payload.to_string().into_bytes(), &[&restored.key]).to_json();
        json!({"envelope": serde_json::from_slice::<Value>(&envelope).expect("JSON")})
    }

    async fn log_in(&self, restored: &Restored) -> Response {
        self.post("/api/v1/login", &self.answered(restored)).await
    }

    async fn prove(&self, card: CardId, restored: &Restored) -> u16 {
        self.post(&Self::api(&format!("/{card}/proof")), &self.answered(restored)).await.status().as_u16()
    }

    async fn answer(&self, card: CardId, key: &SigningKey) -> u16 {
        let body = json!({"key": public(key), "mac": "00".repeat(32)});
        self.post(&Self::api(&format!("/{card}/answer")), &body).await.status().as_u16()
    }

    /// Clerk and supervision committee put a key on record.
    async fn enrol(&self, person: PersonId, key: &SigningKey, key_kind: KeyKind) {
        let keys = vec![KeyRow { person, key: public(key), key_kind }];
        self.record(Act::KeysEnrolled(KeysEnrolled { keys })).await;
    }

    async fn revoke(&self, key: &SigningKey) {
        self.record(Act::KeyRevoked(KeyRevoked { key: public(key), reason: RevokeReason::Lost })).await;
    }

    async fn record(&self, act: Act) {
        let by = self.scribe.two();
        let statement = self.scribe.draft(&by, Header::default(), act).expect("a statement");
        let signed = self.scribe.sign(&by, &statement).expect("signed");
        let code = VILLAGE.parse().expect("a code");
        let app = &self.server.app;
        app.submit(code, signed.envelope, None).await.expect("on record");
        // A log-in looks its key up in a table that follows the record.
        projection::catch_up(app.db(), app.vault(), app.lives()).await.expect("caught up");
    }

    /// A card in use: made, its PIN chosen, its key on record.
    async fn in_use(&self, card: CardId, person: PersonId) -> Restored {
        assert_eq!(self.make(card, person).await.status(), 200);
        let restored = self.restore(card, PIN).await;
        assert_eq!(self.answer(card, &restored.key).await, 204);
        self.enrol(person, &restored.key, KeyKind::Card).await;
        assert_eq!(self.prove(card, &restored).await, 204);
        restored
    }

    async fn row(&self, card: CardId) -> Card {
        let village = VILLAGE.parse().expect("a code");
        let row: Result<_, StoreError> = self.server.app.db().read("card", |tx| Box::pin(tx.card(village, card))).await;
        row.expect("the store").expect("a card")
    }

    fn wait(&self, ms: i64) {
        self.server.clock.set(self.server.app.now().plus_ms(ms));
    }
}

#[tokio::test]
async fn card_and_pin_log_in_from_anywhere_and_another_pin_does_not() {
    let hall = Hall::open().await;
    let (card, person) = (id(1), hall.person());
    let first = hall.in_use(card, person).await;
    let again = hall.restore(card, PIN).await;
    assert_eq!(again.key.to_bytes(), first.key.to_bytes(), "the same card and PIN, another blind");
    let let_in = hall.log_in(&again).await;
    assert_eq!(let_in.status(), 204);
    assert!(header(&let_in, "set-cookie").contains("Max-Age=1800"), "others may use that browser next");
    let cookie = header(&let_in, "set-cookie").split(';').next().expect("a cookie").to_owned();
    assert!(page(&hall.server, &cookie, "/tasks").await.contains("data-card-session"));
    assert_eq!(hall.log_in(&again).await.status(), 422, "a challenge counts once");
    let wrong = hall.restore(card, "730265").await;
    assert_ne!(wrong.key.to_bytes(), first.key.to_bytes());
    assert_eq!(hall.log_in(&wrong).await.status(), 422);
    assert_eq!(hall.prove(card, &hall.restore(card, "000000").await).await, 404);
    assert_eq!((hall.row(card).await.tries, hall.row(card).await.misses), (2, 0));
    assert_eq!(hall.log_in(&hall.restore(card, PIN).await).await.status(), 204);
    assert_eq!((hall.row(card).await.tries, hall.row(card).await.misses), (0, 2), "the right PIN begins anew");
}

#[tokio::test]
async fn a_key_of_a_device_keeps_its_long_session() {
    let hall = Hall::open().await;
    let restored =
        Restored { key: SigningKey::from_bytes(&[77; 32]), challenge: hall.restore(id(9), PIN).await.challenge };
    hall.enrol(hall.person(), &restored.key, KeyKind::Device).await;
    let let_in = hall.log_in(&restored).await;
    assert!(header(&let_in, "set-cookie").contains("Max-Age=604800"));
}

#[tokio::test]
async fn wrong_pins_lock_a_card_for_longer_each_time_and_then_for_good() {
    let hall = Hall::open().await;
    let card = id(1);
    let right = hall.in_use(card, hall.person()).await;
    let (mut tried, mut waited) = (0, Vec::new());
    loop {
        let (answer, _) = hall.ask(card, "111222").await;
        match answer.status().as_u16() {
            200 => tried += 1,
            429 => {
                let seconds: i64 = header(&answer, "retry-after").parse().expect("seconds");
                let body: Value = answer.json().await.expect("JSON");
                assert_eq!(body["rule"], "card.locked");
                waited.push(seconds / 60);
                hall.wait(seconds * 1_000 - 1);
                assert_eq!(hall.ask(card, PIN).await.0.status(), 429, "locked for the right PIN, too");
                hall.wait(1);
            }
            410 => break,
            other => panic!("{other}"),
        }
    }
    assert_eq!(tried, MOST_TRIES);
    assert_eq!(waited, [1, 2, 4, 8, 16, 32, 64, 64, 64, 64, 64, 64, 64, 64, 64]);
    hall.wait(365 * DAY_MS);
    assert_eq!(hall.ask(card, PIN).await.0.status(), 410, "for good");
    let late = Restored { key: right.key, challenge: hall.restore(id(9), PIN).await.challenge };
    assert_eq!(hall.prove(card, &late).await, 404, "nothing opens it again");
}

#[tokio::test]
async fn wrong_pins_between_right_ones_are_counted_for_the_cards_life() {
    let hall = Hall::open().await;
    let card = id(1);
    hall.in_use(card, hall.person()).await;
    let mut wrong = 0;
    while wrong < MOST_MISSES {
        for _ in 0..3 {
            let (answer, _) = hall.ask(card, "111222").await;
            assert_eq!(answer.status(), if wrong < MOST_MISSES { 200 } else { 410 });
            wrong += u64::from(answer.status() == 200);
        }
        if wrong < MOST_MISSES - 1 {
            assert_eq!(hall.prove(card, &hall.restore(card, PIN).await).await, 204);
        }
    }
    assert_eq!(hall.ask(card, PIN).await.0.status(), 410);
}

#[tokio::test]
async fn a_card_that_was_never_made_is_answered_like_one_that_was() {
    let hall = Hall::open().await;
    let (made, unknown) = (id(1), id(2));
    assert_eq!(hall.make(made, hall.person()).await.status(), 200);
    for _ in 0..40 {
        let mut answers = Vec::new();
        for card in [made, unknown] {
            let (answer, _) = hall.ask(card, "111222").await;
            let head = (answer.status(), header(&answer, "retry-after").to_owned());
            let mut names: Vec<(String, usize)> = Vec::new();
            let body: Value = answer.json().await.expect("JSON");
            for (name, value) in body.as_object().expect("an object") {
                let text = value.as_str().unwrap_or_default();
                let same = ["evaluated", "proof", "oprf_key", "challenge", "request"].contains(&name.as_str());
                names.push((if same { name.clone() } else { format!("{name}: {value}") }, text.len()));
            }
            answers.push((head, names));
        }
        assert_eq!(answers[0], answers[1]);
        hall.wait(11 * MINUTE_MS);
    }
    let keys = [[5; 32], [6; 32]].map(|seed| SigningKey::from_bytes(&seed));
    for (card, key) in [(id(3), &keys[0]), (id(4), &keys[1])] {
        if card == id(3) {
            assert_eq!(hall.make(card, hall.person()).await.status(), 200);
        }
        assert_eq!(hall.answer(card, key).await, 204);
        assert_eq!(hall.answer(card, key).await, 204, "the same answer again");
        assert_eq!(hall.answer(card, &SigningKey::from_bytes(&[8; 32])).await, 409, "the first one stays");
        let asked = Restored { key: key.clone(), challenge: hall.restore(card, PIN).await.challenge };
        assert_eq!(hall.prove(card, &asked).await, 404, "not on record");
    }
    let same = [hall.restore(unknown_again(), PIN).await, hall.restore(unknown_again(), PIN).await];
    assert_eq!(same[0].key.to_bytes(), same[1].key.to_bytes(), "an unknown card has a key that stays, too");
}

fn unknown_again() -> CardId {
    id(5)
}

#[tokio::test]
async fn tries_at_the_same_moment_are_each_counted() {
    let hall = Hall::open().await;
    let card = id(1);
    assert_eq!(hall.make(card, hall.person()).await.status(), 200);
    let answers = join_all((0..16).map(|_| hall.ask(card, PIN))).await;
    let through = answers.iter().filter(|(answer, _)| answer.status() == 200).count();
    assert_eq!(u64::try_from(through).expect("few"), FREE_TRIES);
    assert_eq!(hall.row(card).await.tries, FREE_TRIES);
}

#[tokio::test]
async fn a_revoked_card_gives_nothing_and_the_next_one_has_another_key() {
    let hall = Hall::open().await;
    let (lost, person) = (id(1), hall.person());
    let old = hall.in_use(lost, person).await;
    let session = hall.log_in(&hall.restore(lost, PIN).await).await;
    let cookie = header(&session, "set-cookie").split(';').next().expect("a cookie").to_owned();
    let ready = hall.restore(lost, PIN).await;
    hall.revoke(&old.key).await;
    assert_eq!(hall.ask(lost, PIN).await.0.status(), 410);
    assert_eq!(hall.log_in(&ready).await.status(), 422, "who restored the key before can't log in with it");
    let ended = hall.server.request(Method::GET, "/tasks").header("cookie", cookie).send().await.expect("an answer");
    assert_eq!(ended.status(), 303, "its session has ended");
    let new = hall.in_use(id(2), person).await;
    assert_ne!(new.key.to_bytes(), old.key.to_bytes());
    assert_eq!(hall.log_in(&hall.restore(id(2), PIN).await).await.status(), 204);
}

#[tokio::test]
async fn only_the_cards_own_key_as_two_have_enrolled_it_begins_its_tries_anew() {
    let hall = Hall::open().await;
    let (person, other) = (hall.person(), hall.scribe.representative(1));
    hall.in_use(id(1), person).await;
    let theirs = hall.in_use(id(2), other).await;
    // The holder of another card, and a clerk's own key that answered for the card, are not its holder.
    let asked = Restored { key: theirs.key, challenge: hall.restore(id(1), "111222").await.challenge };
    assert_eq!(hall.prove(id(1), &asked).await, 404);
    assert_eq!(hall.row(id(1)).await.tries, 1);
    assert_eq!(hall.make(id(3), person).await.status(), 200);
    let forged = SigningKey::from_bytes(&[66; 32]);
    assert_eq!(hall.answer(id(3), &forged).await, 204);
    for (holder, kind) in [(other, KeyKind::Card), (person, KeyKind::Device)] {
        let asked = Restored { key: forged.clone(), challenge: hall.restore(id(3), "111222").await.challenge };
        assert_eq!(hall.prove(id(3), &asked).await, 404, "not on record");
        if kind == KeyKind::Card {
            hall.enrol(holder, &forged, kind).await;
            let asked = Restored { key: forged.clone(), challenge: asked_again(&hall).await };
            assert_eq!(hall.prove(id(3), &asked).await, 404, "on record as another person's");
        }
    }
}

async fn asked_again(hall: &Hall) -> Value {
    hall.restore(id(9), PIN).await.challenge
}

#[tokio::test]
async fn the_clerk_sees_what_is_to_be_enrolled_and_what_is_of_no_use() {
    let hall = Hall::open().await;
    let people: Vec<PersonId> = (0..4).map(|nth| hall.scribe.representative(nth)).collect();
    hall.in_use(id(1), people[0]).await;
    for (n, person) in [(2, people[1]), (3, people[2]), (4, people[3])] {
        assert_eq!(hall.make(id(n), person).await.status(), 200);
    }
    let answered = hall.restore(id(3), PIN).await;
    assert_eq!(hall.answer(id(3), &answered.key).await, 204);
    for _ in 0..MOST_TRIES {
        assert_eq!(hall.ask(id(4), PIN).await.0.status(), 200);
        hall.wait(64 * MINUTE_MS);
    }
    let shown = page(&hall.server, &hall.clerk, &format!("/v/{VILLAGE}/cards")).await;
    for (person, held) in people.iter().zip(["in-use", "made", "answered", "spent"]) {
        let (_, rest) = shown.split_once(&format!("data-card-person=\"{person}\"")).expect("the person");
        assert!(rest.split("</li>").next().expect("a line").contains(&format!("data-held=\"{held}\"")), "{held}");
    }
    let request = hall.server.request(Method::GET, &Hall::api("")).header("cookie", &hall.clerk);
    let body: Value = request.send().await.expect("an answer").json().await.expect("JSON");
    let answers = body["answers"].as_array().expect("a list");
    assert_eq!(answers.len(), 3, "what is on record no longer waits");
    let waiting = answers.iter().find(|one| one["card"] == json!(id(3))).expect("the answer");
    assert_eq!((&waiting["key"], &waiting["person"]), (&json!(public(&answered.key)), &json!(people[2])));
    let form = format!("csrf={}&enrolment={}%3A{}%3A{}", hall.csrf().await, people[2], id(3), public(&answered.key));
    let draft = hall.server.request(Method::POST, &format!("/v/{VILLAGE}/cards")).header("cookie", &hall.clerk);
    let draft = draft.header("content-type", "application/x-www-form-urlencoded").body(form).send().await;
    let draft = draft.expect("an answer").text().await.expect("a text");
    assert!(draft.contains("keys.0.key_kind") && draft.contains("data-value=\"card\""), "{draft}");
}

#[tokio::test]
async fn what_is_no_card_no_point_or_nobodys_is_refused_and_not_counted() {
    let hall = Hall::open_with(|config| config.limits.enrolments_per_hour = 10_000).await;
    let card = id(1);
    assert_eq!(hall.make(card, hall.person()).await.status(), 200);
    let neutral = "00".repeat(32);
    let none = "ff".repeat(32);
    for blinded in [neutral, none] {
        let path = Hall::api(&format!("/{card}/evaluate"));
        assert_eq!(hall.post(&path, &json!({"blinded": blinded})).await.status(), 422, "{blinded}");
    }
    assert_eq!(hall.row(card).await.tries, 0);
    assert_eq!(hall.make(id(2), PersonId::from_bytes([9; 16])).await.status(), 422, "nobody here");
    assert_eq!(hall.make(id(2), hall.scribe.approver()).await.status(), 422, "an official");
    assert_eq!(hall.make(card, hall.person()).await.status(), 422, "made before");
    let unfit = json!({"key": "00".repeat(32), "mac": "00".repeat(32)});
    assert_eq!(hall.post(&Hall::api(&format!("/{card}/answer")), &unfit).await.status(), 422);
    let nowhere = format!("/api/v1/villages/331102999999/cards/{card}/evaluate");
    let point = json!({"blinded": hex::encode(Ristretto255::serialize_elem(Ristretto255::base_elem()))});
    assert_eq!(hall.post(&nowhere, &point).await.status(), 404);
    assert_eq!(hall.post(&Hall::api("/x/evaluate"), &point).await.status(), 404);
}

#[tokio::test]
async fn one_address_has_only_so_many_tries_at_all_cards_together() {
    let hall = Hall::open_with(|config| config.limits.cards_per_minute = 2).await;
    for (n, status) in [(1, 200), (2, 200), (3, 429)] {
        assert_eq!(hall.ask(id(n), PIN).await.0.status(), status);
    }
}
