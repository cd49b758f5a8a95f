//! From a refused ballot to a result that has it: the witness lists the ballot, the inspector puts it on record on the
//! district's server with an own key, the voter's device sends it again.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::SigningKey;
use reqwest::Method;
use reqwest::multipart::Form;
use rstest::rstest;
use serde_json::{Value, json};
use sunvote::app::forms::draft::Drafted;
use sunvote::app::forms::{About, Actor, Values};
use sunvote::app::publish::key_leaf;
use sunvote::app::submit::Submitted;
use sunvote::core::act::Kind;
use sunvote::core::clock::{MINUTE_MS, Time};
use sunvote::core::ids::{PersonId, VillageCode};
use sunvote::core::model::{Body, Category, Role};
use sunvote::log::dsse::{Envelope, STATEMENT_TYPE};
use sunvote::log::note::{Algorithm, Note, VerifierKey};
use sunvote::log::policy::Policy;
use sunvote::log::scribe::Scribe;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::people::Term;
use sunvote::log::scribe::voting::Vote;
use sunvote::log::verify::law::Law;
use sunvote::log::verify::{Options as Verifying, Verdict, verify};
use sunvote::store::db::Options;
use sunvote::store::error::StoreError;
use sunvote::store::fault::{Fault, FaultPlan};

use super::forger::{Forger, entries, founded, public, roots};
use super::rig::{Rig, keys, settings};
use crate::harness::{Running, TestServer, VILLAGE, header};
use crate::intruders::{log_in, page};
use crate::trouble::ballot;

/// A village with an open vote of 43, whose district has an inspector.
fn inspected() -> (Scribe, Vote, PersonId) {
    let mut scribe = founded(VILLAGE);
    scribe.settle(&Term::default()).unwrap();
    let inspector = scribe.enrol_inspector().unwrap();
    let matter = scribe.bring_to_ballot(&Draft::of(Category::M02)).unwrap();
    let session = scribe.gather(Body::RepresentativeAssembly, &[matter], 43).unwrap();
    let vote = Vote::on(session, matter, "q1").unwrap();
    scribe.open_vote(&vote).unwrap();
    scribe.wait_minutes(1);
    (scribe, vote, inspector)
}

fn closes_at(scribe: &Scribe, vote: &Vote) -> Time {
    scribe.voting(vote).unwrap().opening.closes_at
}

/// What a witness is handed: the envelope alone.
fn envelope(ballot: &Value) -> Vec<u8> {
    serde_json::to_vec(&ballot["envelope"]).unwrap()
}

async fn hand_in(witness: &str, ballot: &Value) -> reqwest::Response {
    let request = reqwest::Client::new().post(format!("{witness}/witness/vouch"));
    request.body(envelope(ballot)).send().await.unwrap()
}

async fn shown(url: &str) -> String {
    reqwest::get(url).await.unwrap().text().await.unwrap()
}

/// What stands between two marks of a page, as a browser reads it.
fn between(text: &str, before: &str, after: &str) -> String {
    let rest = text.split(before).nth(1).unwrap_or_else(|| panic!("no {before} in {text}"));
    let found = rest.split(after).next().unwrap_or_default();
    ["&#38;&", "&#43;+", "&#61;=", "&#58;:"].iter().fold(found.to_owned(), |text, mark| {
        let (code, letter) = mark.split_at(mark.len() - 1);
        text.replace(code, letter)
    })
}

/// The district's server, its witness, and the clocks of both.
struct District {
    server: Running,
    rig: Rig,
    witness: String,
    scribe: Scribe,
    vote: Vote,
    village: VillageCode,
}

/// Somebody logged in, with the key at hand.
struct Member<'a> {
    server: &'a Running,
    cookie: String,
    csrf: String,
    key: SigningKey,
}

impl District {
    /// A server that publishes, and a witness that has read all of it.
    async fn start(scribe: Scribe, vote: Vote) -> Self {
        let (now, village) = (scribe.now(), scribe.state().village);
        let server = TestServer::new().with_real_people().at(now).with_village(scribe.clone()).start().await;
        let log = VerifierKey::new(&scribe.state().origin, Algorithm::Ed25519, &scribe.state().log_key).unwrap();
        server.app.list_keys(vec![key_leaf(&log, &roots()).unwrap()]).await.unwrap();
        let (size, note) = (scribe.state().size(), scribe.checkpoint().to_string());
        let note = note.as_bytes();
        let signed = server.app.db().write("checkpoint", |tx| Box::pin(tx.put_checkpoint(village, size, note))).await;
        signed.map_err(|error: StoreError| error).unwrap();
        let district = server.app.district_verifier("331102".parse().unwrap()).await.unwrap().unwrap();
        let rig = Rig::with(settings(&server.base, &district.to_string(), ""), now, Options::default()).await;
        let witness = rig.serve();
        let policy = format!("log {district}\nwitness l {} {witness}/witness\nquorum l\n", keys().lawful());
        let policy = Policy::parse(policy.as_bytes()).unwrap();
        server.app.name_lawful(policy);
        Self { server, rig, witness, scribe, vote, village }
    }

