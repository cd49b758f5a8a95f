//! Before a session: who was told and how, whose key works, lists to print.

use std::process::{Command, Stdio};

use ed25519_dalek::SigningKey;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Method, Response};
use sunvote::app::cards::NewCard;
use sunvote::core::act::Act;
use sunvote::core::act::village::{GrantReason, RolesGranted};
use sunvote::core::clock::{Clock as _, DAY_MS};
use sunvote::core::ids::{CardId, PersonId, SessionId};
use sunvote::core::model::Role;
use sunvote::core::statement::Header;
use sunvote::http::act::prefill::local;
use sunvote::log::scribe::Scribe;

use crate::harness::{Running, TestServer, VILLAGE, header};
use crate::intruders::{log_in, page};
use crate::told::{ASSEMBLY, at_ballot};

/// A village that has just called a session, and the server.
struct Called {
    server: Running,
    session: SessionId,
    scribe: Scribe,
}

impl Called {
    async fn with(change: impl FnOnce(&mut Scribe)) -> Self {
        let (mut scribe, matter) = at_ballot();
        change(&mut scribe);
        let session = scribe.convene(ASSEMBLY, &[matter]).expect("a call");
        scribe.wait_minutes(5);
        let server = TestServer::new().with_real_people().at(scribe.now()).with_village(scribe.clone()).start().await;
        Self { server, session, scribe }
    }

    fn path(&self, end: &str) -> String {
        format!("/v/{VILLAGE}/s/{}/{end}", self.session)
    }

    fn key(&self, person: PersonId) -> SigningKey {
        self.scribe.someone(person).expect("someone").key.clone()
    }

    fn name(&self, person: PersonId) -> String {
        self.scribe.someone(person).expect("someone").name.clone()
    }

    async fn cookie(&self, person: PersonId) -> String {
        log_in(&self.server, &self.key(person)).await.expect("a log-in")
    }

    async fn get(&self, cookie: &str, end: &str) -> Response {
        let request = self.server.request(Method::GET, &self.path(end)).header("cookie", cookie);
        request.header("accept", "text/html").send().await.expect("an answer")
    }

    async fn read(&self, cookie: &str, end: &str) -> String {
        page(&self.server, cookie, &self.path(end)).await
    }

    async fn post(&self, cookie: &str, end: &str, fields: &[(&str, &str)]) -> Response {
        let page = self.read(cookie, "ready").await;
        let csrf = page.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let mut all = vec![("csrf", csrf.expect("a token"))];
        all.extend(fields);
        let pair = |(name, value): &(&str, &str)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC));
        let body = all.iter().map(pair).collect::<Vec<_>>().join("&");
        let request = self.server.request(Method::POST, &self.path(end)).header("cookie", cookie).body(body);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        request.header("accept", "text/html").send().await.expect("an answer")
    }
}

/// A part of a page, between two marks.
fn part<'p>(page: &'p str, from: &str, to: &str) -> &'p str {
    page.split(from).nth(1).and_then(|rest| rest.split(to).next()).expect(from)
}

