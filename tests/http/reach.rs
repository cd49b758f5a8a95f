//! Telling people things: to a real mail server, a browser's keys, a gateway that does not always take it.

use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sunvote::app::fetch::Client;
use sunvote::app::projection;
use sunvote::app::reach::mail::{Mailer, Server};
use sunvote::app::reach::push::Pusher;
use sunvote::app::reach::sms::Gateway;
use sunvote::app::reach::{Reach, WAITS_MS};
use sunvote::app::webhooks::endpoint::Endpoint;
use sunvote::core::act::inquiry::{Addressee, Asked};
use sunvote::core::clock::{DAY_MS, MINUTE_MS, Time};
use sunvote::core::ids::{MatterId, PersonId, PublicKey, VillageCode};
use sunvote::core::model::{Category, Role};
use sunvote::http::letters::WORDS;
use sunvote::log::scribe::Scribe;
use sunvote::log::scribe::matter::Draft;
use sunvote::store::reach::Contact;
use web_push_native::{Auth, decrypt, p256 as browser};

use crate::harness::{Running, TestServer, VILLAGE};
use crate::intruders::{log_in, page};
use crate::mailbox::Mailbox;
use crate::told::{ASSEMBLY, at_ballot, village};
use crate::webhooks::{Receiver, SECRET, Taken};

const PHONE: &str = "138 0000 0000";
const GAP_MS: i64 = 10 * MINUTE_MS;

/// Somebody of a village, logged in.
struct Person {
    server: Running,
    cookie: String,
    csrf: String,
}

/// By which ways a server tells people things.
#[derive(Default)]
struct Ways {
    mail: Option<Mailer>,
    push: Option<Pusher>,
    sms: Option<Gateway>,
}

impl Ways {
    fn sms(url: &str) -> Self {
        let endpoint = Endpoint::only("sms", url, Path::new("x"), |_| Ok(SECRET.to_owned().into()));
        let client = Client::new(Duration::from_secs(20));
        Self { sms: Some(Gateway { endpoint: endpoint.expect("a gateway"), client }), ..Self::default() }
    }

    fn mail(server: Server<'_>) -> Self {
        Self { mail: Some(Mailer::new(server).expect("a mail server")), ..Self::default() }
    }

    fn push(here: bool) -> Self {
        let client = Client::new(Duration::from_secs(20));
        Self {
            push: Some(Pusher { contact: "mailto:notice@vote.example".to_owned(), client, here }),
            ..Self::default()
        }
    }
}

fn holder(scribe: &Scribe, role: Role) -> PersonId {
    scribe.state().people.holders(role, scribe.now().date()).next().expect("somebody")
}

fn secretary(scribe: &Scribe) -> PersonId {
    holder(scribe, Role::BranchSecretary)
}

/// A server on which one of the village's people is logged in. Nobody is told what was on record before.
async fn serve(scribe: Scribe, person: PersonId, ways: impl FnOnce(&Running) -> Ways) -> Person {
    let key = scribe.someone(person).expect("someone").key.clone();
    let server = TestServer::new().with_real_people().at(morning()).with_village(scribe).start().await;
    let Ways { mail, push, sms } = ways(&server);
    server.app.name_reach(Reach { mail, push, sms, origin: server.base.clone(), words: WORDS });
    server.app.run_reach().await.expect("a round");
    let cookie = log_in(&server, &key).await.expect("a log-in");
    let shown = page(&server, &cookie, "/reach").await;
    let csrf = shown.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a token");
    Person { csrf: csrf.to_owned(), server, cookie }
}

/// Ten in the morning in the village, long after everything that scribes write here.
fn morning() -> Time {
    "2026-09-14T02:00:00.000Z".parse().expect("a time")
}

