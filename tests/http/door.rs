//! The door of a session: who keeps it, what it says and to whom, lists signed by two, notes beside the record.

use reqwest::{Method, Response};
use serde_json::{Value, json};
use sunvote::app::cards::door_mark;
use sunvote::core::act::Act;
use sunvote::core::act::session::AttendanceRecorded;
use sunvote::core::act::village::KinDeclared;
use sunvote::core::clock::DAY_MS;
use sunvote::core::ids::{CardId, MatterId, PersonId, SessionId};
use sunvote::core::model::Category;
use sunvote::core::statement::Header;
use sunvote::log::scribe::Scribe;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::voting::Vote;
use sunvote::store::cards::Card;

use crate::harness::{NEIGHBOUR, Running, TestServer, VILLAGE};
use crate::intruders::{log_in, page};
use crate::papers::read;
use crate::told::{ASSEMBLY, village};

/// A session with thirty in the hall, two by phone and one who left, whose vote is open on phone and paper.
struct Hall {
    server: Running,
    scribe: Scribe,
    session: SessionId,
    matter: MatterId,
}

/// Members by phone.
const REMOTE: [u32; 2] = [31, 32];

impl Hall {
    async fn open() -> Self {
        Self::open_with(|_, _| {}).await
    }

    async fn open_with(more: impl FnOnce(&mut Scribe, &Vote)) -> Self {
        let mut scribe = village();
        let matter = scribe.bring_to_ballot(&Draft::of(Category::M02)).expect("a ballot");
        let session = scribe.gather(ASSEMBLY, &[matter], 30).expect("a session");
        for no in REMOTE {
            scribe.check_in(session, no).expect("checked in");
        }
        scribe.sign_in(session, &[], &[30]).expect("left");
        let vote = Vote::on(session, matter, "q1").expect("a vote");
        scribe.open_vote(&vote).expect("opened");
        more(&mut scribe, &vote);
        let now = scribe.now();
        let many = |config: &mut sunvote::config::Config| config.limits.logins_per_minute = 10_000;
        let server = TestServer::new().with(many).with_real_people().at(now).with_village(scribe.clone()).start().await;
        Self { server, scribe, session, matter }
    }

    async fn cookie(&self, person: PersonId) -> String {
        let key = self.scribe.someone(person).expect("someone").key.clone();
        log_in(&self.server, &key).await.expect("a log-in")
    }

    fn page(&self, what: &str) -> String {
        format!("/v/{VILLAGE}/s/{}{what}", self.session)
    }

    fn api(&self, what: &str) -> String {
        format!("/api/v1/villages/{VILLAGE}/sessions/{}/door{what}", self.session)
    }

    async fn get(&self, cookie: &str, path: &str) -> Response {
        let request = self.server.request(Method::GET, path).header("cookie", cookie);
        request.header("accept", "text/html").send().await.expect("an answer")
    }

    async fn live(&self, cookie: &str) -> Value {
        self.get(cookie, &self.api("")).await.json().await.expect("JSON")
    }

    /// The token of somebody's forms.
    async fn csrf(&self, cookie: &str) -> String {
        let tasks = page(&self.server, cookie, "/tasks").await;
        let (_, rest) = tasks.split_once("name=\"csrf\" value=\"").expect("a token");
        rest.split('"').next().expect("a token").to_owned()
    }

    async fn post(&self, cookie: &str, path: &str, body: &Value) -> (u16, String) {
        let request = self.server.request(Method::POST, path).header("cookie", cookie);
        let answer = request.header("x-csrf", self.csrf(cookie).await).json(body).send().await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("a body"))
    }

    async fn note(&self, cookie: &str, note: Value, on: bool) -> (u16, String) {
        self.post(cookie, &self.api("/notes"), &json!({"note": note, "on": on})).await
    }

    async fn meeting(&self, cookie: &str, link: &str) -> u16 {
        let request = self.server.request(Method::POST, &self.page("/door/meeting")).header("cookie", cookie);
        // Of what such a link is made of only these mean something else in a form.
        let link = link.replace('%', "%25").replace('&', "%26").replace('+', "%2B").replace(' ', "+");
        let body = format!("csrf={}&link={link}", self.csrf(cookie).await);
        let request = request.header("accept", "text/html");
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        request.send().await.expect("an answer").status().as_u16()
    }

    fn since(&self, no: u32) -> u64 {
        self.scribe.state().session(self.session).expect("the session").attendance[&no].since
    }

    /// Two who keep the door: the clerk and one of the supervision committee.
    async fn two(&self) -> (String, String) {
        (self.cookie(self.scribe.clerk()).await, self.cookie(self.scribe.supervisor(0)).await)
    }
}