#[tokio::test]
async fn the_register_says_who_was_told_how_and_by_whom_and_keeps_what_was_taken_back() {
    let called = Called::with(|_| ()).await;
    let clerk = called.cookie(called.scribe.clerk()).await;
    let record = async || called.server.get(&format!("/v/{VILLAGE}/record/file")).await.text().await.expect("a record");
    let recorded = record().await;
    let before = called.read(&clerk, "service").await;
    assert!(before.contains("应通知45人，已通知到0人。") && before.matches("还没通知</b>").count() == 45, "{before}");
    let three: Vec<PersonId> = (0..3).map(|n| called.scribe.representative(n)).collect();
    let outsider = called.scribe.villager();
    let now = local(called.server.clock.now());
    let ids: Vec<String> = three.iter().chain([&outsider]).map(ToString::to_string).collect();
    let mut fields: Vec<(&str, &str)> = ids.iter().map(|id| ("person", id.as_str())).collect();
    fields.extend([("how", "phone"), ("told", now.as_str()), ("confirmed", "1")]);
    let noted = called.post(&clerk, "service", &fields).await;
    assert_eq!(noted.status(), 303);
    let back = header(&noted, "location").to_owned();
    let after = page(&called.server, &clerk, back.split('#').next().expect("a path")).await;
    assert!(after.contains("应通知45人，已通知到3人。 本人确认3人。") && after.contains("记下了3人"), "{after}");
    assert_eq!(after.matches("还没通知</b>").count(), 42, "those who are left are listed");
    let batch = part(&after, "name=\"batch\" value=\"", "\"").to_owned();
    // One of them, by mistake.
    let undone = called.post(&clerk, "service/undo", &[("batch", &batch), ("person", &ids[0])]).await;
    assert_eq!(undone.status(), 303);
    let after = called.read(&clerk, "service").await;
    assert!(after.contains("应通知45人，已通知到2人。"), "{after}");
    let clerks = called.name(called.scribe.clerk());
    let history = part(&after, "记过什么", "</section>");
    assert!(history.contains("打电话 · 3人") && history.contains(&format!("由{clerks}撤回")), "{history}");
    assert!(history.contains(&called.name(three[0])), "what was taken back stays");
    assert_eq!(called.post(&clerk, "service/undo", &[("batch", &batch), ("person", &ids[0])]).await.status(), 404);
    assert_eq!(called.post(&clerk, "service/undo", &[("batch", &batch)]).await.status(), 303);
    assert!(called.read(&clerk, "service").await.contains("已通知到0人。"));
    assert!(record().await == recorded, "the record has none of it");
}

#[tokio::test]
async fn who_watches_reads_the_register_and_nobody_else_does() {
    let called = Called::with(|_| ()).await;
    let watcher = called.cookie(called.scribe.supervisor(0)).await;
    let read = called.read(&watcher, "service").await;
    assert!(
        read.contains("送达登记") && !read.contains("name=\"how\"") && !read.contains("type=\"checkbox\""),
        "{read}"
    );
    let person = called.scribe.representative(0).to_string();
    let now = local(called.server.clock.now());
    let fields = [("person", person.as_str()), ("how", "phone"), ("told", now.as_str())];
    let other = called.cookie(called.scribe.representative(0)).await;
    for cookie in [&watcher, &other] {
        assert_eq!(called.post(cookie, "service", &fields).await.status(), 403);
        assert_eq!(called.post(cookie, "service/duties", &[("door", "甲")]).await.status(), 403);
    }
    assert_eq!(called.get(&other, "service").await.status(), 403);
    assert_eq!(called.get("", "service").await.status(), 303, "to the log-in");
}

#[tokio::test]
async fn a_note_names_a_member_a_way_and_a_time_after_the_call() {
    let called = Called::with(|_| ()).await;
    let clerk = called.cookie(called.scribe.clerk()).await;
    let (member, outsider) = (called.scribe.representative(0).to_string(), called.scribe.villager().to_string());
    let now = called.server.clock.now();
    let (now, early, late) = (local(now), local(now.plus_ms(-DAY_MS)), local(now.plus_ms(DAY_MS)));
    for (person, how, told, said) in [
        (&member, "loudspeaker", &now, "请从列出的选项中选"),
        (&member, "own", &now, "请从列出的选项中选"),
        (&member, "phone", &early, "要在发出会议通知之后"),
        (&member, "phone", &late, "要在发出会议通知之后"),
        (&outsider, "phone", &now, "先勾选名单上的人"),
    ] {
        let answer = called.post(&clerk, "service", &[("person", person), ("how", how), ("told", told)]).await;
        assert_eq!(answer.status(), 422, "{how} {told}");
        let text = answer.text().await.expect("a page");
        assert!(text.contains(said), "{said}: {text}");
    }
}

