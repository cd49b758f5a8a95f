//! A session that is rehearsed: the same people and questions in a district that is thrown away, and nothing of the real one touched.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use reqwest::{Method, Response, StatusCode};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use sqlx::{Column as _, Row as _, ValueRef as _};
use sunvote::app::App;
use sunvote::app::error::AppError;
use sunvote::app::rehearsal::tried::Part;
use sunvote::core::act::session::CheckedIn;
use sunvote::core::act::village::KinDeclared;
use sunvote::core::act::{Act, Kind};
use sunvote::core::clock::{Clock as _, MINUTE_MS};
use sunvote::core::ids::{MatterId, PersonId, SessionId, VillageCode};
use sunvote::core::judge::session::profile_of;
use sunvote::core::model::{Category, Channel, Role};
use sunvote::core::reject::Rule;
use sunvote::core::state::State;
use sunvote::core::state::session::SessionStatus;
use sunvote::core::statement::{Header, Signer, Statement};
use sunvote::http::rehearsal::{LASTS_MS, Rehearsals, Running as Rehearsal};
use sunvote::log::dsse::Envelope;
use sunvote::log::note::{Algorithm, VerifierKey};
use sunvote::log::proof::ProofFile;
use sunvote::log::scribe::matter::{Asked, Draft};
use sunvote::log::scribe::{Hand, Scribe};

use crate::harness::{NEIGHBOUR, Running, TestServer, VILLAGE, header};
use crate::intruders::{log_in, page};
use crate::told::{ASSEMBLY, at_ballot, village};
use crate::village::load;

const TITLE: &str = "修缮文化礼堂";

fn code() -> VillageCode {
    VILLAGE.parse().expect("a code")
}

/// A village that has called a session on two matters, and the server with an address for rehearsals.
struct Called {
    server: Running,
    session: SessionId,
    scribe: Scribe,
}

/// Two matters, one with two questions, and near kin; a session is called on both.
fn called() -> (Scribe, SessionId) {
    let mut scribe = village();
    let two = Draft {
        title: TITLE.to_owned(),
        plan: "屋顶翻修，预算十二万元。".to_owned(),
        ballots: vec![(
            ASSEMBLY,
            vec![Asked::plain("q1", "是否同意修缮"), Asked::choice("q2", "先修哪一间", &["east", "west"])],
        )],
        ..Draft::of(Category::M02)
    };
    let one = scribe.bring_to_ballot(&Draft::of(Category::M04)).expect("a matter");
    let two = scribe.bring_to_ballot(&two).expect("a matter");
    let mut persons = vec![scribe.supervisor(2), scribe.representative(7)];
    persons.sort_unstable();
    scribe.act(&scribe.two(), Header::default(), Act::KinDeclared(KinDeclared { persons })).expect("kin");
    let session = scribe.convene(ASSEMBLY, &[one, two]).expect("a call");
    scribe.wait_minutes(5);
    (scribe, session)
}

impl Called {
    async fn new() -> Self {
        Self::with(|server| server).await
    }

    async fn with(change: impl FnOnce(TestServer) -> TestServer) -> Self {
        let (scribe, session) = called();
        let server = TestServer::new().with_real_people().with_rehearsals().at(scribe.now());
        let server = change(server.with_village(scribe.clone())).start().await;
        Self { server, session, scribe }
    }

    async fn cookie(&self, person: PersonId) -> String {
        log_in(&self.server, &self.scribe.someone(person).expect("someone").key).await.expect("a log-in")
    }

    fn path(&self) -> String {
        format!("/v/{VILLAGE}/s/{}/rehearsal", self.session)
    }

    async fn post(&self, cookie: &str, end: &str) -> Response {
        let shown = page(&self.server, cookie, &format!("/v/{VILLAGE}/s/{}", self.session)).await;
        let csrf =
            shown.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a token");
        let request = self.server.request(Method::POST, &format!("{}{end}", self.path()));
        request
            .header("cookie", cookie)
            .header("x-csrf", csrf)
            .header("accept", "text/html")
            .send()
            .await
            .expect("an answer")
    }