    /// Both clocks show this time; what is due is done and published, and the witness looks: lawful so far.
    async fn at(&mut self, now: Time) {
        self.server.clock.set(now);
        self.rig.set(now);
        self.scribe.at(now);
        self.server.app.run_due_in(self.village).await.unwrap();
        self.server.app.publish_due().await.unwrap();
        let round = self.rig.round().await;
        assert_eq!((round.alarms, round.hindered), (0, 0), "{:?}", self.rig.alarms().await);
    }

    async fn log_in(&self, person: PersonId) -> Member<'_> {
        let key = self.scribe.someone(person).unwrap().key.clone();
        let cookie = log_in(&self.server, &key).await.expect("a log-in");
        let csrf = between(&page(&self.server, &cookie, "/settings").await, "name=\"csrf\" value=\"", "\"");
        Member { server: &self.server, cookie, csrf, key }
    }

    /// Two people announce the result that everyone can compute.
    async fn announce(&self) {
        let chair = self.scribe.chair();
        let (matter, session) = (Some(self.vote.matter), Some(self.vote.session));
        let about = About {
            matter,
            session,
            question: Some(self.vote.question.clone()),
            ..About::new(self.village, Kind::ResultAnnounced)
        };
        let supervisor = self.scribe.supervisor(0);
        let key = |person| &self.scribe.someone(person).unwrap().key;
        let actor = Actor { person: chair, role: Role::Chair, key: public(key(chair)) };
        let drafted = self.server.app.draft(about, &actor, &[supervisor], &Values::default()).await.unwrap();
        let Drafted::Ready { payload, .. } = drafted else { panic!("{drafted:?}") };
        let signed = Envelope::sign(STATEMENT_TYPE, payload, &[key(chair), key(supervisor)]);
        let submitted = self.server.app.submit(self.village, signed, None).await.unwrap();
        assert!(matches!(submitted, Submitted::Recorded(_)), "{submitted:?}");
    }
}