impl Person {
    /// Fills one of the page's forms; status and page.
    async fn fill(&self, fields: &[(&str, &str)]) -> (StatusCode, String) {
        let mut body = vec![format!("csrf={}", self.csrf)];
        body.extend(fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))));
        let request = self.server.request(Method::POST, "/reach").header("cookie", &self.cookie).body(body.join("&"));
        let request = request.header("content-type", "application/x-www-form-urlencoded").header("accept", "text/html");
        let answer = request.send().await.expect("an answer");
        (answer.status(), answer.text().await.expect("a text"))
    }

    async fn give(&self, channel: &str, address: &str) -> (StatusCode, String) {
        self.fill(&[("act", "address"), ("channel", channel), ("address", address)]).await
    }

    async fn type_in(&self, channel: &str, code: &str) -> (StatusCode, String) {
        self.fill(&[("act", "code"), ("channel", channel), ("code", code)]).await
    }

    async fn page(&self) -> String {
        page(&self.server, &self.cookie, "/reach").await
    }

    /// Gives the phone number of these tests and types its code in.
    async fn confirm(&self, gateway: &Receiver) {
        assert_eq!(self.give("sms", PHONE).await.0, 303);
        let code = code_in(&texts(&gateway.taken()).pop().expect("a text message"));
        assert_eq!(self.type_in("sms", &code).await.0, 303);
    }

    fn later(&self, ms: i64) {
        self.server.clock.set(self.server.app.now().plus_ms(ms));
    }

    /// Tells what is due; how many letters were tried.
    async fn run(&self) -> usize {
        self.server.app.run_reach().await.expect("a round")
    }

    /// Has what came on record from an entry on count as new.
    async fn as_if_new(&self, from: u64) {
        let db = self.server.app.db();
        let size = db.read("size", |tx| Box::pin(tx.projected(code()))).await.expect("a size");
        assert!(db.write("back", |tx| Box::pin(tx.move_heard(code(), size, from))).await.expect("moved"));
    }

    async fn suggest(&self, text: &str) {
        self.server.app.receive_suggestion(code(), text).await.expect("on record");
        self.project().await;
    }

    async fn project(&self) {
        let app = &self.server.app;
        projection::project(app.db(), app.vault(), app.lives(), code()).await.expect("tables");
    }
}

fn code() -> VillageCode {
    VILLAGE.parse().expect("a code")
}

fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |all, byte| all + &format!("%{byte:02X}"))
}

/// What the gateway was told to say, each to the one phone.
fn texts(taken: &[Taken]) -> Vec<String> {
    let text = |one: &Taken| {
        assert_eq!(one.json()["to"], "+8613800000000");
        assert!(one.is_signed_with(SECRET));
        one.json()["text"].as_str().expect("a text").to_owned()
    };
    taken.iter().map(text).collect()
}

/// The six digits in a text.
fn code_in(text: &str) -> String {
    let digits = |part: &&str| part.len() == 6 && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split(|c: char| !c.is_ascii_digit()).find(digits).expect("a code").to_owned()
}

async fn by_sms(scribe: Scribe, person: PersonId) -> (Person, Receiver) {
    let gateway = Receiver::default();
    let url = gateway.start().await;
    (serve(scribe, person, |_| Ways::sms(&url)).await, gateway)
}

async fn by_confirmed_sms(scribe: Scribe, person: PersonId) -> (Person, Receiver) {
    let (person, gateway) = by_sms(scribe, person).await;
    person.confirm(&gateway).await;
    (person, gateway)
}

#[tokio::test]
async fn a_number_counts_once_its_code_was_typed_in_and_stands_nowhere_in_the_clear() {
    let scribe = village();
    let who = secretary(&scribe);
    let (person, gateway) = by_sms(scribe, who).await;
    assert!(person.give("sms", "12345").await.1.contains("这不是可用的手机号"));
    assert_eq!(gateway.taken().len(), 0);
    assert_eq!(person.give("sms", PHONE).await.0, 303);
    let code = code_in(&texts(&gateway.taken())[0]);
    person.suggest("路灯坏了").await;
    assert_eq!(person.run().await, 0, "nothing is sent to a number that doesn't count");
    let wrong = if code == "000000" { "000001" } else { "000000" };
    assert!(person.type_in("sms", wrong).await.1.contains("验证码不对"));
    assert_eq!(person.type_in("sms", &code).await.0, 303);
    let shown = person.page().await;
    assert!(shown.contains("138****0000") && !shown.contains("13800000000"), "{shown}");
    assert_eq!(person.type_in("sms", &code).await.0, 200, "a code is good once");

    // Neither number nor code is anywhere in the database but sealed.
    for entry in std::fs::read_dir(person.server.folder.path()).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            let bytes = std::fs::read(&path).expect("a file");
            for secret in ["13800000000", code.as_str()] {
                assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "{}", path.display());
            }
        }
    }
    assert_eq!(person.fill(&[("act", "off")]).await.0, 303);
    assert!(!person.page().await.contains("138****0000"));
    person.suggest("水管坏了").await;
    assert_eq!(person.run().await, 0);
}