    fn rehearsals(&self) -> &Rehearsals {
        self.server.rehearsals.as_ref().expect("rehearsals")
    }

    async fn begin(&self) -> Arc<Rehearsal> {
        self.rehearsals().make(code(), self.session).await.expect("a rehearsal")
    }
}

/// Somebody at the rehearsals' address.
struct Visitor {
    base: String,
    client: reqwest::Client,
    cookie: String,
}

impl Visitor {
    fn at(rehearsals: &Rehearsals) -> Self {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        Self { base: rehearsals.origin().to_string(), client, cookie: String::new() }
    }

    async fn get(&self, path: &str) -> Response {
        let request = self.client.get(format!("{}{path}", self.base)).header("cookie", &self.cookie);
        request.header("accept", "text/html").send().await.expect("an answer")
    }

    async fn post(&self, path: &str, body: &str) -> Response {
        let request = self.client.post(format!("{}{path}", self.base)).header("cookie", &self.cookie);
        let request = request.header("content-type", "application/x-www-form-urlencoded").header("accept", "text/html");
        request.body(body.to_owned()).send().await.expect("an answer")
    }

    /// Keeps what is set.
    fn keep(&mut self, answer: &Response) {
        for set in answer.headers().get_all("set-cookie") {
            let pair = set.to_str().expect("a cookie").split(';').next().expect("a pair");
            if !self.cookie.is_empty() {
                self.cookie.push_str("; ");
            }
            self.cookie.push_str(pair);
        }
    }

    async fn enter(&mut self, code: &str) -> Response {
        let answer = self.post("/enter", &format!("code={code}")).await;
        self.keep(&answer);
        answer
    }

    async fn take(&mut self, person: PersonId) {
        let answer = self.post("/demo", &format!("person={VILLAGE}%2F{person}")).await;
        assert_eq!(answer.status(), 303);
        self.keep(&answer);
    }
}

/// Path of the rehearsed session.
fn there(running: &Rehearsal) -> String {
    format!("/v/{VILLAGE}/s/{}", running.session_there())
}

async fn text(answer: Response) -> String {
    answer.text().await.expect("a text")
}

/// Every row of every table, as SQLite writes values down.
async fn rows(folder: &Path) -> BTreeMap<String, Vec<String>> {
    let options = SqliteConnectOptions::new().filename(folder.join("test.sqlite")).read_only(true);
    let pool = SqlitePool::connect_with(options).await.expect("the database");
    let named = sqlx::query("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetch_all(&pool).await;
    let mut all = BTreeMap::new();
    for table in named.expect("tables").iter().map(|row| row.get::<String, _>(0)) {
        let text = format!("SELECT * FROM \"{table}\"");
        let found = sqlx::query(sqlx::AssertSqlSafe(text)).fetch_all(&pool).await.expect("rows");
        let mut written: Vec<String> = found.iter().map(written).collect();
        written.sort();
        all.insert(table, written);
    }
    pool.close().await;
    all
}

fn written(row: &sqlx::sqlite::SqliteRow) -> String {
    let value = |at: usize| {
        let raw = row.try_get_raw(at).expect("a value");
        if raw.is_null() {
            return "NULL".to_owned();
        }
        let bytes = row.try_get_unchecked::<Vec<u8>, _>(at).map(hex::encode);
        let number = row.try_get_unchecked::<i64, _>(at).map(|number| number.to_string());
        format!("{bytes:?} {number:?}")
    };
    row.columns().iter().map(|column| value(column.ordinal())).collect::<Vec<_>>().join("|")
}

/// Every file below a folder with its bytes.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.insert(path.display().to_string(), fs::read(&path).expect("a file"));
        }
    }
    all
}

