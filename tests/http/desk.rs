//! A person's desk: drafts until they are signed, tasks as they are counted, forms that put no words into anybody's mouth.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::SigningKey;
use reqwest::multipart::Form;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sunvote::core::act::Act;
use sunvote::core::act::voting::VotingOpened;
use sunvote::core::clock::DAY_MS;
use sunvote::core::ids::{MatterId, PersonId, SessionId};
use sunvote::core::model::{Category, Role};
use sunvote::core::statement::Header;
use sunvote::log::dsse::{Envelope, STATEMENT_TYPE};
use sunvote::log::scribe::Scribe;
use sunvote::log::scribe::matter::{Asked, Draft};
use sunvote::log::scribe::voting::Vote;

use crate::harness::{Running, VILLAGE, header};
use crate::intruders::page;
use crate::told::{ASSEMBLY, at_ballot, serve, serve_for, text, village};
use crate::unlinked::to_be_secret;

/// Somebody logged in, with the key at hand.
pub struct Desk {
    server: Running,
    cookie: String,
    csrf: String,
    key: SigningKey,
}

impl Desk {
    pub async fn of(scribe: Scribe, person: PersonId) -> Self {
        let key = scribe.someone(person).expect("someone").key.clone();
        let (server, cookie) = serve_for(scribe, person).await;
        let csrf = between(&page(&server, &cookie, "/settings").await, "name=\"csrf\" value=\"", "\"");
        Self { server, cookie, csrf, key }
    }

    pub async fn page(&self, path: &str) -> String {
        page(&self.server, &self.cookie, path).await
    }

    pub async fn send(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let all = [("csrf", self.csrf.as_str())].into_iter().chain(fields.iter().copied());
        let form = all.fold(Form::new(), |form, (name, value)| form.text(name.to_owned(), value.to_owned()));
        let request = self.server.request(Method::POST, path).header("cookie", &self.cookie).multipart(form);
        request.send().await.expect("an answer").text().await.expect("a text")
    }

    /// Signs what a draft page shows, as the person's device does.
    async fn sign(&self, shown: &str) -> StatusCode {
        let payload = between(shown, "name=\"payload\" value=\"", "\"").replace("&#43;", "+").replace("&#61;", "=");
        let payload = BASE64_STANDARD.decode(payload).expect("base64");
        let envelope = Envelope::sign(STATEMENT_TYPE, payload, &[&self.key]).to_json();
        let envelope: Value = serde_json::from_slice(&envelope).expect("JSON");
        let request = self.server.request(Method::POST, &format!("/api/v1/villages/{VILLAGE}/statements"));
        let request = request.header("cookie", &self.cookie).header("x-csrf", &self.csrf);
        request.json(&json!({"envelope": envelope})).send().await.expect("an answer").status()
    }

    /// Where each draft goes on.
    async fn drafts(&self) -> Vec<String> {
        let tasks = self.page("/tasks").await;
        let links = tasks.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        links.filter(|link| link.contains("draft=")).map(|link| link.replace("&#38;", "&")).collect()
    }
}

