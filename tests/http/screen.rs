//! The hall's screen: what it shows of a session, from the call to the result.

use std::collections::BTreeSet;

use reqwest::Method;
use sunvote::core::act::voting::VoidReason;
use sunvote::core::ids::SessionId;
use sunvote::core::model::Channel;
use sunvote::log::scribe::Scribe;
use sunvote::log::scribe::voting::Vote;

use crate::harness::VILLAGE;
use crate::told::{ASSEMBLY, at_ballot, serve, text};

/// The screen as it is now: the scene's name, and all of what is replaced.
async fn screen(scribe: &Scribe, session: SessionId) -> (String, String) {
    let page = text(&serve(scribe.clone()).await, &format!("/v/{VILLAGE}/s/{session}/screen")).await;
    assert!(!page.contains('⟦'), "a text is missing: {page}");
    let shown = page.split("id=\"screen\"").nth(1).and_then(|rest| rest.split("class=\"screen-tools\"").next());
    let shown = shown.expect("what is shown").to_owned();
    let scene = shown.split("data-scene=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a scene");
    (scene.to_owned(), shown)
}

async fn assert_shows(scribe: &Scribe, session: SessionId, scene: &str, words: &[&str]) -> String {
    let (is, shown) = screen(scribe, session).await;
    assert_eq!(is, scene, "{shown}");
    for word in words {
        assert!(shown.contains(word), "{scene} lacks {word}: {shown}");
    }
    shown
}

/// A session with 33 of 45 there, 12 of them at the door, whose vote is open.
fn open() -> (Scribe, Vote) {
    let (mut scribe, matter) = at_ballot();
    let session = scribe.gather(ASSEMBLY, &[matter], 33).expect("a session");
    let vote = Vote::on(session, matter, "q1").expect("a vote");
    scribe.open_vote(&vote).expect("opened");
    (scribe, vote)
}

#[tokio::test]
async fn before_the_vote_it_shows_the_call_then_who_comes_then_what_is_voted_on() {
    let (mut scribe, matter) = at_ballot();
    let session = scribe.convene(ASSEMBLY, &[matter]).expect("a session");
    let starts_at = scribe.state().session(session).expect("the session").starts_at;
    assert_shows(&scribe, session, "ahead", &["已通知", "19:00", "议程"]).await;
    scribe.at(starts_at).wait_minutes(-120).fix_roster(session).expect("a roster");
    let all: Vec<u32> = (1..=29).collect();
    scribe.wait_minutes(60).sign_in(session, &all, &[]).expect("signed in");
    let door = assert_shows(&scribe, session, "checking-in", &["正在签到", ">29<", ">45<", "还差1人", "要30人"]).await;
    assert!(door.contains(&format!("data-next=\"{starts_at}\"")), "it is looked at again when it begins: {door}");
    scribe.at(starts_at);
    assert_shows(&scribe, session, "checking-in", &["还差1人"]).await;
    scribe.check_in(session, 30).expect("checked in");
    assert_shows(&scribe, session, "reading", &[">30<", "够法定人数", "还没开始投票", "赞成", "弃权"]).await;
}

