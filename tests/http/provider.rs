//! Log-in by an account elsewhere, against a real provider: the package oidc-provider, run by node.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use ed25519_dalek::SigningKey;
use reqwest::header::LOCATION;
use reqwest::{Client, Method, Response, redirect};
use serde_json::{Value, json};
use sunvote::app::identities::{ACCOUNT_SESSION_MS, ASKED_MS};
use sunvote::app::provider::{BACK, Provider, Registered};
use sunvote::config::{Checking, Config};
use sunvote::core::act::Act;
use sunvote::core::act::village::{KeyRevoked, RevokeReason};
use sunvote::core::clock::{MINUTE_MS, Time};
use sunvote::core::ids::{PublicKey, VillageCode};
use sunvote::core::statement::Header;
use sunvote::log::scribe::Scribe;
use zeroize::Zeroizing;

use crate::harness::{Running, TestServer, VILLAGE, header};
use crate::intruders::{log_in, page};
use crate::told::village;

const SECRET: &str = "a secret of the tests that is long enough";
/// What the provider calls the clerk.
const NAME: &str = "钟丽华";

/// The provider; it ends with the test.
struct Elsewhere {
    child: Child,
    issuer: String,
}

impl Elsewhere {
    fn start(back: &str, now: Time) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/test/provider.mjs");
        let mut command = Command::new("node");
        command.arg(script).arg(now.to_string()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("node");
        writeln!(child.stdin.as_ref().expect("its input"), "{back}").expect("told");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines().map_while(Result::ok);
        let issuer = lines.next().expect("an issuer: `npm ci` in web/");
        assert_eq!(lines.next().as_deref(), Some(back));
        Self { child, issuer }
    }

    /// Has it spoil the tokens that it hands out from now on.
    async fn spoil(&self, how: &str) {
        let asked =
            Client::new().post(format!("{}/test/spoil?how={how}", self.issuer)).send().await.expect("an answer");
        assert_eq!(asked.status(), 200);
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A browser: the cookies that it has of us. Strict ones don't come along from another site.
#[derive(Default, Clone)]
struct Browser {
    session: String,
    bound: String,
}

struct Office {
    server: Running,
    elsewhere: Elsewhere,
    scribe: Scribe,
    clerk: Browser,
}

/// The cookie that an answer sets.
fn set(answer: &Response) -> String {
    header(answer, "set-cookie").split(';').next().unwrap_or_default().to_owned()
}

/// What stands between two marks on a page.
fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = page.split_once(before).unwrap_or_else(|| panic!("no {before} in {page}"));
    rest.split(after).next().unwrap_or_default()
}

impl Office {
    async fn open() -> Self {
        Self::open_with(Checking::Off).await
    }

    async fn open_with(checking: Checking) -> Self {
        let scribe = village();
        let many = |config: &mut Config| {
            config.limits.logins_per_minute = 10_000;
            config.oidc.enrolment = checking;
        };
        let server =
            TestServer::new().with(many).with_real_people().at(scribe.now()).with_village(village()).start().await;
        let elsewhere = Elsewhere::start(&format!("{}{BACK}", server.base), scribe.now());
        let registered = Registered {
            issuer: elsewhere.issuer.clone(),
            client: "sunvote".to_owned(),
            secret: Zeroizing::new(SECRET.to_owned()),
            name: "浙政钉".to_owned(),
            claim: "sub".to_owned(),
            origin: server.base.clone(),
        };
        server.app.choose_provider(Provider::new(registered).expect("a provider"));
        let key = scribe.someone(scribe.clerk()).expect("the clerk").key.clone();
        let session = log_in(&server, &key).await.expect("a log-in");
        Self { server, elsewhere, scribe, clerk: Browser { session, bound: String::new() } }
    }

    /// Goes to the provider; its address.
    async fn asks(&self, browser: &mut Browser, path: &str) -> String {
        let cookies = format!("{}; {}", browser.session, browser.bound);
        let answer = self.server.request(Method::GET, path).header("cookie", cookies).send().await.expect("an answer");
        assert_eq!(answer.status(), 303, "{path}");
        browser.bound = set(&answer);
        header(&answer, "location").to_owned()
    }