fn numbers(of: &Value) -> Vec<u64> {
    of.as_array().expect("a list").iter().map(|no| no.as_u64().expect("a number")).collect()
}

#[tokio::test]
async fn clerk_supervision_committee_and_tellers_keep_the_door_and_nobody_else() {
    let hall = Hall::open().await;
    let tellers = hall.scribe.state().session(hall.session).and_then(|session| session.tellers.clone());
    let tellers = tellers.expect("tellers");
    let keepers = [hall.scribe.clerk(), hall.scribe.supervisor(0), tellers.counter, tellers.scrutineer];
    let others = [hall.scribe.voter(hall.session, 5), hall.scribe.villager(), hall.scribe.approver()];
    let link = format!("href=\"{}\"", hall.page("/door"));
    for (people, status) in [(&keepers[..], 200), (&others[..], 403)] {
        for person in people.iter().copied() {
            let Some(cookie) = log_in(&hall.server, &hall.scribe.someone(person).expect("someone").key).await else {
                continue;
            };
            let note = json!({"note": {"kind": "scribe", "no": 9}, "on": true});
            let noted = hall.post(&cookie, &hall.api("/notes"), &note).await.0;
            let got = [hall.get(&cookie, &hall.page("/door")).await, hall.get(&cookie, &hall.api("")).await];
            assert_eq!(got.map(|answer| answer.status().as_u16()), [status; 2], "{person}");
            assert_eq!(noted, if status == 200 { 204 } else { 403 }, "{person}");
            let session = page(&hall.server, &cookie, &hall.page("")).await;
            assert_eq!(session.contains(&link), status == 200, "{person}: the session's page leads there");
        }
    }
    let nobody = hall.server.get(&hall.page("/door")).await;
    assert_eq!(nobody.status(), 303, "log in first");
    assert_eq!(hall.server.get(&hall.api("")).await.status(), 401);
    let clerk = hall.cookie(hall.scribe.clerk()).await;
    let elsewhere = hall.get(&clerk, &hall.page("/door").replace(VILLAGE, NEIGHBOUR)).await.status().as_u16();
    assert!([403, 404].contains(&elsewhere), "{elsewhere}: another village's door");
    let none = SessionId::from_bytes([9; 16]).to_string();
    let missing = hall.get(&clerk, &hall.page("/door").replace(&hall.session.to_string(), &none)).await;
    assert_eq!(missing.status(), 404);
}

#[tokio::test]
async fn the_door_says_who_is_where_and_who_has_a_paper_and_never_what_anyone_chose() {
    let hall = Hall::open_with(|scribe, vote| {
        scribe.cast(vote, 3, "against").expect("cast");
        scribe.issue_paper(vote, &[7, 8]).expect("handed out");
    })
    .await;
    let (clerk, _) = hall.two().await;
    let live = hall.live(&clerk).await;
    assert_eq!((&live["eligible"], &live["present"], &live["quorum"]), (&json!(45), &json!(31), &json!(30)));
    assert_eq!((numbers(&live["left"]), &live["open"]), (vec![30], &json!(true)));
    let there = live["there"].as_array().expect("a list");
    let online: Vec<u64> =
        there.iter().filter(|one| one["online"] == true).filter_map(|one| one["no"].as_u64()).collect();
    assert_eq!((there.len(), online), (31, REMOTE.map(u64::from).to_vec()));
    let vote = &live["votes"][0];
    assert_eq!((numbers(&vote["issued"]), numbers(&vote["voted"])), (vec![7, 8], vec![3]));
    assert_eq!(numbers(&vote["may"]), (1..=29).collect::<Vec<u64>>(), "who was in the hall when it opened");
    let shown = page(&hall.server, &clerk, &hall.page("/door")).await;
    for text in [shown, live.to_string()] {
        assert!(!text.contains("against") && !text.contains("反对"), "{text}");
    }
}