fn between(text: &str, before: &str, after: &str) -> String {
    let rest = text.split(before).nth(1).unwrap_or_else(|| panic!("no {before} in {text}"));
    rest.split(after).next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_draft_is_gone_once_it_is_signed_and_names_its_matter_until_then() {
    let mut scribe = village();
    let matter = scribe.suggest("村西机耕路下雨难走，建议硬化").expect("a suggestion");
    let leaf = scribe.state().matter(matter).expect("the matter").suggestions[0].at.leaf.to_string();
    let secretary = scribe.secretary();
    let desk = Desk::of(scribe, secretary).await;
    let path = format!("/v/{VILLAGE}/do/matter.proposed?role=branch_secretary&matter={matter}");
    let typed = [("category", "M02"), ("title", "硬化村西机耕路"), ("plan", "硬化800米"), ("amount_fen", "200000")];
    let typed = [&typed[..], &[("answers", leaf.as_str())]].concat();
    desk.send(&path, &[&[("go", "save")], &typed[..]].concat()).await;
    let [draft] = &desk.drafts().await[..] else { panic!("one draft") };
    assert!(desk.page("/tasks").await.contains("<span class=\"row-sub\">村西机耕路下雨难走，建议硬化</span>"));
    desk.send(draft, &[&[("go", "save")], &typed[..]].concat()).await;
    assert_eq!(desk.drafts().await, std::slice::from_ref(draft), "kept again under the same address");
    assert!(desk.page(draft).await.contains("硬化800米"));
    let shown = desk.send(&path, &[&[("go", "sign")], &typed[..]].concat()).await;
    assert_eq!(desk.sign(&shown).await, StatusCode::CREATED);
    assert!(desk.drafts().await.is_empty(), "signed, though from a form of its own");
}

#[tokio::test]
async fn of_drafts_about_nothing_yet_the_signed_one_goes_alone() {
    let scribe = village();
    let person = scribe.representative(0);
    let desk = Desk::of(scribe, person).await;
    let path = format!("/v/{VILLAGE}/do/suggestion.entered?role=representative");
    for words in ["村口装路灯", "溪边修护栏"] {
        desk.send(&path, &[("go", "save"), ("source", "online"), ("text", words)]).await;
    }
    let [first, other] = &desk.drafts().await[..] else { panic!("two drafts") };
    let shown = desk.send(first, &[("go", "sign"), ("source", "online"), ("text", "溪边修护栏")]).await;
    assert_eq!(desk.drafts().await.len(), 2, "shown, not signed");
    assert_eq!(desk.sign(&shown).await, StatusCode::CREATED);
    assert_eq!(desk.drafts().await, std::slice::from_ref(other));
}

#[tokio::test]
async fn a_draft_is_deleted_by_its_owner_alone() {
    let scribe = village();
    let person = scribe.representative(0);
    let desk = Desk::of(scribe, person).await;
    desk.send(&format!("/v/{VILLAGE}/do/suggestion.entered?role=representative"), &[("go", "save")]).await;
    let drop = between(&desk.page("/tasks").await, "<form method=\"post\" action=\"/v/", "\"");
    let ask = |csrf: String| {
        let request = desk.server.request(Method::POST, &format!("/v/{drop}")).header("cookie", &desk.cookie);
        request.header("content-type", "application/x-www-form-urlencoded").body(format!("csrf={csrf}")).send()
    };
    assert_eq!(ask("guessed".to_owned()).await.expect("an answer").status(), StatusCode::FORBIDDEN);
    assert_eq!(desk.drafts().await.len(), 1);
    let answer = ask(desk.csrf.clone()).await.expect("an answer");
    assert_eq!((answer.status(), header(&answer, "location")), (StatusCode::SEE_OTHER, "/tasks"));
    assert!(desk.drafts().await.is_empty());
    assert_eq!(ask(desk.csrf.clone()).await.expect("an answer").status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_review_begins_without_an_opinion() {
    let mut scribe = village();
    let matter = scribe.bring_to_filing(&Draft::of(Category::M02)).expect("a filing");
    let drafter = scribe.in_role(Role::TownshipDrafter)[0];
    let desk = Desk::of(scribe, drafter).await;
    let form = desk.page(&format!("/v/{VILLAGE}/do/filing.reviewed?role=township_drafter&matter={matter}")).await;
    let field = between(&form, "<textarea id=\"f-opinion\"", "</textarea>");
    assert!(field.ends_with('>'), "{field}");
}

/// A session of many days: the vote opened on its first day stays open for twelve.
fn long_vote() -> (Scribe, Vote) {
    let (mut scribe, matter) = at_ballot();
    let session = scribe.gather(ASSEMBLY, &[matter], 40).expect("a session");
    let vote = Vote::on(session, matter, "q1").expect("a vote");
    let opening = scribe.opening_of(&vote).expect("an opening");
    let act = Act::VotingOpened(VotingOpened { closes_at: scribe.now().plus_ms(12 * DAY_MS), ..opening });
    let on = scribe.roster(session);
    let header = Header { question: Some(vote.question.clone()), ..Header::of(matter) };
    let header = Header { session: Some(session), ..header }.on(on);
    scribe.act(&[scribe.hand(Role::Chair)], header, act).expect("an open vote");
    (scribe, vote)
}

#[tokio::test]
async fn a_vote_that_runs_for_days_stays_on_the_front_page() {
    let (mut scribe, vote) = long_vote();
    scribe.wait_days(3);
    let server = serve(scribe).await;
    for path in ["/", &format!("/v/{VILLAGE}")] {
        assert!(text(&server, path).await.contains("正在投票"), "{path}");
        let english = text(&server, &format!("{path}?lang=en")).await;
        assert!(english.contains("Voting now") && english.contains(&format!("/s/{}", vote.session)), "{path}");
    }
    assert!(text(&server, "/t/331102001").await.contains("正在投票"));
}

#[tokio::test]
async fn the_number_in_the_head_is_that_of_the_tasks() {
    let (scribe, vote) = long_vote();
    let people = [scribe.clerk(), scribe.voter(vote.session, 1), scribe.voter(vote.session, 45), scribe.approver()];
    for (nth, person) in people.into_iter().enumerate() {
        let desk = Desk::of(long_vote().0, person).await;
        let tasks = desk.page("/tasks").await;
        let listed = tasks.matches("<a class=\"task\"").count();
        assert!(listed > 0 || nth != 1, "a voter has a vote to cast: {tasks}");
        let badge = (listed > 0).then(|| format!("<span class=\"badge\">{listed}</span>"));
        let home = desk.page("/").await;
        assert!(badge.map_or(!home.contains("class=\"badge\""), |badge| home.contains(&badge)), "{listed}: {home}");
    }
}

#[tokio::test]
async fn whoever_opens_a_vote_says_for_how_many_minutes_and_signs_how_people_vote_in_words() {
    let (mut scribe, matter) = at_ballot();
    let session = scribe.gather(ASSEMBLY, &[matter], 40).expect("a session");
    let chair = scribe.in_role(Role::Chair)[0];
    let desk = Desk::of(scribe, chair).await;
    let path = format!("/v/{VILLAGE}/do/voting.opened?role=chair&session={session}&matter={matter}&question=q1");
    let form = desk.page(&path).await;
    assert!(form.contains("投票开多少分钟</label>") && form.contains("<span>分钟</span>"), "{form}");
    let shown = desk.send(&path, &[("go", "sign"), ("closes_at", "30")]).await;
    let mode = between(&shown, "data-field=\"mode\"", "</dd>");
    assert!(mode.contains("记名投票") && !mode.contains(">named<"), "{mode}");
    // Papers are secret, unless the chair says otherwise: that is chosen already, so nothing is left to leave out.
    assert!(form.contains("value=\"papers_secret\" required checked") && !shown.contains("named_papers"), "{form}");
    assert!(!between(&form, "<legend>纸质票", "</legend>").contains("可不填"), "{form}");
    assert!(between(&shown, "<dt>纸质票</dt>", "</dd>").contains("无记名（不写姓名）"), "{shown}");
    let named = desk.send(&path, &[("go", "sign"), ("closes_at", "30"), ("named_papers", "papers_named")]).await;
    assert!(between(&named, "data-field=\"named_papers\"", "</dd>").contains("记名（写姓名"), "{named}");
    assert!(!named.contains("无记名"), "{named}");
    // In a secret vote there is nothing to choose.
    let (scribe, Vote { session, matter, .. }) = to_be_secret();
    let chair = scribe.in_role(Role::Chair)[0];
    let desk = Desk::of(scribe, chair).await;
    let path = format!("/v/{VILLAGE}/do/voting.opened?role=chair&session={session}&matter={matter}&question=q1");
    let form = desk.page(&path).await;
    assert!(form.contains("投票开多少分钟") && !form.contains("named_papers"), "{form}");
    let shown = desk.send(&path, &[("go", "sign"), ("closes_at", "30")]).await;
    assert!(between(&shown, "data-field=\"mode\"", "</dd>").contains("无记名") && !shown.contains("<dt>纸质票</dt>"));
    let forced = desk.send(&path, &[("go", "sign"), ("closes_at", "30"), ("named_papers", "papers_named")]).await;
    assert!(forced.contains("只有记名投票"), "{forced}");
}

/// A session on a matter with two questions; its members are there.
fn on_two_questions() -> (Scribe, MatterId, SessionId) {
    let mut scribe = village();
    let asked = vec![Asked::plain("q1", "是否同意修缮礼堂"), Asked::choice("q2", "先修哪一间", &["east", "west"])];
    let draft = Draft { ballots: vec![(ASSEMBLY, asked)], ..Draft::of(Category::M02) };
    let matter = scribe.bring_to_ballot(&draft).expect("a ballot");
    let session = scribe.gather(ASSEMBLY, &[matter], 40).expect("a session");
    (scribe, matter, session)
}

/// The link of a page that leads to the opening of the vote on a question, with its words.
fn opening(page: &str, question: &str) -> String {
    let mut links = page.split("href=\"").filter_map(|rest| rest.split("</a>").next());
    let of_question = |link: &&str| link.contains("voting.opened") && link.contains(&format!("question={question}"));
    links.find(of_question).unwrap_or_else(|| panic!("no link to {question} in {page}")).to_owned()
}

#[tokio::test]
async fn whoever_opens_a_vote_is_told_everywhere_on_which_question() {
    let (scribe, matter, session) = on_two_questions();
    let chair = scribe.in_role(Role::Chair)[0];
    let desk = Desk::of(scribe, chair).await;
    let [first, second] = [("q1", "是否同意修缮礼堂"), ("q2", "先修哪一间")];
    for list in ["/tasks".to_owned(), format!("/v/{VILLAGE}/s/{session}"), format!("/v/{VILLAGE}/m/{matter}")] {
        let page = desk.page(&list).await;
        for ((question, words), (_, other)) in [(first, second), (second, first)] {
            let link = opening(&page, question);
            assert!(link.contains(words) && !link.contains(other), "{list}: {link}");
        }
    }
    for (question, words) in [first, second] {
        let about = format!("role=chair&matter={matter}&session={session}&question={question}");
        let path = format!("/v/{VILLAGE}/do/voting.opened?{about}");
        let form = desk.page(&path).await;
        assert!(between(&form, "class=\"about-question\"", "</p>").contains(words), "{form}");
        let shown = desk.send(&path, &[("go", "sign"), ("closes_at", "30")]).await;
        assert!(between(&shown, "class=\"about-question\"", "</p>").contains(words), "{shown}");
        if question == "q1" {
            assert_eq!(desk.sign(&shown).await, StatusCode::CREATED);
            let payload = between(&shown, "data-done=\"", "\"");
            let done = desk.page(&payload).await;
            assert!(opening(&done, "q2").contains("：先修哪一间"), "what comes next: {done}");
        }
    }
}

#[tokio::test]
async fn a_session_under_way_begins_with_what_happens_now() {
    let called = || {
        let (mut scribe, matter) = at_ballot();
        let session = scribe.convene(ASSEMBLY, &[matter]).expect("a call");
        (scribe, session)
    };
    let checking_in = || {
        let (scribe, _, session) = on_two_questions();
        (scribe, session)
    };
    let voting = || {
        let (scribe, vote) = long_vote();
        (scribe, vote.session)
    };
    let mut seen = Vec::new();
    for (scribe, session) in [called(), checking_in(), voting()] {
        let clerk = scribe.clerk();
        let desk = Desk::of(scribe, clerk).await;
        let shown = desk.page(&format!("/v/{VILLAGE}/s/{session}")).await;
        let mut bands: Vec<(usize, &str)> = ["会前准备", "开会前演练一遍", "到会", "议程"]
            .into_iter()
            .filter_map(|words| Some((shown.find(&format!("{words}</"))?, words)))
            .collect();
        bands.sort_unstable();
        seen.push(bands.into_iter().map(|(_, words)| words).collect::<Vec<_>>());
    }
    assert_eq!(
        seen,
        [vec!["会前准备", "开会前演练一遍", "到会", "议程"], vec!["到会", "议程", "会前准备"], vec!["议程", "到会"],]
    );
}
