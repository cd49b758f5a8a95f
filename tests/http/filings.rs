//! A township official's queue: what waits, what a machine checked of it, and several prepared for signing at one go.

use reqwest::Method;
use sunvote::core::act::matter::Advice;
use sunvote::core::ids::MatterId;
use sunvote::core::model::{Category, Role, Stage};
use sunvote::log::scribe::Scribe;
use sunvote::log::scribe::matter::Draft;

use crate::harness::{Running, VILLAGE};
use crate::intruders::page;
use crate::told::{serve_for, village};

/// Two matters submitted, one of them after a return, and one more that is not submitted.
fn submitted() -> (Scribe, MatterId, MatterId) {
    let mut scribe = village();
    let draft = Draft::of(Category::M02);
    let lamps = Draft { title: "装太阳能路灯".to_owned(), ..draft.clone() };
    let routine = scribe.bring_to_filing(&lamps).expect("a filing");
    let again = scribe.wait_days(1).bring_to_filing(&draft).expect("a filing");
    scribe.wait_minutes(5).review(again, Advice::Return).expect("a review");
    scribe.return_to(again, Stage::Consultation, "重新公示").expect("returned");
    scribe.wait_days(1).settle_and_post(again, &draft).expect("posted");
    scribe.submit_after_notice(again).expect("submitted");
    scribe.wait_minutes(5).bring_to_proposal(&draft).expect("a proposal");
    (scribe, routine, again)
}

async fn tick(server: &Running, cookie: &str, matters: &[MatterId], words: &str) -> (u16, String) {
    let settings = page(server, cookie, "/settings").await;
    let csrf = settings.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let mut body = format!("csrf={}&words={words}", csrf.expect("a token"));
    body.extend(matters.iter().map(|matter| format!("&one={VILLAGE}~{matter}")));
    let request = server.request(Method::POST, "/filings").header("cookie", cookie).header("accept", "text/html");
    let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
    let answer = request.send().await.expect("an answer");
    (answer.status().as_u16(), answer.text().await.expect("a text"))
}

#[tokio::test]
async fn a_reviewer_ticks_the_routine_ones_and_signs_them_at_one_go() {
    let (scribe, routine, again) = submitted();
    let drafter = scribe.in_role(Role::TownshipDrafter)[0];
    let (server, cookie) = serve_for(scribe, drafter).await;
    assert!(page(&server, &cookie, "/tasks").await.contains("href=\"/filings\""));
    let queue = page(&server, &cookie, "/filings").await;
    assert!(
        queue.contains("装太阳能路灯") && queue.contains("退回过1次") && queue.contains("共交来1份材料"),
        "{queue}"
    );
    assert_eq!(queue.matches("class=\"filing\"").count(), 2, "{queue}");
    assert!(queue.contains(&format!("value=\"{VILLAGE}~{routine}\"")), "the routine one: {queue}");
    assert!(!queue.contains(&format!("value=\"{VILLAGE}~{again}\"")), "the other asks for a look: {queue}");

    let (status, kept) = tick(&server, &cookie, &[routine, again], "looked%20through").await;
    assert_eq!(status, 200);
    assert!(kept.contains("有1件备好了") && kept.contains("要单独看"), "{kept}");
    let sign = page(&server, &cookie, "/sign").await;
    assert_eq!(sign.matches("data-signing=").count(), 1, "{sign}");
    assert!(sign.contains("装太阳能路灯"), "{sign}");
}

#[tokio::test]
async fn an_empty_opinion_prepares_nothing_and_the_queue_is_the_townships() {
    let (scribe, routine, _) = submitted();
    let (drafter, clerk) = (scribe.in_role(Role::TownshipDrafter)[0], scribe.clerk());
    let (server, cookie) = serve_for(scribe.clone(), drafter).await;
    let (status, kept) = tick(&server, &cookie, &[routine], "").await;
    assert_eq!(status, 200);
    assert!(!kept.contains("备好了") && kept.contains("role=\"alert\""), "{kept}");
    assert_eq!(tick(&server, &cookie, &[MatterId::from_bytes([9; 16])], "x").await.0, 400, "no matter of the village");
    let (server, cookie) = serve_for(scribe, clerk).await;
    assert_eq!(tick(&server, &cookie, &[routine], "x").await.0, 403);
}

/// Attack: a filing that the reviewer advised against is signed beside others, unseen.
#[tokio::test]
async fn what_a_review_advises_stands_in_the_line_and_a_return_is_not_routine() {
    let (mut scribe, routine, _) = submitted();
    let other = Draft { title: "修水渠".to_owned(), ..Draft::of(Category::M02) };
    let other = scribe.wait_minutes(5).bring_to_filing(&other).expect("a filing");
    scribe.wait_minutes(5).review(routine, Advice::File).expect("a review");
    scribe.wait_minutes(5).review(other, Advice::Return).expect("a review");
    let approver = scribe.in_role(Role::TownshipApprover)[0];
    let (server, cookie) = serve_for(scribe, approver).await;
    let queue = page(&server, &cookie, "/filings").await;
    assert!(queue.contains("建议备案") && queue.contains("建议退回"), "{queue}");
    assert!(queue.contains(&format!("value=\"{VILLAGE}~{routine}\"")), "{queue}");
    assert!(!queue.contains(&format!("value=\"{VILLAGE}~{other}\"")), "{queue}");
    let (_, kept) = tick(&server, &cookie, &[routine, other], "looked%20through").await;
    assert!(kept.contains("有1件备好了") && kept.contains("要单独看"), "{kept}");
    let sign = page(&server, &cookie, "/sign").await;
    let draft = sign.split("data-signing=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a draft");
    let draft = page(&server, &cookie, &draft.replace("&#38;", "&")).await;
    assert!(draft.contains("建议备案"), "the advice stands where it is signed: {draft}");
}

#[tokio::test]
async fn sentences_that_officials_often_write_are_offered_with_the_form() {
    let (scribe, routine, _) = submitted();
    let drafter = scribe.in_role(Role::TownshipDrafter)[0];
    let (server, cookie) = serve_for(scribe, drafter).await;
    let path = format!("/v/{VILLAGE}/do/supplement.requested?role=township_drafter&matter={routine}");
    let form = page(&server, &cookie, &path).await;
    assert!(form.contains("data-phrase=\"f-text\" hidden>请补交位置图或现场照片。</button>"), "{form}");
}