#[tokio::test]
async fn only_the_clerks_page_tells_whose_card_it_is_and_only_of_cards_in_use() {
    let hall = Hall::open().await;
    let [held, waits] = [1, 2].map(|no| hall.scribe.voter(hall.session, no));
    let key = hall.scribe.someone(held).expect("someone").public();
    let card = |n: u8, person: PersonId, public_key| Card {
        village: VILLAGE.parse().expect("a code"),
        card: CardId([n; 16]),
        person: Some(person),
        public_key,
        mac: None,
        tries: 0,
        misses: 0,
        locked_until: None,
        made: hall.scribe.now(),
        expires: None,
    };
    let cards = [card(0xa1, held, Some(key)), card(0xb2, waits, None)];
    let write = hall.server.app.db().write("cards", |tx| {
        let cards = cards.clone();
        Box::pin(async move { tx.add_cards(&cards).await })
    });
    write.await.expect("kept");
    let (clerk, watch) = hall.two().await;
    let [shown, other] =
        [page(&hall.server, &clerk, &hall.page("/door")).await, page(&hall.server, &watch, &hall.page("/door")).await];
    assert!(
        shown.contains(&format!(
            "data-no=\"1\" data-name=\"{}\" data-cards=\"{}\"",
            hall.scribe.someone(held).expect("someone").name,
            door_mark(&CardId([0xa1; 16]), hall.session)
        )),
        "{shown}"
    );
    assert!(!shown.contains(&"a1".repeat(16)), "no card's id stands on the page");
    assert!(
        !shown.contains(&door_mark(&CardId([0xb2; 16]), hall.session)),
        "a card that is not on record finds nobody"
    );
    assert!(!other.contains("data-cards"), "{other}");
}

#[tokio::test]
async fn a_call_counts_once_two_people_who_are_no_kin_have_seen_the_member() {
    let hall = Hall::open().await;
    let (clerk, watch) = hall.two().await;
    let called = json!({"kind": "called", "no": 31, "since": hall.since(31)});
    let notes = async |who: &str| hall.live(who).await["notes"].clone();
    assert_eq!(hall.note(&clerk, called.clone(), true).await.0, 204);
    assert_eq!(hall.note(&clerk, called.clone(), true).await.0, 204, "noting it again changes nothing");
    let one = notes(&clerk).await;
    assert_eq!((one.as_array().map(Vec::len), &one[0]["two"], &one[0]["mine"]), (Some(1), &json!(false), &json!(true)));
    assert_eq!(hall.note(&watch, called.clone(), true).await.0, 204);
    let both = notes(&watch).await;
    assert_eq!((&both[0]["two"], both[0]["by"].as_array().map(Vec::len)), (&json!(true), Some(2)));
    assert_eq!(hall.note(&watch, called.clone(), false).await.0, 204);
    assert_eq!((&notes(&watch).await[0]["two"], &notes(&watch).await[0]["mine"]), (&json!(false), &json!(false)));
    // Who sits in the hall, or came anew since, is not called; and nobody says of themselves that they were seen.
    for wrong in
        [json!({"kind": "called", "no": 5, "since": hall.since(5)}), json!({"kind": "called", "no": 31, "since": 1})]
    {
        let (status, body) = hall.note(&clerk, wrong, true).await;
        assert!(status == 422 && body.contains("不用点名"), "{body}");
    }
    assert_eq!(hall.note(&clerk, json!({"kind": "seen", "no": 31}), true).await.0, 422);
}

#[tokio::test]
async fn nobody_calls_themselves_and_near_kin_are_one() {
    let mut own = None;
    let hall = Hall::open_with(|scribe, vote| {
        let tellers = scribe.state().session(vote.session).and_then(|session| session.tellers.clone());
        let counter = tellers.expect("tellers").counter;
        let no = scribe.number(vote.session, counter);
        scribe.check_in(vote.session, no).expect("checked in");
        own = Some((counter, no));
        let persons = vec![scribe.clerk().min(counter), scribe.clerk().max(counter)];
        let kin = Act::KinDeclared(KinDeclared { persons });
        scribe.act(&scribe.two(), Header::default(), kin).expect("declared");
    })
    .await;
    let (counter, no) = own.expect("a teller");
    let (clerk, _) = hall.two().await;
    let teller = hall.cookie(counter).await;
    let (status, body) = hall.note(&teller, json!({"kind": "called", "no": no, "since": hall.since(no)}), true).await;
    assert!(status == 422 && body.contains("不能给自己点名"), "{body}");
    let called = json!({"kind": "called", "no": 31, "since": hall.since(31)});
    for who in [&clerk, &teller] {
        assert_eq!(hall.note(who, called.clone(), true).await.0, 204);
    }
    let notes = hall.live(&clerk).await["notes"].clone();
    assert_eq!((&notes[0]["two"], notes[0]["by"].as_array().map(Vec::len)), (&json!(false), Some(2)), "{notes}");
}