impl Member<'_> {
    async fn page(&self, path: &str) -> String {
        page(self.server, &self.cookie, path).await
    }

    /// Hands a statement in, as the script of a page does.
    async fn send(&self, body: &Value) -> (u16, Value) {
        let path = format!("/api/v1/villages/{VILLAGE}/statements");
        let request = self.server.request(Method::POST, &path).header("cookie", &self.cookie);
        let answer = request.header("x-csrf", &self.csrf).json(body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// Fills a form.
    async fn fill(&self, path: &str, ballots: &str) -> String {
        let form = Form::new().text("csrf", self.csrf.clone()).text("ballots", ballots.to_owned()).text("go", "sign");
        let request = self.server.request(Method::POST, path).header("cookie", &self.cookie);
        request.header("accept", "text/html").multipart(form).send().await.unwrap().text().await.unwrap()
    }

    /// Signs what a draft page shows.
    async fn sign(&self, shown: &str) -> (u16, Value) {
        let payload = BASE64_STANDARD.decode(between(shown, "name=\"payload\" value=\"", "\"")).unwrap();
        let envelope = Envelope::sign(STATEMENT_TYPE, payload, &[&self.key]).to_json();
        let envelope: Value = serde_json::from_slice(&envelope).unwrap();
        self.send(&json!({"envelope": envelope})).await
    }
}

#[tokio::test]
async fn an_inspector_puts_a_refused_ballot_on_record_and_it_counts() {
    let (scribe, vote, inspector) = inspected();
    let mut district = District::start(scribe, vote.clone()).await;
    let closes = closes_at(&district.scribe, &vote);
    let begun = district.scribe.now();
    district.at(begun).await;
    let voter = district.scribe.voter(vote.session, 5);
    for other in 1..=3 {
        let cast = ballot(&mut district.scribe, &vote, other);
        let member = district.log_in(voter).await;
        assert_eq!(member.send(&cast).await.0, 201);
    }
    // Half a minute before closing the server refuses a ballot: what opens it got lost on the way.
    district.at(closes.plus_ms(-30_000)).await;
    let refused = ballot(&mut district.scribe, &vote, 5);
    let (status, said) = district.log_in(voter).await.send(&json!({"envelope": refused["envelope"]})).await;
    assert_eq!((status, said["refusal"].is_string()), (422, true), "{said}");
    let answer = hand_in(&district.witness, &refused).await;
    assert_eq!(answer.status(), 200);
    let id = Envelope::from_json(&envelope(&refused)).unwrap().id().to_string();

    district.at(closes).await;
    // After closing nobody but the inspector can bring it on record.
    district.at(closes.plus_ms(MINUTE_MS)).await;
    let (late, said) = district.log_in(voter).await.send(&refused).await;
    assert_eq!((late, said["rule"].as_str()), (422, Some("ballot.late")));
    let member = district.log_in(inspector).await;
    let tasks = member.page("/tasks").await;
    assert!(tasks.contains(&format!("href=\"{}/\"", district.witness)), "the witness's page is named: {tasks}");
    assert!(tasks.contains(&format!("/v/{VILLAGE}/do/ballot.vouched?")), "{tasks}");
    let listed = shown(&district.witness).await;
    let until = sunvote::http::i18n::Lang::ZhCn.time(closes.plus_ms(5 * MINUTE_MS));
    assert!(listed.contains(&until), "until when: {listed}");
    let form = between(&listed, "<a class=\"button\" href=\"", "\"");
    let text = between(&listed, "readonly>", "</textarea>");
    let received = closes.plus_ms(-30_000);
    assert_eq!(text, format!("{id} 5 1 {received}"));
    let path = form.strip_prefix(&district.server.base).expect("the district's server");
    let filled = member.page(path).await;
    assert_eq!(between(&filled, "spellcheck=\"false\">", "</textarea>"), text, "the link fills the form");
    let name = &district.scribe.someone(voter).unwrap().name;
    assert!(filled.contains(&format!("5 {name}")) && filled.contains(&id[..8]), "in words: {filled}");

    let action = between(&filled, "<form class=\"form\" method=\"post\" action=\"", "\"");
    let wrong = member.fill(&action, &text.replace(" 5 1 ", " 99 1 ")).await;
    assert!(!wrong.contains("data-sign"), "a number that nobody has: {wrong}");
    let draft = member.fill(&action, &text).await;
    for (field, value) in
        [("statement", id.as_str()), ("voter", "5"), ("revision", "1"), ("received_at", &received.to_string())]
    {
        let fact = format!("data-field=\"ballots.0.{field}\" data-value=\"{value}\"");
        assert!(draft.contains(&fact), "the device compares {field}: {draft}");
    }
    assert_eq!(member.sign(&draft).await.0, 201);
    district.at(closes.plus_ms(2 * MINUTE_MS)).await;
    let listed = shown(&district.witness).await;
    assert!(!listed.contains("readonly>") && listed.contains("有1张票已经证明"), "it is on its way: {listed}");

    // The voter's device sends the whole ballot again.
    let (taken, said) = district.log_in(voter).await.send(&refused).await;
    assert_eq!((taken, &said["remarks"]), (201, &json!(["vouched"])), "{said}");
    district.at(closes.plus_ms(5 * MINUTE_MS)).await;
    assert!(!shown(&district.witness).await.contains("waiting-title"), "nothing waits");
    district.announce().await;
    district.at(closes.plus_ms(6 * MINUTE_MS)).await;
    let live = district.server.app.lives().live(district.village).await.unwrap();
    let result = live.state().session(vote.session).unwrap().voting_of(vote.matter, &vote.question).unwrap();
    assert_eq!(result.result.as_ref().expect("a result").counts[0].count, 4, "three and the one that was refused");
    let record = shown(&format!("{}/v/{VILLAGE}/record/file", district.witness)).await;
    let mut law = Law::new(Some(roots().iter().map(public).collect()));
    let report = verify(record.as_bytes(), &mut law, &Verifying::default(), |_| {});
    assert_eq!((report.verdict(), report.entries), (Verdict::Lawful, live.state().size()), "{:?}", report.findings);
    assert_eq!(district.rig.witness.waiting().await.unwrap(), []);
}

/// A witness that has read a record with an open vote, from a server that it can't trust.
async fn watching(more: &str) -> (Forger, Rig, String, Scribe, Vote) {
    let (scribe, vote, _) = inspected();
    let forger = Forger::start().await;
    forger.publish(&scribe, entries(&scribe));
    let hook = format!("webhook = \"{}/hook\"", forger.base);
    let settings = settings(&forger.base, &forger.verifier().to_string(), &hook);
    let rig = Rig::with(format!("{settings}{more}"), scribe.now(), Options::default()).await;
    assert_eq!(rig.round().await.cosigned, 1, "{:?}", rig.alarms().await);
    let base = rig.serve();
    (forger, rig, base, scribe, vote)
}

#[tokio::test]
async fn an_inspector_is_told_once_of_each_ballot_that_waits() {
    let (forger, rig, base, mut scribe, vote) = watching("").await;
    assert_eq!(hand_in(&base, &ballot(&mut scribe, &vote, 5)).await.status(), 200);
    forger.refuse(1);
    rig.round().await;
    assert_eq!(forger.hooked().len(), 0, "refused once");
    rig.round().await;
    rig.round().await;
    let hooked = forger.hooked();
    assert_eq!((hooked.len(), &hooked[0]["kind"], &hooked[0]["ballots"]), (1, &json!("waiting"), &json!(1)));
    assert_eq!(hooked[0]["until"], json!(closes_at(&scribe, &vote).plus_ms(5 * MINUTE_MS)));
    assert_eq!(hand_in(&base, &ballot(&mut scribe, &vote, 6)).await.status(), 200);
    rig.round().await;
    assert_eq!(forger.hooked()[1]["ballots"], 2);
    assert_eq!(rig.alarms().await, [], "no alarm: it can still be put on record");
}

#[tokio::test]
async fn what_nobody_vouched_for_in_time_is_told_as_too_late() {
    let (forger, rig, base, mut scribe, vote) = watching("").await;
    assert_eq!(hand_in(&base, &ballot(&mut scribe, &vote, 5)).await.status(), 200);
    scribe.close_on_time(&vote).unwrap();
    scribe.end_deliveries(&vote).unwrap();
    rig.set(scribe.now());
    forger.publish(&scribe, entries(&scribe));
    rig.round().await;
    let waiting = rig.witness.waiting().await.unwrap();
    assert_eq!(waiting.iter().map(|one| (one.ballots.len(), one.late)).collect::<Vec<_>>(), [(0, 1)]);
    let listed = shown(&base).await;
    assert!(listed.contains("有1张票没有人及时证明") && !listed.contains("readonly>"), "{listed}");
}

#[tokio::test]
async fn a_list_that_an_address_can_not_hold_is_copied_as_text() {
    let (_forger, _rig, base, mut scribe, vote) = watching("").await;
    for voter in 1..=41 {
        assert_eq!(hand_in(&base, &ballot(&mut scribe, &vote, voter)).await.status(), 200, "{voter}");
    }
    let listed = shown(&base).await;
    assert!(!between(&listed, "<a class=\"button\" href=\"", "\"").contains("ballots="));
    assert_eq!(between(&listed, "readonly>", "</textarea>").lines().count(), 41);
}

/// Judging costs more than refusing: who sends too much from one address is refused before anything is read.
#[tokio::test]
async fn who_hands_in_too_much_from_one_address_waits() {
    let (_forger, rig, base, mut scribe, vote) = watching("[serve.limits]\nhanded_in_per_hour = 2\n").await;
    let good = ballot(&mut scribe, &vote, 5);
    let junk = json!({"envelope": "no ballot"});
    assert_eq!(hand_in(&base, &junk).await.status(), 400);
    assert_eq!(hand_in(&base, &junk).await.status(), 400);
    let refused = hand_in(&base, &good).await;
    assert_eq!((refused.status().as_u16(), header(&refused, "retry-after")), (429, "1800"));
    assert_eq!(rig.witness.waiting().await.unwrap(), [], "nothing was taken");
    assert_eq!(reqwest::get(&base).await.unwrap().status(), 200, "reading is free");
    rig.set(scribe.now().plus_ms(30 * MINUTE_MS));
    assert_eq!(hand_in(&base, &junk).await.status(), 400, "an attempt came back");
}

#[rstest]
#[tokio::test]
async fn a_ballot_that_was_answered_is_on_disk(#[values(Fault::NotWritten, Fault::ButWritten)] fault: Fault) {
    let (mut scribe, vote, _) = inspected();
    let forger = Forger::start().await;
    forger.publish(&scribe, entries(&scribe));
    let settings = settings(&forger.base, &forger.verifier().to_string(), "");
    let handed = envelope(&ballot(&mut scribe, &vote, 5));
    let run = async |faults: FaultPlan| {
        let rig = Rig::with(settings.clone(), scribe.now(), Options { faults, ..Options::default() }).await;
        rig.round().await;
        rig
    };
    let vouched = async |rig: &Rig| -> Option<Note> {
        let ballot = rig.witness.read_ballot(&handed).await.expect("a good ballot");
        rig.witness.vouch(&ballot).await.ok()
    };
    let counting = FaultPlan::default();
    let rig = run(counting.clone()).await;
    let before = counting.steps();
    vouched(&rig).await.expect("kept");
    let steps = counting.steps();
    assert!(steps > before);
    for step in before + 1..=steps {
        let mut rig = run(FaultPlan::at(step, fault)).await;
        let answered = vouched(&rig).await;
        rig.reopen(Options::default()).await;
        rig.set(scribe.now().plus_ms(1_000));
        let again = vouched(&rig).await.expect("kept");
        assert_eq!(answered.unwrap_or_else(|| again.clone()), again, "step {step}: the time that was answered stands");
    }
}