#[tokio::test]
async fn while_people_vote_nobody_can_read_off_it_who_or_how_many_have_voted() {
    let (mut scribe, vote) = open();
    let words = ["正在投票", ">33<", ">45<", "20:00截止", "截止前谁也看不到票数", "data-until="];
    let mut voted = scribe.clone();
    voted.cast_all(&vote, &[("for", 20), ("against", 3)]).expect("cast");
    // At the same time of day.
    let before = assert_shows(scribe.at(voted.now()), vote.session, "voting", &words).await;
    let after = assert_shows(&voted, vote.session, "voting", &words).await;
    let without_size = |shown: &str| {
        shown
            .split("data-size=")
            .map(|rest| rest.split_once(' ').map_or(rest, |pair| pair.1).to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(without_size(&before), without_size(&after));
}

#[tokio::test]
async fn after_closing_it_says_what_is_waited_for_step_by_step() {
    let (mut scribe, vote) = open();
    scribe.issue_paper(&vote, &(1..=12).collect::<Vec<u32>>()).expect("handed out");
    scribe.cast_all(&vote, &[("for", 15), ("against", 4)]).expect("cast");
    let closes_at = scribe.voting(&vote).expect("the vote").opening.closes_at;
    scribe.at(closes_at);
    assert_shows(&scribe, vote.session, "waiting", &["投票已截止", "正在截止投票"]).await;
    scribe.close_on_time(&vote).expect("closed");
    let until = scribe.voting(&vote).expect("the vote").deliveries_until().expect("closed");
    if until > scribe.now() {
        assert_shows(&scribe, vote.session, "waiting", &["正在路上的票", "最晚等到", "data-until="]).await;
    }
    scribe.end_deliveries(&vote).expect("ended");
    assert_shows(&scribe, vote.session, "waiting", &["正在清点纸质票"]).await;
    scribe.count_paper(&vote, &[6, 4, 1], 1).expect("counted");
    assert_shows(&scribe, vote.session, "waiting", &["正在公开每一票"]).await;
    scribe.open_ballots(&vote).expect("opened");
    let shown = assert_shows(&scribe, vote.session, "waiting", &["等两人签字宣布结果"]).await;
    assert!(!shown.contains("zheng"), "no count before it is announced: {shown}");
    scribe.wait_minutes(1).announce(&vote).expect("announced");
    // 15 by phone and 6 on paper: 4 + 1 and 2 characters, and so on, and the sums.
    let words = ["纸质票", "手机", "合计", ">21<", ">8<", "无效票", "通过", "以33人为准，满17票通过", "class=\"qr\""];
    let shown = assert_shows(&scribe, vote.session, "announced", &words).await;
    let strokes: usize = shown
        .split("class=\"zheng\"")
        .skip(1)
        .filter_map(|rest| rest.split("d=\"").nth(1)?.split('"').next())
        .map(|path| path.matches('M').count())
        .sum();
    assert_eq!(strokes, 31, "one stroke a ballot: 12 on paper, 19 by phone");
    scribe.wait_minutes(10).sign_minutes(vote.session).expect("signed");
    assert_eq!(
        cells(&shown),
        cells(&assert_shows(&scribe, vote.session, "announced", &words).await),
        "the minutes change nothing"
    );
}

/// The numbers in the table, in order.
fn cells(shown: &str) -> Vec<String> {
    shown.split("<b>").skip(1).filter_map(|rest| rest.split("</b>").next()).map(str::to_owned).collect()
}

#[tokio::test]
async fn paper_terminal_and_phone_have_a_column_each() {
    let (mut scribe, matter) = at_ballot();
    let ways = [Channel::Online, Channel::Kiosk, Channel::Paper];
    let session = scribe.gather_by(ASSEMBLY, &[matter], 33, &ways).expect("a session");
    scribe.register_terminal(session, 1).expect("registered");
    let vote = Vote::on(session, matter, "q1").expect("a vote");
    scribe.open_vote(&vote).expect("opened");
    scribe.issue_paper(&vote, &(1..=12).collect::<Vec<u32>>()).expect("handed out");
    scribe.cast_all(&vote, &[("for", 15), ("against", 3)]).expect("cast");
    // At the terminal number 1, who took a paper, which goes before it; number 13, who voted by phone and twice here, and the
    // last ballot counts; and number 14, who had voted the same by phone.
    let mut hall = scribe.at_hall(&vote, 1);
    for (voter, revision, choice) in [(1, 1, "against"), (13, 1, "against"), (13, 2, "abstain"), (14, 1, "for")] {
        let ballot = scribe.take_at(&vote, &mut hall, (voter, revision), choice).expect("taken");
        scribe.append(&ballot).expect("on record");
    }
    scribe.seal_terminal(&vote, &hall).expect("sealed");
    let closes_at = scribe.voting(&vote).expect("the vote").opening.closes_at;
    scribe.at(closes_at).close_on_time(&vote).expect("closed");
    let until = scribe.voting(&vote).expect("the vote").deliveries_until().expect("closed");
    scribe.at(until).end_deliveries(&vote).expect("ended");
    scribe.count_paper(&vote, &[6, 4, 1], 1).expect("counted");
    scribe.open_ballots(&vote).expect("opened");
    scribe.wait_minutes(1).announce(&vote).expect("announced");
    let shown = assert_shows(&scribe, session, "announced", &["纸质票", "投票终端", "手机"]).await;
    let rows = ["6", "1", "13", "20", "4", "0", "3", "7", "1", "1", "0", "2"];
    let table = shown.split("screen-tally").nth(1).expect("a table");
    assert_eq!(cells(table)[..rows.len()], rows);
}

#[tokio::test]
async fn what_failed_or_does_not_count_is_said_in_words() {
    let (mut scribe, vote) = open();
    scribe.cast_all(&vote, &[("for", 16), ("against", 17)]).expect("cast");
    let mut void = scribe.clone();
    scribe.conclude(&vote).expect("announced");
    let shown = assert_shows(&scribe, vote.session, "announced", &["没有通过", ">16<", ">17<"]).await;
    assert!(!shown.contains("纸质票</th>"), "no column for what nobody used: {shown}");
    void.void_vote(&vote, VoidReason::Failure).expect("void");
    assert_shows(&void, vote.session, "void", &["作废", "可以重新投"]).await;
    void.wait_minutes(1).open_vote(&vote).expect("opened again");
    assert_shows(&void, vote.session, "voting", &["正在投票"]).await;
}

#[tokio::test]
async fn of_two_matters_it_shows_the_one_under_way_else_the_last_announced() {
    let (mut scribe, one) = at_ballot();
    let draft = sunvote::log::scribe::matter::Draft::of(sunvote::core::model::Category::M02);
    let two = scribe.bring_to_ballot(&draft).expect("a ballot");
    let session = scribe.gather(ASSEMBLY, &[one, two], 33).expect("a session");
    let [first, second] = [one, two].map(|matter| Vote::on(session, matter, "q1").expect("a vote"));
    scribe.hold(&first, &[("for", 33)]).expect("held");
    let current = |shown: &str| {
        let strip = shown.split("class=\"screen-strip\"").nth(1).expect("the agenda");
        strip.split("<li>").position(|item| item.contains("aria-current"))
    };
    let shown = assert_shows(&scribe, session, "announced", &["以33人为准"]).await;
    let first_place = current(&shown);
    assert!(shown.contains("还没开始投票"), "the strip says what is still to come: {shown}");
    scribe.open_vote(&second).expect("opened");
    let shown = assert_shows(&scribe, session, "voting", &["正在投票"]).await;
    let second_place = current(&shown);
    assert_ne!(second_place, first_place);
    scribe.cast_all(&second, &[("against", 33)]).expect("cast");
    scribe.conclude(&second).expect("announced");
    let shown = assert_shows(&scribe, session, "announced", &["没有通过"]).await;
    assert_eq!(current(&shown), second_place, "the last announced, not the first");
}

#[tokio::test]
async fn what_is_not_there_has_no_screen_and_the_sessions_page_leads_to_it() {
    let (scribe, vote) = open();
    let server = serve(scribe).await;
    let path = format!("/v/{VILLAGE}/s/{}", vote.session);
    assert!(text(&server, &path).await.contains(&format!("href=\"{path}/screen\"")));
    let mut asked = BTreeSet::new();
    for missing in
        [format!("/v/331102001207/s/{}/screen", vote.session), format!("/v/{VILLAGE}/s/{}/screen", vote.matter)]
    {
        asked.insert(server.request(Method::GET, &missing).send().await.expect("an answer").status().as_u16());
    }
    assert_eq!(asked, BTreeSet::from([404]));
}