    /// Logs in there; what the browser is to bring back: path and query.
    async fn logs_in(&self, address: &str, account: &str) -> String {
        let stop = redirect::Policy::custom(|step| if step.url().path() == BACK { step.stop() } else { step.follow() });
        let client = Client::builder().cookie_store(true).redirect(stop).build().expect("a client");
        let form = client.get(address).send().await.expect("an answer").text().await.expect("a page");
        let action = between(&form, "action=\"", "\"");
        let fields = format!("prompt=login&login={account}&password=any");
        let sent = client.post(action).header("content-type", "application/x-www-form-urlencoded").body(fields);
        let answer = sent.send().await.expect("an answer");
        let back = answer.headers().get(LOCATION).expect("a way back").to_str().expect("a text");
        back.strip_prefix(&self.server.base).expect("to us").to_owned()
    }

    /// Comes back, from another site and so without the session.
    async fn comes_back(&self, browser: &Browser, back: &str) -> (u16, String, String) {
        let request = self.server.request(Method::GET, back).header("cookie", &browser.bound);
        let answer = request.header("accept", "text/html").send().await.expect("an answer");
        assert_eq!(header(&answer, "cache-control"), "no-store");
        let session = set(&answer);
        (answer.status().as_u16(), session, answer.text().await.expect("a page"))
    }

    /// A browser without anything logs in by an account.
    async fn by_account(&self, account: &str) -> (u16, String, String) {
        let mut browser = Browser::default();
        let address = self.asks(&mut browser, "/login/provider?next=%2Ftasks").await;
        let back = self.logs_in(&address, account).await;
        self.comes_back(&browser, &back).await
    }

    async fn post(&self, session: &str, path: &str) -> Response {
        let tasks = page(&self.server, session, "/tasks").await;
        let csrf = between(&tasks, "name=\"csrf\" value=\"", "\"");
        let request = self.server.request(Method::POST, path).header("cookie", session).header("x-csrf", csrf);
        request.header("content-type", "application/x-www-form-urlencoded").send().await.expect("an answer")
    }

    async fn get(&self, session: &str, path: &str) -> u16 {
        let request = self.server.request(Method::GET, path).header("cookie", session).header("accept", "text/html");
        request.send().await.expect("an answer").status().as_u16()
    }

    /// Somebody who enrols a key goes and says who they are.
    async fn says_who(&self, who: &str, account: &str) -> (u16, String) {
        let mut browser = Browser::default();
        let address = self.asks(&mut browser, &format!("/login/provider?enrol={who}")).await;
        let back = self.logs_in(&address, account).await;
        let (status, session, words) = self.comes_back(&browser, &back).await;
        assert!(session.is_empty(), "that is no log-in");
        (status, words)
    }

    /// The answers to slips as the clerk's browser gets them.
    async fn answers(&self) -> Value {
        let path = format!("/api/v1/villages/{VILLAGE}/enrolments");
        let request = self.server.request(Method::GET, &path).header("cookie", &self.clerk.session);
        let body: Value = request.send().await.expect("an answer").json().await.expect("JSON");
        body["answers"].clone()
    }

    /// Puts a key to the two who sign.
    async fn drafts(&self, row: &str) -> (u16, String) {
        let tasks = page(&self.server, &self.clerk.session, "/tasks").await;
        let form = format!("csrf={}&enrolment={row}", between(&tasks, "name=\"csrf\" value=\"", "\""));
        let request = self.server.request(Method::POST, &format!("/v/{VILLAGE}/slips")).body(form);
        let request = request.header("content-type", "application/x-www-form-urlencoded").header("accept", "text/html");
        let answer = request.header("cookie", &self.clerk.session).send().await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("a page"))
    }

    /// Links the clerk's account.
    async fn link(&mut self) {
        let mut browser = self.clerk.clone();
        let address = self.asks(&mut browser, "/login/provider?link=yes").await;
        let back = self.logs_in(&address, "clerk").await;
        let (status, session, came) = self.comes_back(&browser, &back).await;
        assert!(status == 200 && session.is_empty() && came.contains("url=/account"), "{status} {came}");
        assert!(page(&self.server, &self.clerk.session, "/account").await.contains(NAME), "whose account it is");
        assert_eq!(self.post(&self.clerk.session, "/account").await.status(), 303);
    }
}