/// The check-in of a member, signed by whichever key the rehearsal's server holds for it.
async fn check_in(app: &App, person: PersonId, session: SessionId) -> Envelope {
    let live = app.lives().live(code()).await.expect("the village");
    let state = live.state();
    let kept = state.session(session).expect("the session");
    let key = *state.people.keys.iter().find(|(_, key)| key.person == person).expect("a key").0;
    let by = vec![Signer { person: Some(person), role: Role::Voter, key }];
    let basis = kept.papers.paper(Kind::RosterFixed).expect("a roster").at.leaf;
    let header = Header { session: Some(session), basis: Some(basis), ..Header::default() };
    let voter = kept.number_of(person).expect("a number");
    let act = Act::AttendanceCheckedIn(CheckedIn { voter, channel: Channel::Online });
    let payload = Statement::new(code(), by, app.now(), header, act).to_payload().expect("a payload");
    app.sign_for_demo(code(), person, payload).await.expect("signed")
}

#[tokio::test]
async fn the_same_village_comes_to_the_same_session_with_its_door_open() {
    let called = Called::new().await;
    let running = called.begin().await;
    let real = called.server.app.lives().live(code()).await.expect("the village");
    let live = running.app().lives().live(code()).await.expect("the village");
    let (real, state) = (real.state(), live.state());
    let today = called.server.clock.now().date();
    let offices = |state: &State, role| state.people.holders(role, today).collect::<Vec<_>>();
    for role in Role::ALL.iter().copied().filter(|role| role.is_village() || role.is_official()) {
        assert_eq!(offices(state, role), offices(real, role), "{role}");
    }
    assert!(state.people.kin.keys().eq(real.people.kin.keys()) && !state.people.kin.is_empty());
    let names = |app: App| async move { app.names(code()).await.expect("names") };
    let (shown, real_names) = (names(running.app().clone()).await, names(called.server.app.clone()).await);
    assert!(state.people.persons.keys().all(|person| shown.get(person) == real_names.get(person)));
    let (id, session) = state.sessions.iter().next().expect("a session");
    let real_session = real.session(called.session).expect("a session");
    assert!(running.session_there() == *id && *id != called.session);
    assert_eq!((session.body, &session.channels), (real_session.body, &real_session.channels));
    assert_eq!(session.status, SessionStatus::RosterFixed);
    let now = running.app().now();
    assert!(session.door() <= now && session.starts_at.ms() - now.ms() <= 5 * MINUTE_MS, "the door is open");
    assert_eq!(session.agenda.len(), 2);
    for (item, real_item) in session.agenda.iter().zip(&real_session.agenda) {
        let of = |state: &State, matter| {
            let settled = state.matter(matter).and_then(|matter| matter.settled.clone()).expect("a plan");
            let asked = settled.ballots.iter().flat_map(|ballot| ballot.questions.clone());
            let asked = asked.map(|question| (question.code, question.options, question.required)).collect::<Vec<_>>();
            (settled.amount_fen, state.matter(matter).and_then(|m| m.proposal.as_ref()).map(|p| p.category), asked)
        };
        assert_eq!(of(state, item.matter), of(real, real_item.matter));
        let rule = |state: &State, item| profile_of(state, item).map(|profile| (profile.code.clone(), profile.quorum));
        assert_eq!(rule(state, item), rule(real, real_item));
    }
}

#[tokio::test]
async fn no_key_of_the_real_district_signs_there_and_nothing_signed_there_counts_here() {
    let called = Called::new().await;
    let running = called.begin().await;
    let (real, app) = (&called.server.app, running.app());
    let live = app.lives().live(code()).await.expect("the village");
    let known = real.lives().live(code()).await.expect("the village");
    let (played, people) = (&live.state().people.keys, &known.state().people.keys);
    assert!(played.keys().all(|key| !people.contains_key(key)) && !played.is_empty());
    assert!(live.state().log_key != known.state().log_key && live.state().origin != known.state().origin);
    assert!(live.state().roots.iter().all(|root| !known.state().roots.contains(root)));
    let session = *live.state().sessions.keys().next().expect("a session");
    let member = called.scribe.representative(0);
    let envelope = check_in(app, member, session).await;
    let size = known.state().size();
    match real.submit(code(), envelope.clone(), None).await {
        Err(AppError::Rejected(rejection)) => assert_eq!(rejection.rule, Rule::SignerKey),
        other => panic!("{other:?}"),
    }
    assert_eq!(real.lives().live(code()).await.expect("the village").state().size(), size);
    // There it counts at once: what was refused was sound but for where it was sent.
    app.submit(code(), envelope, None).await.expect("checked in");
    // A real key signs nothing there either.
    let mut scribe = called.scribe.clone();
    let text = scribe.text("建议");
    let act = Act::SuggestionEntered(sunvote::core::act::matter::SuggestionEntered {
        text,
        source: sunvote::core::model::Source::Online,
    });
    let hands = [Hand::Person(member, Role::Representative)];
    let statement = scribe.draft(&hands, Header::of(MatterId::from_bytes([1; 16])), act).expect("a statement");
    let signed = scribe.sign(&hands, &statement).expect("signed");
    assert!(matches!(
        app.submit(code(), signed.envelope, None).await,
        Err(AppError::Rejected(_) | AppError::Invalid { .. })
    ));
}

