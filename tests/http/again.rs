//! A session without quorum: everybody is told, and it is called again with the same agenda.

use reqwest::Method;
use reqwest::multipart::Form;
use sunvote::core::act::Kind;
use sunvote::core::ids::{MatterId, SessionId};
use sunvote::core::model::Category;
use sunvote::log::scribe::Scribe;
use sunvote::log::scribe::matter::Draft;

use crate::harness::VILLAGE;
use crate::intruders::page;
use crate::told::{ASSEMBLY, at_ballot, serve, serve_for, text};

/// A session to which 29 of 45 came.
fn failed() -> (Scribe, SessionId, MatterId) {
    let (mut scribe, matter) = at_ballot();
    let session = scribe.gather(ASSEMBLY, &[matter], 29).expect("a session");
    scribe.fail(session).expect("no quorum");
    (scribe, session, matter)
}

fn notice(scribe: &Scribe, session: SessionId) -> u64 {
    let papers = &scribe.state().session(session).expect("the session").papers;
    papers.paper(Kind::SessionFailed).expect("it failed").at.seq
}

#[tokio::test]
async fn the_chair_calls_a_session_without_quorum_again_and_its_notice_says_why() {
    let (mut scribe, session, matter) = failed();
    let other = Draft { title: "溪边步道修复".to_owned(), ..Draft::of(Category::M02) };
    let other = scribe.bring_to_ballot(&other).expect("another matter");
    let chair = scribe.chair();
    let (server, cookie) = serve_for(scribe, chair).await;
    let shown = page(&server, &cookie, &format!("/v/{VILLAGE}/s/{session}")).await;
    let href = format!("/v/{VILLAGE}/do/session.convened?role=chair&again={session}");
    assert!(
        shown.contains("再次召集这次会议") && shown.replace("&amp;", "&").replace("&#38;", "&").contains(&href),
        "{shown}"
    );
    let form = page(&server, &cookie, &href).await;
    let ticked = |id: MatterId| {
        let rest = form.split(&format!("value=\"{id}\"")).nth(1).and_then(|rest| rest.split('>').next());
        rest.expect("it is offered").contains("checked")
    };
    assert!(ticked(matter) && !ticked(other), "{form}");
    assert!(form.contains("应到45人，实到29人") && form.contains("现再次召集"), "{form}");
    // What the form holds can be signed as it stands.
    let field = |name: &str| {
        let rest = form.split(&format!("name=\"{name}\"")).nth(1).expect(name);
        rest.split("value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect(name).to_owned()
    };
    let notice = form.split("name=\"notice\"").nth(1).and_then(|rest| rest.split('>').nth(1)).expect("a notice");
    let notice = notice.split('<').next().expect("a text").to_owned();
    let sent = Form::new()
        .text("csrf", field("csrf"))
        .text("agenda", matter.to_string())
        .text("starts_at", field("starts_at"))
        .text("channels", "online")
        .text("channels", "paper")
        .text("notice", notice)
        .text("go", "sign");
    let answer = server.request(Method::POST, &href).header("cookie", &cookie).multipart(sent).send().await;
    let draft = answer.expect("an answer").text().await.expect("a page");
    assert!(draft.contains("data-sign") && draft.contains("实到29人"), "{draft}");
}

#[tokio::test]
async fn that_a_session_had_no_quorum_stands_on_the_board_until_it_is_called_again() {
    let (mut scribe, session, matter) = failed();
    let seq = notice(&scribe, session);
    let path = format!("/v/{VILLAGE}/notices/{seq}");
    let before = serve(scribe.clone()).await;
    let sheet = text(&before, &path).await;
    assert!(
        sheet.contains("流 会 公 告") && sheet.contains("应到45人，实到29人") && sheet.contains("另行通知"),
        "{sheet}"
    );
    assert!(text(&before, &format!("{path}/spoken")).await.contains("应到四十五人，实到二十九人"));
    let standing = async |server| {
        let board = text(server, &format!("/v/{VILLAGE}/notices")).await;
        board.split("<h2").nth(1).is_some_and(|open| open.contains("流会公告"))
    };
    assert!(standing(&before).await);
    let screen = text(&before, &format!("/v/{VILLAGE}/s/{session}/screen")).await;
    assert!(screen.contains("到会人数不够，会议没有开成") && screen.contains("<dd>29</dd>"), "{screen}");
    let next = scribe.wait_days(1).convene(ASSEMBLY, &[matter]).expect("called again");
    scribe.fix_roster(next).expect("a roster");
    let after = serve(scribe).await;
    assert!(!standing(&after).await);
    assert!(text(&after, &path).await.contains("现已再次召集"));
    let again = "应到45人，只到了29人";
    for page in [format!("s/{next}"), format!("s/{next}/screen")] {
        let page = text(&after, &format!("/v/{VILLAGE}/{page}")).await;
        assert!(page.contains("这是再次召集") && page.contains(again), "{page}");
    }
    let first = text(&after, &format!("/v/{VILLAGE}/s/{session}")).await;
    assert!(!first.contains("这是再次召集") && first.contains(&path), "{first}");
}

#[tokio::test]
async fn only_who_may_call_a_session_is_offered_to_call_it_again_and_only_while_it_waits() {
    let (mut scribe, session, matter) = failed();
    let path = format!("/v/{VILLAGE}/s/{session}");
    let clerk = scribe.clerk();
    let (server, cookie) = serve_for(scribe.clone(), clerk).await;
    assert!(!page(&server, &cookie, &path).await.contains("再次召集这次会议"));
    scribe.wait_days(1).convene(ASSEMBLY, &[matter]).expect("called again");
    let chair = scribe.chair();
    let (server, cookie) = serve_for(scribe, chair).await;
    assert!(!page(&server, &cookie, &path).await.contains("再次召集这次会议"));
}

#[tokio::test]
async fn who_leads_a_session_is_told_that_only_slips_are_put_right_there_and_where_else_to_go() {
    let (mut scribe, matter) = at_ballot();
    let session = scribe.gather(ASSEMBLY, &[matter], 45).expect("a session");
    let path = format!("/v/{VILLAGE}/s/{session}");
    for (person, offered) in [(scribe.chair(), true), (scribe.supervisor(0), true), (scribe.representative(0), false)] {
        let (server, cookie) = serve_for(scribe.clone(), person).await;
        let shown = page(&server, &cookie, &path).await;
        assert_eq!(shown.contains("要改方案怎么办"), offered);
        assert_eq!(shown.contains("/do/change.requested?"), offered);
    }
}