#[tokio::test]
async fn scribes_observers_and_spoiled_papers_are_noted_and_the_minutes_say_them() {
    let hall = Hall::open_with(|scribe, vote| {
        scribe.issue_paper(vote, &[7, 8]).expect("handed out");
    })
    .await;
    let (clerk, watch) = hall.two().await;
    let observer =
        |words: &str| json!({"note": {"kind": "observer", "id": "5".repeat(64)}, "on": true, "words": words});
    let spoiled =
        |n: u8| json!({"kind": "spoiled", "matter": hall.matter, "question": "q1", "id": n.to_string().repeat(64)});
    for (wrong, says) in [("", "要填"), ("电话13957801234", "不能公开"), (&"长".repeat(41), "40")] {
        let (status, body) = hall.post(&clerk, &hall.api("/notes"), &observer(wrong)).await;
        assert!(status == 422 && body.contains(says), "{wrong}: {body}");
    }
    assert_eq!(hall.post(&clerk, &hall.api("/notes"), &observer("驻村干部 潘小青")).await.0, 204);
    assert_eq!(hall.note(&clerk, json!({"kind": "scribe", "no": 8}), true).await.0, 204);
    assert_eq!(hall.note(&clerk, json!({"kind": "scribe", "no": 99}), true).await.0, 422);
    for who in [&clerk, &watch] {
        assert_eq!(hall.note(who, spoiled(1), true).await.0, 204);
    }
    assert_eq!(hall.note(&clerk, spoiled(2), true).await.0, 204, "seen by one only: not in the minutes");
    let none = json!({"kind": "spoiled", "matter": hall.matter, "question": "q9", "id": "1".repeat(64)});
    assert_eq!(hall.note(&clerk, none, true).await.0, 422);
    let called = json!({"kind": "called", "no": 32, "since": hall.since(32)});
    for who in [&clerk, &watch] {
        assert_eq!(hall.note(who, called.clone(), true).await.0, 204);
    }
    let file = hall.page("/minutes/file");
    let public = read(hall.server.get(&file).await).await;
    for said in ["点名见到本人32号", "没有点名见到本人31号", "请人代写1人", "旁听、列席1人", "写坏换票：1张"]
    {
        assert!(public.contains(said), "{said}: {public}");
    }
    assert!(!public.contains("潘小青"), "{public}");
    let named = read(hall.get(&clerk, &format!("{file}?named=true")).await).await;
    assert!(named.contains("驻村干部潘小青"), "{named}");
    // Taken back by all who noted it, it is gone, the name with it.
    assert_eq!(hall.note(&clerk, json!({"kind": "observer", "id": "5".repeat(64)}), false).await.0, 204);
    let named = read(hall.get(&clerk, &format!("{file}?named=true")).await).await;
    assert!(!named.contains("潘小青"), "{named}");
}

#[tokio::test]
async fn once_the_minutes_are_signed_nothing_is_noted_any_more() {
    let hall = Hall::open_with(|scribe, vote| {
        scribe.wait_minutes(60).conclude(vote).expect("a result");
        scribe.wait_minutes(5).sign_minutes(vote.session).expect("signed");
    })
    .await;
    let (clerk, _) = hall.two().await;
    for on in [true, false] {
        let (status, body) = hall.note(&clerk, json!({"kind": "scribe", "no": 8}), on).await;
        assert!(status == 422 && body.contains("会议已经结束"), "{body}");
    }
    assert_eq!(hall.meeting(&clerk, "https://meeting.example/j/1").await, 422);
}

#[tokio::test]
async fn the_clerk_keeps_the_meetings_link_and_only_members_see_it() {
    let hall = Hall::open().await;
    let (clerk, watch) = hall.two().await;
    let link = "https://meeting.example/j/481?pwd=x";
    assert_eq!(hall.meeting(&clerk, "http://meeting.example/").await, 422);
    assert_eq!(hall.meeting(&watch, link).await, 403, "the clerk's alone");
    assert_eq!(hall.meeting(&clerk, link).await, 303);
    let member = hall.cookie(hall.scribe.voter(hall.session, 31)).await;
    for path in [hall.page(""), hall.page("/number"), format!("/v/{VILLAGE}/vote/{}", hall.session)] {
        assert!(page(&hall.server, &member, &path).await.contains(link), "{path}");
    }
    let public = hall.server.get(&hall.page("")).await.text().await.expect("a page");
    let villager = page(&hall.server, &watch, &hall.page("")).await;
    let on_roster = hall.scribe.number(hall.session, hall.scribe.supervisor(0)) > 0;
    assert!(!public.contains("meeting.example") && (on_roster || !villager.contains("meeting.example")));
    assert_eq!(hall.meeting(&clerk, " ").await, 303, "taken away");
    assert!(!page(&hall.server, &member, &hall.page("")).await.contains("meeting.example"));
}