#[tokio::test]
async fn a_receipt_of_a_rehearsal_is_of_another_log() {
    let called = Called::new().await;
    let running = called.begin().await;
    let real = called.server.app.lives().live(code()).await.expect("the village");
    let played = running.app().lives().live(code()).await.expect("the village");
    let receipt = running.app().receipt(code(), played.state().last.seq).await.expect("a receipt");
    let receipt = ProofFile::parse(&receipt).expect("a proof");
    let key = |state: &State| VerifierKey::new(&state.origin, Algorithm::Ed25519, &state.log_key).expect("a key");
    assert!(receipt.verify_receipt(&key(played.state())).is_ok());
    assert!(receipt.verify_receipt(&key(real.state())).is_err());
    // Nor with the real log's name and the rehearsal's key, or the other way round.
    for (name, log_key) in [(real.state(), played.state()), (played.state(), real.state())] {
        let mixed = VerifierKey::new(&name.origin, Algorithm::Ed25519, &log_key.log_key).expect("a key");
        assert!(receipt.verify_receipt(&mixed).is_err());
    }
}

#[tokio::test]
async fn a_whole_rehearsal_leaves_every_row_and_file_of_the_real_district_as_it_was() {
    let called = Called::new().await;
    let folder = called.server.folder.path();
    let documents = folder.join("documents");
    let before = (rows(folder).await, files(&documents));
    assert!(before.0.len() > 20 && before.1.len() > 5, "{} tables, {} files", before.0.len(), before.1.len());
    let running = called.begin().await;
    let session = *running.app().lives().live(code()).await.expect("one").state().sessions.keys().next().expect("one");
    let envelope = check_in(running.app(), called.scribe.representative(0), session).await;
    running.app().submit(code(), envelope, None).await.expect("checked in");
    running.app().let_others_act(code()).await.expect("all check in");
    assert_eq!((rows(folder).await, files(&documents)), before, "while it runs");
    assert!(!files(called.rehearsals().folder()).is_empty(), "its own are elsewhere");
    called.rehearsals().end(code()).await;
    assert_eq!((rows(folder).await, files(&documents)), before, "when it has ended");
    assert!(files(called.rehearsals().folder()).is_empty(), "and are wiped");
}