#[tokio::test]
async fn an_account_linked_once_logs_its_holder_in_for_a_working_day_and_signs_nothing() {
    let mut office = Office::open().await;
    let (status, session, words) = office.by_account("clerk").await;
    assert!(status == 403 && session.is_empty() && words.contains("还没有连上"), "{words}");
    office.link().await;
    let (status, session, words) = office.by_account("clerk").await;
    assert!(status == 200 && words.contains("url=/tasks"), "{status} {words}");
    assert!(page(&office.server, &session, "/tasks").await.contains(VILLAGE));
    assert_eq!(office.get(&session, &format!("/v/{VILLAGE}/slips")).await, 200, "the clerk's own desk");
    assert_eq!(office.get(&session, "/login/provider?link=yes").await, 403, "no other account in its place");
    assert_eq!(office.post(&session, "/account/unlink").await.status(), 403);
    assert_eq!(office.by_account("other").await.0, 403, "somebody else's account");
    office.server.clock.set(office.scribe.now().plus_ms(ACCOUNT_SESSION_MS - 1));
    assert_eq!(office.get(&session, "/tasks").await, 200);
    office.server.clock.set(office.scribe.now().plus_ms(ACCOUNT_SESSION_MS));
    assert_eq!(office.get(&session, "/tasks").await, 303, "to the log-in page");
}

#[tokio::test]
async fn whoever_logs_out_is_led_to_the_providers_log_out_and_unlinking_ends_what_it_began() {
    let mut office = Office::open().await;
    office.link().await;
    let (_, session, _) = office.by_account("clerk").await;
    let answer = office.post(&session, "/logout").await;
    assert_eq!(header(&answer, "location"), "/login/provider/out");
    assert_eq!(office.get(&session, "/tasks").await, 303, "out");
    let out = office.server.get("/login/provider/out").await.text().await.expect("a page");
    assert!(out.contains(&format!("{}/session/end?client_id=sunvote", office.elsewhere.issuer)), "{out}");
    let (_, session, _) = office.by_account("clerk").await;
    assert_eq!(office.post(&office.clerk.session, "/account/unlink").await.status(), 303);
    assert_eq!(office.get(&session, "/tasks").await, 303, "ended with the link");
    assert_eq!(office.by_account("clerk").await.0, 403);
}

#[tokio::test]
async fn an_answer_counts_once_and_in_the_browser_that_asked() {
    let mut office = Office::open().await;
    office.link().await;
    let (mut one, mut other) = (Browser::default(), Browser::default());
    let address = office.asks(&mut one, "/login/provider").await;
    assert!(address.contains("code_challenge_method=S256") && address.contains("response_type=code"), "{address}");
    let back = office.logs_in(&address, "clerk").await;
    office.asks(&mut other, "/login/provider").await;
    for browser in [&other, &Browser::default()] {
        let (status, session, words) = office.comes_back(browser, &back).await;
        assert!(status == 400 && session.is_empty() && words.contains("重新来一次"), "another's browser: {status}");
    }
    let (status, session, _) = office.comes_back(&one, &back).await;
    assert!(status == 200 && !session.is_empty());
    let (status, session, _) = office.comes_back(&one, &back).await;
    assert!(status == 400 && session.is_empty(), "a second time");
    let late = office.asks(&mut one, "/login/provider").await;
    let late = office.logs_in(&late, "clerk").await;
    office.server.clock.set(office.scribe.now().plus_ms(ASKED_MS));
    assert_eq!(office.comes_back(&one, &late).await.0, 400, "too late");
}