/// Attack: guessing the code that was sent to somebody else's phone.
#[tokio::test]
async fn a_code_can_not_be_guessed_and_does_not_last() {
    let scribe = village();
    let who = secretary(&scribe);
    let (person, gateway) = by_sms(scribe, who).await;
    person.give("sms", PHONE).await;
    let code = code_in(&texts(&gateway.taken())[0]);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for nth in 1..=5 {
        let (_, shown) = person.type_in("sms", wrong).await;
        assert_eq!(shown.contains("不能再用"), nth == 5, "try {nth}");
    }
    assert!(person.type_in("sms", &code).await.1.contains("不能再用"), "the right one comes too late");

    person.give("sms", PHONE).await;
    let code = code_in(&texts(&gateway.taken())[0]);
    person.later(10 * MINUTE_MS);
    assert!(person.type_in("sms", &code).await.1.contains("不能再用"), "ten minutes are over");
    assert_eq!(person.server.app.sweep_contacts().await.expect("swept"), 1, "and it is erased");

    for _ in 3..=5 {
        assert_eq!(person.give("sms", PHONE).await.0, 303);
    }
    assert!(person.give("sms", PHONE).await.1.contains("今天发的验证码已经够多了"));
    assert_eq!(person.fill(&[("act", "off")]).await.0, 303);
    assert!(
        person.give("sms", PHONE).await.1.contains("今天发的验证码已经够多了"),
        "switching all off begins no new day"
    );
    assert_eq!(gateway.taken().len(), 3, "five a day");
    person.later(DAY_MS);
    assert_eq!(person.give("sms", PHONE).await.0, 303);
}

#[tokio::test]
async fn what_waits_is_told_by_a_gateway_that_fails_twice_once_and_without_names() {
    let scribe = village();
    let names: Vec<String> = scribe.everyone().map(|someone| someone.name.clone()).collect();
    let who = secretary(&scribe);
    let (person, gateway) = by_confirmed_sms(scribe, who).await;
    person.suggest("李四家门口不好走").await;
    gateway.answer(&[500, 503]);
    assert_eq!(person.run().await, 1);
    person.later(WAITS_MS[0] - 1);
    assert_eq!(person.run().await, 0, "not before its time");
    person.later(1 + WAITS_MS[0] / 10);
    assert_eq!(person.run().await, 1);
    person.later(WAITS_MS[1] - 1);
    assert_eq!(person.run().await, 0, "the next wait is longer");
    person.later(1 + WAITS_MS[1] / 10);
    assert_eq!(person.run().await, 1);
    person.later(DAY_MS);
    assert_eq!(person.run().await, 0, "what was taken is never sent again");
    let taken = gateway.taken();
    assert_eq!(taken.iter().map(|one| one.status).collect::<Vec<_>>(), [500, 503, 204]);
    assert!(taken.iter().all(|one| one.header("webhook-id") == taken[0].header("webhook-id")));
    let text = &texts(&taken)[2];
    assert!(text.contains("等您办：提出方案") && text.contains("/tasks"), "{text}");
    assert!(!text.contains("李四") && !text.contains("黄泥墩"), "{text}");
    assert!(!names.iter().any(|name| text.contains(name.as_str())), "{text}");

    // What the outbox has of it: how often it was tried, and a random name.
    let district = code().district();
    let sent = person.server.app.deliveries(district, None, 9).await.expect("a list");
    assert_eq!((sent.len(), sent[0].attempts, sent[0].outcome.as_deref()), (1, 3, Some("204")));
    assert!(sent[0].destination.len() == 32 && sent[0].destination.bytes().all(|byte| byte.is_ascii_hexdigit()));
}