#[tokio::test]
async fn who_leads_the_session_makes_it_sees_how_to_come_in_and_ends_it() {
    let called = Called::new().await;
    let clerk = called.cookie(called.scribe.clerk()).await;
    let session = page(&called.server, &clerk, &format!("/v/{VILLAGE}/s/{}", called.session)).await;
    assert!(session.contains("开会前演练一遍") && session.contains("/rehearsal\""), "{session}");
    let member = called.cookie(called.scribe.representative(0)).await;
    let for_member = page(&called.server, &member, &format!("/v/{VILLAGE}/s/{}", called.session)).await;
    assert!(!for_member.contains("演练"), "{for_member}");
    assert_eq!(called.post(&member, "").await.status(), 403);
    let ready = page(&called.server, &clerk, &called.path()).await;
    assert!(ready.contains("开始演练") && !ready.contains("rehearsal-code"), "{ready}");
    assert_eq!(called.post(&clerk, "/end").await.status(), 404, "nothing to end");
    let made = called.post(&clerk, "").await;
    assert_eq!((made.status().as_u16(), header(&made, "location")), (303, called.path().as_str()));
    let running = called.rehearsals().of(code()).expect("a rehearsal");
    let shown = page(&called.server, &clerk, &called.path()).await;
    assert!(shown.contains(&running.code) && shown.contains(called.rehearsals().origin().as_str()), "{shown}");
    assert!(shown.contains("<svg") && shown.contains("还没试") && !shown.contains("试过了"), "{shown}");
    // Once more is the same one.
    called.post(&clerk, "").await;
    assert_eq!(called.rehearsals().of(code()).expect("the same").code, running.code);
    drop(running);
    let chair = called.cookie(called.scribe.chair()).await;
    assert_eq!(called.post(&chair, "/end").await.status(), 303);
    assert!(called.rehearsals().are_over());
    assert!(page(&called.server, &clerk, &called.path()).await.contains("开始演练"));
}

#[tokio::test]
async fn once_members_are_let_in_the_session_is_held_and_not_rehearsed() {
    let (mut scribe, matter) = at_ballot();
    let session = scribe.gather(ASSEMBLY, &[matter], 40).expect("a session");
    let server = TestServer::new().with_real_people().with_rehearsals().at(scribe.now());
    let server = server.with_village(scribe.clone()).start().await;
    let begun = Called { server, session, scribe };
    let clerk = begun.cookie(begun.scribe.clerk()).await;
    let shown = page(&begun.server, &clerk, &begun.path()).await;
    assert!(shown.contains("会议已经开始签到，不能再演练"), "{shown}");
    assert!(
        !shown.contains("开始演练</button>") && shown.contains(&format!("/v/{VILLAGE}/s/{session}\">去正式的会议"))
    );
    let refused = begun.post(&clerk, "").await;
    assert_eq!(refused.status(), StatusCode::CONFLICT);
    assert!(text(refused).await.contains("会议已经开始签到，不能再演练"));
    assert!(begun.rehearsals().are_over());
}

#[tokio::test]
async fn a_server_without_an_address_for_rehearsals_says_what_the_operator_must_set() {
    let (scribe, session) = called();
    let key = scribe.someone(scribe.clerk()).expect("the clerk").key.clone();
    let server = TestServer::new().with_real_people().at(scribe.now()).with_village(scribe).start().await;
    let clerk = log_in(&server, &key).await.expect("a log-in");
    let shown = page(&server, &clerk, &format!("/v/{VILLAGE}/s/{session}/rehearsal")).await;
    assert!(shown.contains("[rehearsal]") && shown.contains("public_origin"), "{shown}");
    assert_eq!(server.get("/enter").await.status(), 404);
}

