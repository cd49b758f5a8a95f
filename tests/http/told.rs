//! What pages tell a newcomer: where a vote stands, what a signer signs, what comes after.

use reqwest::Method;
use reqwest::multipart::Form;
use sunvote::core::act::Act;
use sunvote::core::act::matter::SuggestionEntered;
use sunvote::core::act::session::{RosterFixed, RosterRow};
use sunvote::core::ids::{MatterId, PersonId, SessionId};
use sunvote::core::model::{Body, Category, Role, Source};
use sunvote::core::statement::{Header, Part};
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::people::Term;
use sunvote::log::scribe::voting::Vote;
use sunvote::log::scribe::{Founding, Hand, Scribe};

use crate::harness::{Running, TestServer, VILLAGE};
use crate::intruders::{log_in, page};

pub const ASSEMBLY: Body = Body::RepresentativeAssembly;
const VOTED: &str = "已表决，等签会议记录";

/// A village in office since Monday, 2 March 2026. The same each time.
pub fn village() -> Scribe {
    let time = "2026-03-02T01:00:00.000Z".parse().expect("a time");
    let founding = Founding::invented(VILLAGE.parse().expect("a code"), "liandu.example", time, 7);
    let mut scribe = Scribe::found(founding).expect("a village");
    scribe.settle(&Term::default()).expect("a term");
    scribe
}

pub fn at_ballot() -> (Scribe, MatterId) {
    let mut scribe = village();
    let matter = scribe.bring_to_ballot(&Draft::of(Category::M02)).expect("a ballot");
    (scribe, matter)
}

pub async fn serve(scribe: Scribe) -> Running {
    let now = scribe.now();
    TestServer::new().at(now).with_village(scribe).start().await
}

/// A server with the village's real keys, and the session of one of its people.
pub async fn serve_for(scribe: Scribe, person: PersonId) -> (Running, String) {
    let (now, key) = (scribe.now(), scribe.someone(person).expect("someone").key.clone());
    let server = TestServer::new().with_real_people().at(now).with_village(scribe).start().await;
    let cookie = log_in(&server, &key).await.expect("a log-in");
    (server, cookie)
}

pub async fn text(server: &Running, path: &str) -> String {
    let answer = server.request(Method::GET, path).header("accept", "text/html").send().await.expect("an answer");
    assert_eq!(answer.status(), 200, "{path}");
    answer.text().await.expect("a text")
}

/// Home, village, session and matter.
async fn four(server: &Running, session: SessionId, matter: MatterId) -> [String; 4] {
    let (village, session) = (format!("/v/{VILLAGE}"), format!("/v/{VILLAGE}/s/{session}"));
    let matter = format!("/v/{VILLAGE}/m/{matter}");
    [text(server, "/").await, text(server, &village).await, text(server, &session).await, text(server, &matter).await]
}

#[tokio::test]
async fn a_vote_whose_minutes_are_unsigned_is_nowhere_shown_as_coming() {
    let (mut scribe, matter) = at_ballot();
    let session = scribe.gather(ASSEMBLY, &[matter], 45).expect("a session");
    scribe.hold(&Vote::on(session, matter, "q1").expect("a vote"), &[("for", 45)]).expect("a result");
    for page in four(&serve(scribe).await, session, matter).await {
        assert!(page.contains(VOTED), "{page}");
        for coming in ["已通知", "正在开会", "开会表决", "正在签到"] {
            assert!(!page.contains(coming), "{coming}: {page}");
        }
    }
}

#[tokio::test]
async fn a_call_whose_time_has_passed_is_shown_as_not_opened() {
    let (mut scribe, matter) = at_ballot();
    let session = scribe.convene(ASSEMBLY, &[matter]).expect("a session");
    let opens_until = scribe.state().session(session).expect("the session").opens_until();
    scribe.at(opens_until.plus_ms(60_000));
    let [home, village, own, about] = four(&serve(scribe).await, session, matter).await;
    assert!(village.contains("时间已过，还没有开会") && own.contains("时间已过，还没有开会"));
    assert!(about.contains("还没有开会") && !about.contains("开会表决"));
    assert!(!home.contains("已通知") && !village.contains("已通知") && !own.contains("已通知"));
}