/// Attack: many things at once, or tables made anew, as a way to send people storms of messages.
#[tokio::test]
async fn many_things_are_one_message_and_tables_made_anew_are_none() {
    let scribe = village();
    let who = secretary(&scribe);
    let (person, gateway) = by_confirmed_sms(scribe, who).await;
    for nth in 0..12 {
        person.suggest(&format!("建议{nth}")).await;
    }
    assert_eq!(person.run().await, 1);
    assert!(texts(&gateway.taken())[0].contains("12件事"));
    person.suggest("再来一条").await;
    person.suggest("又来一条").await;
    assert_eq!(person.run().await, 0, "not one on the heels of another");
    person.later(GAP_MS);
    assert_eq!(person.run().await, 1);
    assert!(texts(&gateway.taken())[0].contains("2件事"));

    let app = &person.server.app;
    projection::rebuild(app.db(), app.vault(), app.lives(), code()).await.expect("made anew");
    person.later(GAP_MS);
    assert_eq!(person.run().await, 0);
    assert_eq!(gateway.taken().len(), 0);
}

#[tokio::test]
async fn what_falls_into_the_night_is_told_in_the_morning() {
    let scribe = village();
    let who = secretary(&scribe);
    let (person, gateway) = by_confirmed_sms(scribe, who).await;
    // From ten to half past nine in the evening.
    person.later(11 * 60 * MINUTE_MS + 30 * MINUTE_MS);
    person.suggest("夜里的事").await;
    assert_eq!(person.run().await, 0);
    person.later(9 * 60 * MINUTE_MS + 30 * MINUTE_MS - 1);
    assert_eq!(person.run().await, 0, "a moment before seven");
    person.later(1);
    assert_eq!(person.run().await, 1);
    assert_eq!(gateway.taken().len(), 1);
    // Who wants it can hear at any time, or nothing of it.
    let at_any_time = [("act", "choose"), ("tasks", "1"), ("from", "00:00"), ("until", "00:00")];
    assert_eq!(person.fill(&at_any_time).await.0, 303);
    person.later(15 * 60 * MINUTE_MS);
    person.suggest("又是夜里").await;
    assert_eq!(person.run().await, 1);
    assert_eq!(person.fill(&[("act", "choose"), ("from", "00:00"), ("until", "00:00")]).await.0, 303);
    person.later(GAP_MS);
    person.suggest("不想听的").await;
    assert_eq!(person.run().await, 0);
    let (status, shown) = person.fill(&[("act", "choose"), ("from", "24:00"), ("until", "00:00")]).await;
    assert!(status == 200 && shown.contains("请填一天里的时间"), "{shown}");
}

fn proposed() -> (Scribe, MatterId) {
    let mut scribe = village();
    let draft = Draft { title: "村道修到河边".to_owned(), ..Draft::of(Category::M02) };
    let matter = scribe.bring_to_proposal(&draft).expect("a proposal");
    (scribe, matter)
}

#[tokio::test]
async fn a_date_that_is_near_is_told_once_in_place_of_the_task() {
    let (scribe, matter) = proposed();
    let who = secretary(&scribe);
    let (person, gateway) = by_confirmed_sms(scribe, who).await;
    let app = &person.server.app;
    let asked = (Asked::Interpellation, Addressee::Village);
    app.receive_inquiry(code(), matter, asked, "什么时候开工？").await.expect("on record");
    person.project().await;
    assert_eq!(person.run().await, 1);
    let told = texts(&gateway.taken());
    assert!(told[0].contains("等您办：") && told[0].contains("《村道修到河边》"), "{told:?}");
    let live = app.lives().live(code()).await.expect("a village");
    let tasks = sunvote::core::tasks::tasks(live.state());
    let due = tasks.iter().filter(|task| task.kind.code() == "inquiry.answered").find_map(|task| task.due);
    let due = due.expect("a date");
    person.server.clock.set(due.plus_ms(-DAY_MS - 1));
    assert_eq!(person.run().await, 0, "not yet near");
    // Near at midnight: told in the morning.
    person.server.clock.set(due.plus_ms(-DAY_MS + 9 * 60 * MINUTE_MS));
    assert_eq!(person.run().await, 1);
    let told = texts(&gateway.taken());
    assert!(told[0].contains("一天之内到期：") && told[0].contains("《村道修到河边》"), "{told:?}");
    projection::rebuild(app.db(), app.vault(), app.lives(), code()).await.expect("made anew");
    person.later(60 * MINUTE_MS);
    assert_eq!(person.run().await, 0, "once");
}