#[tokio::test]
async fn a_members_number_is_shown_to_that_member_only() {
    let hall = Hall::open().await;
    let member = hall.cookie(hall.scribe.voter(hall.session, 31)).await;
    let shown = page(&hall.server, &member, &hall.page("/number")).await;
    let name = &hall.scribe.someone(hall.scribe.voter(hall.session, 31)).expect("someone").name;
    assert!(shown.contains("<p class=\"number-no\">31</p>") && shown.contains(name.as_str()), "{shown}");
    assert!(shown.contains("<svg"), "{shown}");
    let outsider = hall.cookie(hall.scribe.approver()).await;
    assert_eq!(hall.get(&outsider, &hall.page("/number")).await.status(), 403);
    assert_eq!(hall.server.get(&hall.page("/number")).await.status(), 303);
}

#[tokio::test]
async fn a_list_waits_on_the_door_of_the_second_signer_until_it_is_signed() {
    let hall = Hall::open().await;
    let (clerk, watch) = hall.two().await;
    let two = hall.scribe.two();
    let act = Act::AttendanceRecorded(AttendanceRecorded { present: vec![33, 34], left: vec![2] });
    let header = Header::at(hall.session).on(hall.scribe.roster(hall.session));
    let statement = hall.scribe.draft(&two, header, act).expect("a statement");
    let whole = hall.scribe.sign(&two, &statement).expect("signed").envelope;
    let mut first = whole.clone();
    first.signatures.truncate(1);
    let envelope: Value = serde_json::from_slice(&first.to_json()).expect("JSON");
    let statements = format!("/api/v1/villages/{VILLAGE}/statements");
    assert_eq!(hall.post(&clerk, &statements, &json!({"envelope": envelope})).await.0, 202);
    let waiting = |live: Value| live["waiting"].as_array().expect("a list").clone();
    let (mine, theirs) = (waiting(hall.live(&clerk).await), waiting(hall.live(&watch).await));
    assert_eq!((&mine[0]["mine"], &theirs[0]["mine"]), (&json!(false), &json!(true)));
    assert_eq!((numbers(&theirs[0]["present"]), numbers(&theirs[0]["left"])), (vec![33, 34], vec![2]));
    let second: Value = serde_json::from_slice(&whole.to_json()).expect("JSON");
    let signatures = format!("/api/v1/villages/{VILLAGE}/pending/{}/signatures", whole.id());
    assert_eq!(hall.post(&watch, &signatures, &second["signatures"][1]).await.0, 201);
    let live = hall.live(&clerk).await;
    assert_eq!((waiting(live.clone()).len(), numbers(&live["left"]), &live["present"]), (0, vec![2, 30], &json!(32)));
}

#[tokio::test]
async fn before_the_roster_is_fixed_and_the_door_opens_it_says_so() {
    let mut scribe = village();
    let matter = scribe.bring_to_ballot(&Draft::of(Category::M02)).expect("a ballot");
    let session = scribe.convene(ASSEMBLY, &[matter]).expect("a session");
    let (now, starts_at) = (scribe.now(), scribe.state().session(session).expect("the session").starts_at);
    let server = TestServer::new().with_real_people().at(now).with_village(scribe.clone()).start().await;
    let clerk = log_in(&server, &scribe.someone(scribe.clerk()).expect("the clerk").key).await.expect("a log-in");
    let early = page(&server, &clerk, &format!("/v/{VILLAGE}/s/{session}/door")).await;
    assert!(early.contains("名册还没登记") && !early.contains("data-door"), "{early}");
    scribe.at(starts_at.plus_ms(-DAY_MS)).fix_roster(session).expect("a roster");
    let server = TestServer::new().with_real_people().at(scribe.now()).with_village(scribe.clone()).start().await;
    let clerk = log_in(&server, &scribe.someone(scribe.clerk()).expect("the clerk").key).await.expect("a log-in");
    let shut = page(&server, &clerk, &format!("/v/{VILLAGE}/s/{session}/door")).await;
    assert!(shut.contains("&#34;open&#34;:false") || shut.contains("&quot;open&quot;:false"), "{shut}");
}