#[tokio::test]
async fn the_front_page_lists_a_call_as_long_as_a_vote_may_open_and_not_longer() {
    for (fixed, before_ms, listed) in [(false, 60_000, true), (true, 60_000, true), (false, 0, false), (true, 0, false)]
    {
        let (mut scribe, matter) = at_ballot();
        let session = scribe.convene(ASSEMBLY, &[matter]).expect("a session");
        if fixed {
            scribe.fix_roster(session).expect("a roster");
        }
        let opens_until = scribe.state().session(session).expect("the session").opens_until();
        scribe.at(opens_until.plus_ms(-before_ms));
        let [home, village, ..] = four(&serve(scribe).await, session, matter).await;
        let link = format!("/v/{VILLAGE}/s/{session}");
        assert_eq!(home.contains(&link), listed, "roster fixed: {fixed}, {before_ms} ms before its end");
        assert_eq!(village.contains("时间已过，还没有开会"), !listed, "the village says the same");
    }
}

#[tokio::test]
async fn tasks_stand_under_their_matter_and_those_of_a_meeting_under_its_agenda() {
    let (mut scribe, first) = at_ballot();
    let second = Draft { title: "溪边步道修复".to_owned(), ..Draft::of(Category::M02) };
    let second = scribe.bring_to_ballot(&second).expect("a ballot");
    let third = Draft { title: "老茶厂出租".to_owned(), ..Draft::of(Category::M02) };
    let third = scribe.bring_to_proposal(&third).expect("a proposal");
    scribe.wait_days(1).enlarged_meeting(third).expect("a meeting");
    scribe.convene(ASSEMBLY, &[first, second]).expect("a session");
    let clerk = scribe.clerk();
    let (server, cookie) = serve_for(scribe, clerk).await;
    let tasks = page(&server, &cookie, "/tasks").await;
    let groups: Vec<&str> = tasks.split("<section class=\"task-group\">").skip(1).collect();
    assert_eq!(groups.len(), 2, "{tasks}");
    let (meeting, plan) = (groups[0], groups[1]);
    let heading = meeting.split("</h2>").next().unwrap_or_default();
    assert!(heading.contains("硬化村西机耕路、溪边步道修复</a>"), "the agenda: {meeting}");
    assert_eq!(meeting.matches("硬化村西机耕路").count(), 1, "once: {meeting}");
    assert!(meeting.contains(" · 村民代表会议</span>"), "who meets: {meeting}");
    assert!(plan.contains(&format!("<a class=\"tap\" href=\"/v/{VILLAGE}/m/{third}\">老茶厂出租</a>")), "{plan}");
    assert_eq!(
        plan.split("</section>").next().unwrap_or_default().matches("class=\"task\"").count(),
        2,
        "visits and joint meeting"
    );
}

#[tokio::test]
async fn the_check_names_the_whole_command_and_says_that_no_papers_were_checked() {
    let checked = text(&serve(village()).await, &format!("/check?village={VILLAGE}")).await;
    assert!(checked.contains(&format!("<code>sunvote verify {VILLAGE}.sunvote</code>")), "{checked}");
    assert!(checked.contains(&format!("href=\"/v/{VILLAGE}/record/file\"")));
    assert!(checked.contains("没有查材料") && !checked.contains("<dt>材料</dt>"));
}

/// The number that the page gives beside this word.
fn beside<'p>(page: &'p str, word: &str) -> &'p str {
    let (_, rest) = page.split_once(&format!("<dt>{word}</dt><dd>")).expect("the word");
    rest.split_once('<').expect("an end").0
}