#[tokio::test]
async fn who_raised_a_concern_hears_that_it_was_answered() {
    let (mut scribe, matter) = proposed();
    let committee = holder(&scribe, Role::SupervisionCommittee);
    scribe.raise_concern(matter, "材料不全").expect("on record");
    let before = scribe.state().size();
    scribe.answer_concern(matter, "已补上").expect("on record");
    let (person, gateway) = by_confirmed_sms(scribe, committee).await;
    person.as_if_new(before).await;
    person.run().await;
    let told = texts(&gateway.taken());
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("答复了") && told[0].contains("《村道修到河边》"), "{told:?}");
}

#[tokio::test]
async fn a_representative_hears_of_a_session_and_its_result_and_not_of_a_vote_that_is_over() {
    let (mut scribe, matter) = at_ballot();
    let before = scribe.state().size();
    scribe.decide(ASSEMBLY, matter, 30, &[("for", 30)]).expect("decided");
    let representative = holder(&scribe, Role::Representative);
    let (person, gateway) = by_confirmed_sms(scribe, representative).await;
    person.as_if_new(before).await;
    assert_eq!(person.run().await, 1);
    let told = texts(&gateway.taken());
    assert!(told[0].contains("2件事"), "{told:?}");
}

#[tokio::test]
async fn mail_is_taken_by_a_real_server_after_it_refused_and_stops_by_one_click() {
    let mailbox = Mailbox::start(&[]).await;
    let url = format!("smtp://127.0.0.1:{}", mailbox.port);
    let scribe = village();
    let who = secretary(&scribe);
    let server = Server { url: &url, from: "阳光票决 <notice@vote.example>", login: None, authority: None };
    let person = serve(scribe, who, |_| Ways::mail(server)).await;
    for bad in ["wang", "wang@localhost", "a@b.example\r\nBcc: c@d.example"] {
        assert!(person.give("email", bad).await.1.contains("这不是可用的邮箱地址"), "{bad}");
    }
    assert!(person.give("email", "nobody@mail.example").await.1.contains("验证码没有发出去"));
    assert_eq!(mailbox.next().await["refused"], 550);
    assert_eq!(person.give("email", "wang@mail.example").await.0, 303);
    let mail = mailbox.next().await;
    assert_eq!((mail["subject"].as_str(), mail["to"].as_str()), (Some("阳光票决验证码"), Some("wang@mail.example")));
    assert_eq!(person.type_in("email", &code_in(mail["text"].as_str().expect("a text"))).await.0, 303);
    assert!(person.page().await.contains("w***@mail.example"));

    person.suggest("路灯坏了").await;
    assert_eq!(person.run().await, 1);
    let mail = mailbox.next().await;
    let text = mail["text"].as_str().expect("a text");
    assert_eq!(mail["from"], "\"阳光票决\" <notice@vote.example>");
    assert_eq!(mail["subject"], "村里有事等您");
    assert_eq!(mail["automatic"], "auto-generated");
    assert_eq!(mail["date"].as_str().and_then(|date| date.parse::<Time>().ok()), Some(person.server.app.now()));
    assert!(text.contains("黄泥墩村：等您办：提出方案") && !text.contains("路灯"), "{text}");
    let link = text.lines().find(|line| line.ends_with("/tasks")).expect("a link");
    let path = link.strip_prefix(&person.server.base).expect("a page of ours");
    assert!(page(&person.server, &person.cookie, path).await.contains("提出方案"));

    // Mail programs press the button by themselves, without cookie and without a page of ours (RFC 8058).
    assert_eq!(mail["oneClick"], "List-Unsubscribe=One-Click");
    let stop = mail["unsubscribe"].as_str().and_then(|text| text.strip_prefix('<')?.strip_suffix('>')).expect("a link");
    let path = stop.strip_prefix(&person.server.base).expect("a page of ours");
    assert!(text.contains(stop), "the same link for people: {text}");
    let asked = person.server.get(path).await;
    assert_eq!(asked.status(), 200);
    assert!(asked.text().await.expect("a text").contains("不再收"));
    assert!(person.page().await.contains("w***@mail.example"), "a look at the page stops nothing");
    let click = |path: String| {
        let form = ("content-type", "application/x-www-form-urlencoded");
        let request = person.server.request(Method::POST, &path).header(form.0, form.1);
        async move { request.body("List-Unsubscribe=One-Click").send().await.expect("an answer").status() }
    };
    let (head, token) = path.rsplit_once('/').expect("a token");
    let other = if token.starts_with('A') { "B" } else { "A" };
    assert_eq!(click(format!("{head}/{other}{}", &token[1..])).await, 404, "an address that somebody made up");
    assert_eq!(click(path.to_owned()).await, 200);
    assert_eq!(click(path.to_owned()).await, 200, "a second click is no harm");
    assert!(!person.page().await.contains("w***@mail.example"));
    person.later(GAP_MS);
    person.suggest("水管坏了").await;
    assert_eq!(person.run().await, 0);
    assert!(mailbox.is_silent());
}