#[tokio::test]
async fn names_are_behind_a_code_and_wrong_ones_are_limited() {
    let called = Called::with(|server| server.with(|config| config.limits.cards_per_minute = 5)).await;
    let running = called.begin().await;
    let mut visitor = Visitor::at(called.rehearsals());
    let member = called.scribe.someone(called.scribe.representative(0)).expect("someone").name.clone();
    for path in ["/", "/demo", &there(&running), "/people"] {
        let answer = visitor.get(path).await;
        assert_eq!(answer.status(), 303, "{path}");
        assert!(header(&answer, "location").starts_with("/enter"), "{path}");
    }
    assert_eq!(
        visitor.client.get(format!("{}/api/v1/villages", visitor.base)).send().await.expect("one").status(),
        404
    );
    let taken = visitor.post("/demo", &format!("person={VILLAGE}%2F{}", called.scribe.clerk())).await;
    assert_eq!(taken.status(), 404, "no part is taken from outside");
    let asked = visitor.get("/enter").await;
    assert!(header(&asked, "content-security-policy").contains("default-src 'none'"));
    let asked = text(asked).await;
    assert!(
        asked.contains("进入会议演练") && asked.contains("演练：不算数，不入档") && !asked.contains(&member),
        "{asked}"
    );
    let wrong = visitor.enter("AAAA-AAAA").await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(visitor.cookie.is_empty() && text(wrong).await.contains("口令不对"));
    let typed = running.code.to_lowercase().replace('-', "+");
    let entered = visitor.enter(&typed).await;
    assert_eq!((entered.status().as_u16(), header(&entered, "location")), (303, "/demo"));
    assert_eq!(
        header(&entered, "clear-site-data"),
        "\"storage\"",
        "what an earlier rehearsal left is no part of this one"
    );
    assert!(visitor.cookie.starts_with("sunvote-entrance="), "{}", visitor.cookie);
    let parts = text(visitor.get("/demo").await).await;
    assert!(parts.contains("你来演谁") && parts.contains(&member) && parts.contains("演练：不算数，不入档"), "{parts}");
    let mut last = StatusCode::OK;
    for _ in 0..5 {
        last = Visitor::at(called.rehearsals()).enter("AAAA-AAAA").await.status();
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn everyone_takes_a_part_by_name_and_every_page_and_paper_says_that_it_is_a_rehearsal() {
    let called = Called::new().await;
    let running = called.begin().await;
    let mut visitor = Visitor::at(called.rehearsals());
    visitor.enter(&running.code).await;
    visitor.take(called.scribe.representative(0)).await;
    assert!(visitor.cookie.contains("sunvote-rehearsal="), "{}", visitor.cookie);
    let session = text(visitor.get(&there(&running)).await).await;
    assert!(session.contains(TITLE) && session.contains("演练：不算数，不入档"), "{session}");
    assert!(!session.contains("开会前演练一遍"), "a rehearsal is not rehearsed");
    for end in ["/screen", "/terminal"] {
        let shown = text(visitor.get(&format!("{}{end}", there(&running))).await).await;
        assert!(shown.contains("演练：不算数，不入档"), "{end}: {shown}");
    }
    let skipped = visitor.post("/demo/time", "hours=1").await;
    assert_eq!(skipped.status(), 403, "a member doesn't lead it");
    let agenda = visitor.get(&format!("{}/lists/agenda/file", there(&running))).await;
    assert!(paper(agenda).await.contains("演练·不算数"));
    let live = running.app().lives().live(code()).await.expect("the village");
    let posted =
        live.state().matters.values().find_map(|matter| matter.papers.paper(Kind::PlanPosted)).expect("a notice");
    let notice = format!("/v/{VILLAGE}/notices/{}", posted.at.seq);
    assert!(paper(visitor.get(&format!("{notice}/file")).await).await.contains("演练·不算数"));
    assert!(text(visitor.get(&format!("{notice}/spoken/file")).await).await.starts_with("演练：不算数，不入档。"));
    let real = called.server.get(&format!("/v/{VILLAGE}/s/{}/lists/agenda/file", called.session)).await;
    assert!(!paper(real).await.contains("演练"));
    // The real district's session cookie is nobody's here, and the other way round.
    let clerk = called.cookie(called.scribe.clerk()).await;
    let pass = visitor.cookie.split("; ").next().expect("the entrance's").to_owned();
    visitor.cookie = format!("{pass}; {clerk}");
    assert_eq!(header(&visitor.get("/tasks").await, "location"), "/login?next=/tasks");
}

/// The text of a PDF, without white space.
async fn paper(answer: Response) -> String {
    assert_eq!(answer.status(), 200);
    let file = tempfile::Builder::new().suffix(".pdf").tempfile().expect("a file");
    fs::write(file.path(), answer.bytes().await.expect("bytes")).expect("written");
    let read = Command::new("pdftotext").arg("-raw").arg(file.path()).arg("-").output().expect("poppler-utils");
    String::from_utf8(read.stdout).expect("UTF-8").chars().filter(|char| !char.is_whitespace()).collect()
}

#[tokio::test]
async fn its_clock_goes_ahead_for_who_leads_it_and_the_real_one_does_not() {
    let called = Called::new().await;
    let running = called.begin().await;
    let mut visitor = Visitor::at(called.rehearsals());
    visitor.enter(&running.code).await;
    visitor.take(called.scribe.chair()).await;
    let parts = text(visitor.get("/demo").await).await;
    let csrf = parts.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a token");
    let (before, real) = (running.app().now(), called.server.app.now());
    let skipped = visitor.post("/demo/time", &format!("csrf={csrf}&hours=1&next=%2Fdemo")).await;
    assert_eq!(skipped.status(), 303);
    assert_eq!(running.app().now().ms() - before.ms(), 60 * MINUTE_MS);
    assert_eq!(called.server.app.now(), real);
}

#[tokio::test]
async fn it_ends_in_time_and_its_address_says_so() {
    let called = Called::new().await;
    let running = called.begin().await;
    let mut visitor = Visitor::at(called.rehearsals());
    visitor.enter(&running.code).await;
    let (begin, code_of) = (there(&running), running.code.clone());
    drop(running);
    let begun = called.server.clock.now();
    called.server.clock.set(begun.plus_ms(LASTS_MS - 1));
    called.rehearsals().end_overdue().await;
    assert_eq!(visitor.get(&begin).await.status(), 200);
    called.server.clock.set(begun.plus_ms(LASTS_MS));
    called.rehearsals().end_overdue().await;
    assert!(files(called.rehearsals().folder()).is_empty());
    let gone = visitor.get(&begin).await;
    assert_eq!(gone.status(), 303);
    let over = text(visitor.get(header(&gone, "location")).await).await;
    assert!(over.contains("演练已经结束") && over.contains("什么也没有入档"), "{over}");
    assert_eq!(visitor.enter(&code_of).await.status(), StatusCode::UNPROCESSABLE_ENTITY, "the old code leads nowhere");
}

#[tokio::test]
async fn one_a_village_and_only_so_many_and_what_an_earlier_process_left_is_wiped() {
    let (scribe, session) = called();
    let server = TestServer::new().with_real_people().at(scribe.now()).with_village(scribe.clone());
    let left = server.data().join("rehearsal/left");
    fs::create_dir_all(&left).expect("a folder");
    fs::write(left.join("rehearsal.sqlite"), "left by a crash").expect("written");
    let server = server.with(|config| config.rehearsal.most = 1).with_rehearsals().start().await;
    let rehearsals = server.rehearsals.clone().expect("rehearsals");
    assert!(!left.exists());
    let founding =
        sunvote::log::scribe::Founding::invented(NEIGHBOUR.parse().expect("a code"), "x.example", scribe.now(), 9);
    load(&server.app, &Scribe::found(founding).expect("a village")).await;
    rehearsals.make(code(), session).await.expect("a rehearsal");
    let other = SessionId::from_bytes([9; 16]);
    let refused = rehearsals.make(code(), other).await.err().expect("one a village");
    assert_eq!(refused.to_string(), "another session of this village is rehearsed now");
    let refused = rehearsals.make(NEIGHBOUR.parse().expect("a code"), other).await.err().expect("only so many");
    assert_eq!(refused.to_string(), "as many rehearsals run as are allowed");
    rehearsals.end_all().await;
    assert!(rehearsals.are_over());
    rehearsals.make(code(), other).await.err().expect("no such session");
    assert!(files(rehearsals.folder()).is_empty(), "one that could not be made leaves nothing");
}

#[tokio::test]
async fn what_was_tried_is_told_from_its_record() {
    let called = Called::new().await;
    let running = called.begin().await;
    let done = async |part: Part| running.tried().await.iter().any(|(one, done)| *one == part && *done);
    assert!(!done(Part::Phone).await && !done(Part::Door).await);
    assert!(running.tried().await.iter().all(|(part, _)| *part != Part::Terminal), "the call names no terminals");
    running.app().let_others_act(code()).await.expect("all check in");
    assert!(done(Part::Phone).await && !done(Part::Door).await && !done(Part::PhoneBallot).await);
}