#[tokio::test]
async fn a_member_says_i_know_and_the_clerk_can_not_take_that_back() {
    let called = Called::with(|_| ()).await;
    let (clerk, one) = (called.scribe.clerk(), called.scribe.representative(0));
    let anyone = called.get("", "ready").await.text().await.expect("a page");
    assert!(anyone.contains("data-login") && anyone.contains("/card?next=/v/"), "{anyone}");
    let member = called.cookie(one).await;
    let before = called.read(&member, "ready").await;
    assert!(before.contains("我知道了</button>") && before.contains("您可以用手机投票"), "{before}");
    assert_eq!(called.post(&member, "ready", &[]).await.status(), 303);
    assert_eq!(called.post(&member, "ready", &[]).await.status(), 303, "twice is once");
    assert!(called.read(&member, "ready").await.contains("您已经说过"));
    let cookie = called.cookie(clerk).await;
    let register = called.read(&cookie, "service").await;
    assert!(register.contains("已通知到1人。 本人确认1人。"), "{register}");
    let history = part(&register, "记过什么", "</section>");
    assert!(history.contains("本人点了“我知道了” · 1人") && !history.contains("name=\"batch\""), "{history}");
    // Not by a forged form either.
    let register = called.server.app.register(VILLAGE.parse().expect("a code"), called.session).await.expect("it");
    let batch = register.member(one).expect("a member").notes[0].batch.to_string();
    assert_eq!(called.post(&cookie, "service/undo", &[("batch", &batch)]).await.status(), 404);
    let other = called.cookie(called.scribe.grid_worker()).await;
    assert!(called.read(&other, "ready").await.contains("您不在这次会议的名单上"));
    assert_eq!(called.post(&other, "ready", &[]).await.status(), 403);
}

#[tokio::test]
async fn a_log_in_since_the_call_shows_that_a_key_works_and_the_clerk_sees_whose_does_not() {
    let called = Called::with(|scribe| {
        let people = [scribe.invent(), scribe.invent()].map(|id| scribe.term_row(id, &[Role::Representative], None));
        let text = scribe.text("补选结果");
        let act = RolesGranted { people: people.to_vec(), reason: GrantReason::ByElection, text };
        let by = scribe.two();
        scribe.act(&by, Header::default(), Act::RolesGranted(act)).expect("two representatives without keys");
    })
    .await;
    let app = &called.server.app;
    let village = VILLAGE.parse().expect("a code");
    let register = app.register(village, called.session).await.expect("the register");
    let codes = |wanted: &str| register.members.iter().filter(|member| member.readiness.code() == wanted).count();
    assert_eq!((codes("no-key"), codes("untested"), register.members.len()), (2, 45, 47));
    let keyless = register.members.iter().find(|member| member.readiness.code() == "no-key").expect("one").person;
    let card = NewCard { card: CardId([5; 16]), person: keyless };
    app.make_cards(village, &[card]).await.expect("a card");
    called.cookie(called.scribe.representative(0)).await;
    let clerk = called.cookie(called.scribe.clerk()).await;
    // The clerk is not of the assembly by that office alone, but was elected to the committee.
    let register = app.register(village, called.session).await.expect("the register");
    let ready = register.count(|member| member.readiness.is_ready());
    let own = usize::from(register.member(called.scribe.clerk()).is_some());
    assert_eq!(ready, 1 + own);
    let shown = called.read(&clerk, "service?show=unready").await;
    assert!(shown.contains("没有钥匙：1") && shown.contains("卡已发，还没登记好：1"), "{shown}");
    assert!(shown.contains(&format!("通知后没试过：{}", 45 - ready)), "{shown}");
    assert!(!shown.contains("离开会不到三天"), "there is time yet");
    let tasks = page(&called.server, &clerk, "/tasks").await;
    assert!(tasks.contains("会前准备") && !tasks.contains("没有钥匙"), "{tasks}");
    let starts = app.lives().live(village).await.expect("the village").state().sessions[&called.session].starts_at;
    called.server.clock.set(starts.plus_ms(-2 * DAY_MS));
    assert!(called.read(&clerk, "service").await.contains("离开会不到三天"));
    let tasks = page(&called.server, &clerk, "/tasks").await;
    assert!(tasks.contains("没有钥匙：1</b> 给他印一张签名卡"), "{tasks}");
    let session = page(&called.server, &clerk, &format!("/v/{VILLAGE}/s/{}", called.session)).await;
    assert!(session.contains("会前准备") && session.contains("/service\""), "{session}");
    // Once it is over, nothing more is noted.
    called.server.clock.set(starts.plus_ms(3 * DAY_MS));
    called.cookie(called.scribe.representative(1)).await;
    let after = app.register(village, called.session).await.expect("the register");
    assert_eq!(after.count(|member| member.readiness.is_ready()), ready);
    let late = called.get("", "ready").await.text().await.expect("a page");
    assert!(late.contains("这次会议已经开过") && !late.contains("data-login"), "{late}");
}