#[tokio::test]
async fn the_check_counts_a_voter_once_by_phone_or_on_paper() {
    let (mut scribe, matter) = at_ballot();
    let session = scribe.gather(ASSEMBLY, &[matter], 32).expect("a session");
    let vote = Vote::on(session, matter, "q1").expect("a question");
    scribe.open_vote(&vote).expect("opened");
    scribe.wait_minutes(2).cast_all(&vote, &[("for", 20), ("against", 5)]).expect("25 ballots");
    scribe.wait_minutes(1).cast(&vote, 1, "against").expect("another choice");
    scribe.wait_minutes(1).issue_paper(&vote, &[2, 30, 31]).expect("one of them changes to paper");
    scribe.close_on_time(&vote).expect("closed");
    let running = text(&serve(scribe.clone()).await, &format!("/check?village={VILLAGE}")).await;
    assert_eq!((beside(&running, "重新数的手机票"), beside(&running, "重新数的纸质票")), ("0", "0"), "no result yet");
    scribe.end_deliveries(&vote).expect("ended");
    scribe.wait_minutes(5).count_paper(&vote, &[1, 1, 0], 1).expect("3 papers, one invalid");
    scribe.open_ballots(&vote).expect("opened");
    scribe.announce(&vote).expect("a result");
    let checked = text(&serve(scribe).await, &format!("/check?village={VILLAGE}")).await;
    assert_eq!((beside(&checked, "重新数的手机票"), beside(&checked, "重新数的纸质票")), ("24", "3"));
}

#[tokio::test]
async fn after_signing_the_next_steps_come_first_and_the_digits_are_folded() {
    let (mut writer, mut scribe) = (village(), village());
    let text = writer.text("村口晚上太黑，建议装路灯");
    scribe.text("村口晚上太黑，建议装路灯");
    let suggest = [Hand::Person(writer.representative(0), Role::Representative)];
    let act = Act::SuggestionEntered(SuggestionEntered { text, source: Source::Online });
    let statement = writer.draft(&suggest, Header::of(MatterId::from_bytes([9; 16])), act).expect("a statement");
    let envelope = writer.sign(&suggest, &statement).expect("signed").envelope;
    let (id, person) = (envelope.id(), writer.representative(0));
    let (server, cookie) = serve_for(scribe, person).await;
    server.app.submit(VILLAGE.parse().expect("a code"), envelope, None).await.expect("on record");
    let done = page(&server, &cookie, &format!("/v/{VILLAGE}/done/{id}")).await;
    let (open, folded) = done.split_once("<details").expect("a fold");
    assert!(open.contains("class=\"button button-wide\" href=\"/tasks\""), "{open}");
    assert!(!open.contains("<code>") && folded.contains("<code>"), "the digits are folded");
}

#[tokio::test]
async fn a_draft_shows_the_suggestion_that_it_answers_and_its_digits_below() {
    let mut scribe = village();
    let matter = scribe.suggest("村西机耕路下雨难走，建议硬化").expect("a suggestion");
    let leaf = scribe.state().matter(matter).expect("the matter").suggestions[0].at.leaf.to_string();
    let secretary = scribe.secretary();
    let (server, cookie) = serve_for(scribe, secretary).await;
    let settings = page(&server, &cookie, "/settings").await;
    let csrf =
        settings.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a token");
    let form = [
        ("csrf", csrf),
        ("go", "sign"),
        ("category", "M02"),
        ("title", "硬化村西机耕路"),
        ("plan", "硬化800米"),
        ("amount_fen", "200000"),
        ("answers", &leaf),
    ];
    let form = form.into_iter().fold(Form::new(), |form, (name, value)| form.text(name, value.to_owned()));
    let path = format!("/v/{VILLAGE}/do/matter.proposed?role=branch_secretary&matter={matter}");
    let answer = server.request(Method::POST, &path).header("cookie", &cookie).multipart(form).send().await;
    let draft = answer.expect("an answer").text().await.expect("a text");
    let line = draft.split("<dt>答复的建议</dt>").nth(1).and_then(|rest| rest.split("</dd>").next()).expect(&draft);
    let title = line.find("村西机耕路下雨难走，建议硬化</span>").expect(line);
    let digits = line.find("class=\"fact-digits\" data-field=\"answers\"").expect(line);
    assert!(title < digits && line.ends_with(&format!(">{}</span>", &leaf[..8])), "{line}");
}