#[tokio::test]
async fn a_code_of_another_browser_or_an_answer_of_another_provider_is_refused() {
    let mut office = Office::open().await;
    office.link().await;
    let (mut own, mut another) = (Browser::default(), Browser::default());
    let (mine, theirs) =
        (office.asks(&mut own, "/login/provider").await, office.asks(&mut another, "/login/provider").await);
    let (mine, theirs) = (office.logs_in(&mine, "other").await, office.logs_in(&theirs, "clerk").await);
    let injected = mine.replace(between(&mine, "code=", "&"), between(&theirs, "code=", "&"));
    let (status, session, words) = office.comes_back(&own, &injected).await;
    assert!(status == 403 && session.is_empty() && words.contains("信不过"), "a stolen code: {status}");
    for change in [
        |back: &str| back.replace("iss=", "iss=https%3A%2F%2Fevil.example&x="),
        |back: &str| back.replace("iss=", "x="),
    ] {
        let mut browser = Browser::default();
        let address = office.asks(&mut browser, "/login/provider").await;
        let back = change(&office.logs_in(&address, "clerk").await);
        let (status, session, _) = office.comes_back(&browser, &back).await;
        assert!(status == 403 && session.is_empty(), "{back}: {status}");
    }
}

#[tokio::test]
async fn tokens_that_the_provider_did_not_make_for_this_log_in_are_refused() {
    let mut office = Office::open().await;
    office.link().await;
    for how in ["nonce", "audience", "issuer", "expired", "old", "key"] {
        office.elsewhere.spoil(how).await;
        let (status, session, words) = office.by_account("clerk").await;
        assert!(status == 403 && session.is_empty() && words.contains("信不过"), "{how}: {status}");
    }
    office.elsewhere.spoil("").await;
    assert_eq!(office.by_account("clerk").await.0, 200, "an honest one");
}

#[tokio::test]
async fn an_account_is_linked_only_by_the_session_that_went_for_it() {
    let office = Office::open().await;
    let chair = office.scribe.someone(office.scribe.chair()).expect("the chair").key.clone();
    let chair = log_in(&office.server, &chair).await.expect("a log-in");
    // Somebody leads the clerk's browser to an answer about an account of their own.
    let mut theirs = Browser { session: chair.clone(), bound: String::new() };
    let address = office.asks(&mut theirs, "/login/provider?link=yes").await;
    let back = office.logs_in(&address, "other").await;
    assert_eq!(office.comes_back(&office.clerk, &back).await.0, 400, "another browser asked");
    assert_eq!(office.post(&office.clerk.session, "/account").await.status(), 404, "nothing came back for the clerk");
    assert_eq!(office.comes_back(&theirs, &back).await.0, 200);
    assert_eq!(office.post(&office.clerk.session, "/account").await.status(), 404, "it is the chair's to say");
    office.server.clock.set(office.scribe.now().plus_ms(ASKED_MS));
    assert_eq!(office.post(&chair, "/account").await.status(), 404, "too late");
    assert_eq!(office.get("", "/login/provider?link=yes").await, 403, "nobody is logged in");
}

#[tokio::test]
async fn an_account_ends_with_the_key_that_it_is_linked_to() {
    let mut office = Office::open().await;
    office.link().await;
    let (_, session, _) = office.by_account("clerk").await;
    assert_eq!(office.get(&session, "/tasks").await, 200);
    let key = &office.scribe.someone(office.scribe.clerk()).expect("the clerk").key;
    let act =
        Act::KeyRevoked(KeyRevoked { key: PublicKey(key.verifying_key().to_bytes()), reason: RevokeReason::Lost });
    let by = office.scribe.two();
    let statement = office.scribe.draft(&by, Header::default(), act).expect("a statement");
    let signed = office.scribe.sign(&by, &statement).expect("signed");
    let village = VILLAGE.parse().expect("a code");
    office.server.app.submit(village, signed.envelope, None).await.expect("on record");
    assert_eq!(office.get(&session, "/tasks").await, 303, "what it began has ended");
    let (status, session, words) = office.by_account("clerk").await;
    assert!(status == 403 && session.is_empty() && words.contains("作废"), "{status} {words}");
}