/// The text of a PDF, without white space.
async fn paper(answer: Response) -> (tempfile::NamedTempFile, String) {
    assert_eq!((answer.status().as_u16(), header(&answer, "content-type")), (200, "application/pdf"));
    let file = tempfile::Builder::new().suffix(".pdf").tempfile().expect("a file");
    std::fs::write(file.path(), answer.bytes().await.expect("bytes")).expect("written");
    let tool = Command::new("pdftotext").arg("-raw").arg(file.path()).arg("-").stderr(Stdio::inherit()).output();
    let text = String::from_utf8(tool.expect("poppler-utils").stdout).expect("UTF-8");
    (file, text.chars().filter(|char| !char.is_whitespace()).collect())
}

#[tokio::test]
async fn lists_are_printed_for_those_whom_they_are_for() {
    let called = Called::with(|_| ()).await;
    let clerk = called.cookie(called.scribe.clerk()).await;
    let member = called.cookie(called.scribe.representative(0)).await;
    let names: Vec<String> = (0..5).map(|n| called.name(called.scribe.representative(n))).collect();
    let all = |text: &str| names.iter().filter(|name| text.contains(name.as_str())).count();
    for (list, says) in
        [("calls", "待通知名单"), ("slips", "开会通知单"), ("register", "送达登记表"), ("duties", "会务分工表")]
    {
        assert_eq!(called.get(&member, &format!("lists/{list}/file")).await.status(), 403, "{list}");
        assert_eq!(called.get("", &format!("lists/{list}/file")).await.status(), 401, "{list}");
        let (_file, text) = paper(called.get(&clerk, &format!("lists/{list}/file")).await).await;
        assert!(text.contains(says), "{text}");
        assert_eq!(all(&text), if list == "duties" { 0 } else { 5 }, "{list}: {text}");
    }
    for (list, says) in [("agenda", "开门签到"), ("seats", "座位表")] {
        let (_file, text) = paper(called.get("", &format!("lists/{list}/file")).await).await;
        assert!(text.contains(says) && all(&text) == 0, "{list}: {text}");
    }
    let (_file, seats) = paper(called.get(&clerk, "lists/seats/file").await).await;
    assert!(all(&seats) == 5 && seats.contains("名册还没有确定"), "{seats}");
    assert_eq!(called.get(&clerk, "lists/others/file").await.status(), 404);
    let posted =
        called.post(&clerk, "service/duties", &[("door", "雷小燕"), ("mobile_box", "三名监票人"), ("other", "x")]);
    assert_eq!(posted.await.status(), 303);
    let (_file, duties) = paper(called.get(&clerk, "lists/duties/file").await).await;
    assert!(
        duties.contains("门口签到雷小燕") && duties.contains("流动票箱三名监票人") && !duties.contains("其他"),
        "{duties}"
    );
    let long = "长".repeat(81);
    assert_eq!(called.post(&clerk, "service/duties", &[("door", &long)]).await.status(), 422);
}

#[tokio::test]
async fn each_slip_has_a_code_that_leads_to_the_page_on_which_a_key_is_tried() {
    let called = Called::with(|_| ()).await;
    let clerk = called.cookie(called.scribe.clerk()).await;
    let (file, _) = paper(called.get(&clerk, "lists/slips/file").await).await;
    let folder = tempfile::tempdir().expect("a folder");
    let drawn =
        Command::new("pdftoppm").args(["-png", "-r", "150"]).arg(file.path()).arg(folder.path().join("p")).status();
    assert!(drawn.expect("poppler-utils").success());
    let mut codes = Vec::new();
    for picture in std::fs::read_dir(folder.path()).expect("pictures") {
        let path = picture.expect("a picture").path();
        let read = Command::new("zbarimg").args(["-q", "--raw"]).arg(path).output().expect("zbar-tools");
        codes.extend(String::from_utf8(read.stdout).expect("UTF-8").lines().map(str::to_owned));
    }
    assert_eq!(codes.len(), 45, "one for each member");
    let link = format!("{}{}", called.server.base, called.path("ready"));
    assert!(codes.iter().all(|code| *code == link), "{codes:?}");
}