#[tokio::test]
async fn mail_that_is_refused_for_now_comes_later_under_the_same_name() {
    let scribe = village();
    let who = secretary(&scribe);
    let mut mailbox = Mailbox::start(&[]).await;
    let url = format!("smtp://127.0.0.1:{}", mailbox.port);
    let server = Server { url: &url, from: "notice@vote.example", login: None, authority: None };
    let person = serve(scribe, who, |_| Ways::mail(server)).await;
    person.give("email", "wang@mail.example").await;
    let code = code_in(mailbox.next().await["text"].as_str().expect("a text"));
    person.type_in("email", &code).await;
    mailbox.refuse(2).await;
    person.suggest("路灯坏了").await;
    for wait in &WAITS_MS[..2] {
        assert_eq!(person.run().await, 1);
        assert_eq!(mailbox.next().await["refused"], 451);
        person.later(wait - 1);
        assert_eq!(person.run().await, 0, "not before its time");
        person.later(1 + wait / 10);
    }
    assert_eq!(person.run().await, 1);
    let mail = mailbox.next().await;
    assert_eq!(mail["subject"], "村里有事等您");
    assert!(mail["id"].as_str().is_some_and(|id| id.ends_with("@vote.example>")), "{mail}");
    person.later(DAY_MS);
    assert_eq!(person.run().await, 0);
    assert!(mailbox.is_silent());
}

#[tokio::test]
async fn mail_goes_by_tls_with_a_password_or_not_at_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let make = || generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let CertifiedKey { cert, signing_key } = make();
    let (certificate, key) = (folder.path().join("certificate.pem"), folder.path().join("key.pem"));
    std::fs::write(&certificate, cert.pem()).expect("written");
    std::fs::write(&key, signing_key.serialize_pem()).expect("written");
    let text = |path: &Path| path.to_str().expect("a path").to_owned();
    let (certificate, key) = (text(&certificate), text(&key));
    let options = ["--key", &key, "--certificate", &certificate, "--user", "sunvote", "--password", "correct horse"];
    let mailbox = Mailbox::start(&options).await;
    let url = format!("smtp://localhost:{}", mailbox.port);
    let stranger = make().cert.pem();
    let (own, stranger) = (cert.pem(), stranger);
    for (authority, password, taken) in
        [(&own, "correct horse", true), (&own, "battery", false), (&stranger, "correct horse", false)]
    {
        let login = Some(("sunvote", password.to_owned().into()));
        let server = Server { url: &url, from: "notice@vote.example", login, authority: Some(authority.as_bytes()) };
        let scribe = village();
        let who = secretary(&scribe);
        let person = serve(scribe, who, |_| Ways::mail(server)).await;
        let (status, _) = person.give("email", "wang@mail.example").await;
        assert_eq!(status == 303, taken, "{password}");
        if taken {
            let mail = mailbox.next().await;
            assert_eq!((mail["secure"].as_bool(), mail["user"].as_str()), (Some(true), Some("sunvote")), "{mail}");
        }
    }
    assert!(mailbox.is_silent());
}