#[tokio::test]
async fn whoever_breaks_off_or_finds_the_provider_away_is_told_so() {
    let mut office = Office::open().await;
    let mut browser = Browser::default();
    let address = office.asks(&mut browser, "/login/provider").await;
    let state = between(&address, "state=", "&").to_owned();
    let iss = office.elsewhere.issuer.replace(':', "%3A").replace('/', "%2F");
    let (status, session, words) =
        office.comes_back(&browser, &format!("{BACK}?error=access_denied&state={state}&iss={iss}")).await;
    assert!(status == 200 && session.is_empty() && words.contains("没有登录"), "{status} {words}");
    let address = office.asks(&mut browser, "/login/provider").await;
    let back = office.logs_in(&address, "clerk").await;
    office.elsewhere.child.kill().expect("ended");
    office.elsewhere.child.wait().expect("ended");
    let (status, session, words) = office.comes_back(&browser, &back).await;
    assert!(status == 503 && session.is_empty() && words.contains("没有回应"), "{status} {words}");
    // What it said of itself is believed for an hour.
    office.server.clock.set(office.scribe.now().plus_ms(61 * MINUTE_MS));
    assert_eq!(office.get("", "/login/provider").await, 503);
}

#[tokio::test]
async fn where_no_provider_is_chosen_there_is_no_such_log_in() {
    let server = TestServer::new().start().await;
    for path in ["/login/provider", BACK, "/login/provider/out"] {
        assert_eq!(server.get(path).await.status(), 404, "{path}");
    }
    assert!(!server.get("/login").await.text().await.expect("a page").contains("/login/provider"));
}

#[tokio::test]
async fn a_key_is_enrolled_only_for_whom_the_provider_knows_by_the_name_on_the_list() {
    let office = Office::open_with(Checking::Required).await;
    let village: VillageCode = VILLAGE.parse().expect("a code");
    let (person, other) = (office.scribe.representative(0), office.scribe.representative(1));
    let name = office.server.app.person_name(village, person).await.expect("read").expect("a name");
    let another = office.server.app.person_name(village, other).await.expect("read").expect("a name");
    let key = PublicKey(SigningKey::from_bytes(&[9; 32]).verifying_key().to_bytes());
    let body = json!({"person": person, "role": "representative", "key": key, "mac": "00".repeat(32)});
    let path = format!("/api/v1/villages/{VILLAGE}/enrolments");
    let answered = office.server.request(Method::POST, &path).json(&body).send().await.expect("an answer");
    assert_eq!(answered.status(), 204);
    let (who, row) = (format!("{VILLAGE}~{person}~{key}"), format!("{person}:representative:{key}"));
    assert_eq!(office.answers().await[0].get("checked"), None);
    let (status, words) = office.drafts(&row).await;
    assert!(status == 422 && words.contains("还没有确认身份"), "{status} {words}");
    let (status, words) = office.says_who(&who, &another).await;
    assert!(status == 403 && words.contains("名字对不上") && !words.contains(&name), "{status} {words}");
    assert_eq!(office.drafts(&row).await.0, 422, "somebody else's name");
    // The same account for another person of the village, and for another key.
    for who in [format!("{VILLAGE}~{other}~{key}"), format!("{VILLAGE}~{person}~{}", "a0".repeat(32))] {
        office.says_who(&who, &name).await;
        assert_eq!(office.drafts(&row).await.0, 422, "{who}");
    }
    let (status, words) = office.says_who(&who, &name).await;
    assert!(status == 200 && words.contains("确认是你本人"), "{status} {words}");
    let checked = office.answers().await[0]["checked"].clone();
    assert_eq!(checked, json!({"by": "浙政钉", "at": office.scribe.now()}));
    let (status, words) = office.drafts(&row).await;
    assert!(status == 200 && !words.contains("浙政钉"), "nothing of it is in what two sign: {status}");
}

#[tokio::test]
async fn nobody_is_asked_who_they_are_where_that_is_off() {
    let office = Office::open().await;
    let who = format!("{VILLAGE}~{}~{}", office.scribe.representative(0), "a0".repeat(32));
    assert_eq!(office.get("", &format!("/login/provider?enrol={who}")).await, 404);
    assert!(!office.server.get("/enrol").await.text().await.expect("a page").contains("data-check"));
}