#[tokio::test]
async fn a_roster_to_be_signed_is_one_list_with_name_and_office_of_each() {
    let (mut scribe, matter) = at_ballot();
    let session = scribe.convene(ASSEMBLY, &[matter]).expect("a session");
    let starts_at = scribe.state().session(session).expect("the session").starts_at;
    scribe.at(starts_at.plus_ms(-3_600_000));
    let members = scribe.state().body_members(ASSEMBLY, None, scribe.now().date());
    let rows = members.iter().zip(1..).map(|(person, no)| RosterRow { no, person: *person }).collect();
    let notice = scribe.state().session(session).expect("the session").convened.leaf;
    let supervisor = scribe.supervisor(0);
    let hands = [Hand::Person(scribe.clerk(), Role::Clerk), Hand::Person(supervisor, Role::SupervisionCommittee)];
    let header = Header { part: Some(Part { part: 1, of: 1 }), ..Header::at(session).on(notice) };
    let statement = scribe.draft(&hands, header, Act::RosterFixed(RosterFixed { rows }));
    let mut envelope = scribe.sign(&hands, &statement.expect("a statement")).expect("signed").envelope;
    envelope.signatures.truncate(1);
    let first = *members.first().expect("a member");
    let name = scribe.someone(first).expect("someone").name.clone();
    let (server, cookie) = serve_for(scribe, supervisor).await;
    let id = envelope.id();
    server.app.submit(VILLAGE.parse().expect("a code"), envelope, None).await.expect("waits");
    let draft = page(&server, &cookie, &format!("/v/{VILLAGE}/pending/{id}")).await;
    assert_eq!(draft.matches("class=\"fact-list").count(), 1, "{draft}");
    let list =
        draft.split("<div class=\"fact-list fact-list-persons\">").nth(1).and_then(|rest| rest.split("</div>").next());
    let list = list.expect(&draft);
    assert!(list.contains(&format!("{}人", members.len())), "{list}");
    let lines: Vec<&str> = list.split("<dd>").skip(1).collect();
    assert_eq!(lines.len(), members.len(), "{list}");
    let line = lines[0];
    assert!(line.contains("data-field=\"rows.0.no\"") && line.contains("data-field=\"rows.0.person\""), "{line}");
    assert!(line.contains(&format!("{name} · ")), "name and office: {line}");
}

#[tokio::test]
async fn a_matter_page_folds_the_steps_that_are_over_and_the_record_folds_ballots() {
    let (mut scribe, matter) = at_ballot();
    let session = scribe.gather(ASSEMBLY, &[matter], 45).expect("a session");
    scribe.hold(&Vote::on(session, matter, "q1").expect("a vote"), &[("for", 30)]).expect("a result");
    let server = serve(scribe).await;
    let about = text(&server, &format!("/v/{VILLAGE}/m/{matter}")).await;
    assert_eq!(about.matches("<details class=\"step-fold\">").count(), 4, "suggestion to filing are over");
    let current = about.split("<details class=\"step-fold\" open>").nth(1).expect("an open step");
    assert!(current.contains("id=\"step-5\""), "the ballot is current");
    let record = text(&server, &format!("/v/{VILLAGE}/record")).await;
    assert!(record.contains("<summary>30张选票</summary>"), "{record}");
    assert_eq!(record.matches("投了一票").count(), 30, "folded, but there");
}

#[tokio::test]
async fn a_period_that_ends_on_a_rest_day_says_why_it_ends_later() {
    for (posted, moves) in
        [("2026-04-13T02:00:00.000Z", true), ("2026-04-14T02:00:00.000Z", true), ("2026-04-15T02:00:00.000Z", false)]
    {
        let mut scribe = village();
        let draft = Draft::of(Category::M02);
        let matter = scribe.bring_to_proposal(&draft).expect("a proposal");
        scribe.wait_days(1).enlarged_meeting(matter).expect("a meeting");
        scribe.wait_days(1).visit(matter, &[]).expect("visits");
        scribe.at(posted.parse().expect("a time")).settle_and_post(matter, &draft).expect("a notice");
        let clerk = scribe.clerk();
        let (server, cookie) = serve_for(scribe, clerk).await;
        let about = text(&server, &format!("/v/{VILLAGE}/m/{matter}")).await;
        assert_eq!(about.contains("那天休息"), moves, "posted {posted}: {about}");
        let form =
            page(&server, &cookie, &format!("/v/{VILLAGE}/do/filing.submitted?role=clerk&matter={matter}")).await;
        assert_eq!(form.contains("那天休息，所以期限到2026年4月20日为止"), moves, "posted {posted}: {form}");
    }
}