/// A browser's keys, as its push service's library knows them.
struct Browser {
    secret: browser::SecretKey,
    auth: [u8; 16],
}

impl Browser {
    fn new() -> Self {
        Self { secret: browser::SecretKey::from_slice(&[9; 32]).expect("a key"), auth: [5; 16] }
    }

    fn subscription(&self, endpoint: &str) -> String {
        let public = self.secret.public_key().to_sec1_bytes();
        let keys =
            json!({"p256dh": BASE64_URL_SAFE_NO_PAD.encode(public), "auth": BASE64_URL_SAFE_NO_PAD.encode(self.auth)});
        json!({"endpoint": endpoint, "expirationTime": null, "keys": keys}).to_string()
    }

    /// What the push service handed over, opened.
    fn open(&self, taken: &Taken) -> Value {
        let opened = decrypt(taken.body.clone(), &self.secret, &Auth::from(self.auth)).expect("opened");
        serde_json::from_slice(&opened).expect("JSON")
    }
}

#[tokio::test]
async fn a_browser_opens_what_its_push_service_can_not_read_and_knows_who_sent_it() {
    let service = Receiver::default();
    let endpoint = service.start().await;
    let scribe = village();
    let who = secretary(&scribe);
    let person = serve(scribe, who, |_| Ways::push(true)).await;
    let shown = person.page().await;
    let own =
        shown.split("data-reach-push=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a key").to_owned();
    let phone = Browser::new();
    let subscription = phone.subscription(&endpoint);
    assert_eq!(person.fill(&[("act", "device"), ("subscription", &subscription)]).await.0, 303);
    assert_eq!(person.fill(&[("act", "device"), ("subscription", &subscription)]).await.0, 303, "the same once more");
    person.suggest("路灯坏了").await;
    assert_eq!(person.run().await, 1, "one browser, one message");
    let taken = service.taken();
    assert_eq!(taken.len(), 1);
    let told = phone.open(&taken[0]);
    assert_eq!(told["title"], "村里有事等您");
    assert!(told["body"].as_str().is_some_and(|body| body.contains("提出方案") && !body.contains("路灯")), "{told}");
    assert_eq!(told["link"].as_str(), Some(format!("{}/tasks", person.server.base).as_str()));
    assert_eq!((taken[0].header("content-encoding"), taken[0].header("ttl")), ("aes128gcm", "86400"));

    // RFC 8292: signed for this service, for less than a day, by the key that the browser was told.
    let authorization = taken[0].header("authorization").strip_prefix("vapid t=").expect("its scheme");
    let (token, key) = authorization.split_once(", k=").expect("two parts");
    assert_eq!(key, own);
    let point = BASE64_URL_SAFE_NO_PAD.decode(key).expect("base64url");
    let (signed, signature) = token.rsplit_once('.').expect("a signature");
    let signature = Signature::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(signature).expect("base64url"));
    let key = VerifyingKey::from_sec1_bytes(&point).expect("a key");
    key.verify(signed.as_bytes(), &signature.expect("a signature")).expect("it is right");
    let claims = signed.split('.').nth(1).and_then(|part| BASE64_URL_SAFE_NO_PAD.decode(part).ok()).expect("claims");
    let claims: Value = serde_json::from_slice(&claims).expect("JSON");
    assert!(endpoint.starts_with(claims["aud"].as_str().expect("an audience")), "{claims}");
    let left = claims["exp"].as_i64().expect("a time") - person.server.app.now().ms() / 1_000;
    assert!((1..=86_400).contains(&left) && claims["sub"] == "mailto:notice@vote.example", "{claims}");

    // Nobody is there any more: it is forgotten.
    service.answer(&[410]);
    person.later(GAP_MS);
    person.suggest("水管坏了").await;
    assert_eq!(person.run().await, 1);
    assert!(!person.page().await.contains("127.0.0.1"));
    person.later(DAY_MS);
    person.suggest("井盖坏了").await;
    assert_eq!(person.run().await, 0);
}

/// Attack: a browser's address that leads into the district's own network. That names lead nowhere there is tested where they are asked
/// for (`app::fetch`).
#[tokio::test]
async fn a_push_address_without_tls_or_with_other_parts_is_not_taken() {
    let scribe = village();
    let who = secretary(&scribe);
    let person = serve(scribe, who, |_| Ways::push(false)).await;
    let phone = Browser::new();
    let long = format!("https://push.example/{}", "a".repeat(1_100));
    for bad in [
        "http://127.0.0.1:9/x",
        "http://push.example/x",
        "https://user:word@push.example/x",
        "file:///etc/passwd",
        "push",
        &long,
    ] {
        let (status, shown) = person.fill(&[("act", "device"), ("subscription", &phone.subscription(bad))]).await;
        assert!(status == 200 && shown.contains("用不了"), "{bad}");
    }
    for bad in ["", "{}", "null"] {
        assert_eq!(person.fill(&[("act", "device"), ("subscription", bad)]).await.0, 200, "{bad}");
    }
    for nth in 0..7 {
        let endpoint = format!("https://push.example/send/{nth}");
        assert_eq!(person.fill(&[("act", "device"), ("subscription", &phone.subscription(&endpoint))]).await.0, 303);
    }
    assert_eq!(person.page().await.matches("push.example").count(), 5, "the oldest made room");
}

#[tokio::test]
async fn where_no_way_is_offered_the_page_says_so_and_nothing_is_kept() {
    let scribe = village();
    let who = secretary(&scribe);
    let person = serve(scribe, who, |_| Ways::default()).await;
    assert!(person.page().await.contains("区里还没有开通"));
    for fields in [
        [("act", "address"), ("channel", "sms"), ("address", PHONE)],
        [("act", "device"), ("channel", ""), ("subscription", "{}")],
    ] {
        assert_eq!(person.fill(&fields).await.0, 404);
    }
    assert_eq!(person.fill(&[("act", "other")]).await.0, 400);
    assert_eq!(person.server.get("/reach/stop/abc").await.status(), 404);
}

/// A key that was revoked, or of somebody who is no more in the village, hears nothing, and its addresses are erased.
#[tokio::test]
async fn addresses_of_keys_that_are_gone_are_erased() {
    let scribe = village();
    let who = secretary(&scribe);
    let (person, gateway) = by_confirmed_sms(scribe, who).await;
    let app = &person.server.app;
    assert_eq!(app.sweep_contacts().await.expect("swept"), 0);
    // Tables that are made anew know no key: that is no reason.
    let cleared = app.db().write("clear", |tx| Box::pin(tx.clear_derived(code())));
    cleared.await.map_err(|error: sunvote::store::error::StoreError| error).expect("emptied");
    assert_eq!(app.sweep_contacts().await.expect("swept"), 0);
    person.project().await;
    // A key that the record doesn't have in use.
    let gone = Contact {
        contact: "0".repeat(32),
        public_key: PublicKey([9; 32]),
        village: code(),
        channel: "sms".to_owned(),
        lang: "zh-CN".to_owned(),
        made: app.now(),
        code_until: None,
        tries: 0,
        confirmed: Some(app.now()),
        told: None,
    };
    app.db().write("gone", |tx| Box::pin(tx.add_contact(&gone))).await.expect("kept");
    assert_eq!(app.sweep_contacts().await.expect("swept"), 1);
    let left = app.db().read("left", |tx| Box::pin(tx.contacts_of(gone.public_key))).await;
    assert_eq!(left.expect("a list"), []);
    person.suggest("路灯坏了").await;
    assert_eq!(person.run().await, 1);
    assert_eq!(gateway.taken().len(), 1);
}
