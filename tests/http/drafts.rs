//! A draft tells what is signed as a person would: in order, counted from 1, with units, a list as one list.

use reqwest::Method;
use reqwest::multipart::Form;
use sunvote::core::model::{Category, Role};
use sunvote::log::scribe::matter::Draft;

use crate::harness::{Running, VILLAGE};
use crate::intruders::page;
use crate::told::{at_ballot, serve_for, village};

/// The draft that a form becomes.
async fn draft(server: &Running, cookie: &str, path: &str, fields: &[(&'static str, &str)]) -> String {
    let settings = page(server, cookie, "/settings").await;
    let csrf = settings.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let form = Form::new().text("csrf", csrf.expect("a token").to_owned()).text("go", "sign");
    let form = fields.iter().fold(form, |form, (name, value)| form.text(*name, (*value).to_owned()));
    let answer = server.request(Method::POST, path).header("cookie", cookie).multipart(form).send().await;
    answer.expect("an answer").text().await.expect("a text")
}

/// What stands in front of the facts, in order.
fn labels(draft: &str) -> Vec<&str> {
    draft.split("<dt>").skip(1).filter_map(|rest| rest.split("</dt>").next()).collect()
}

#[tokio::test]
async fn a_call_offers_its_one_matter_ticked_and_its_draft_goes_from_what_to_when() {
    let (scribe, matter) = at_ballot();
    let chair = scribe.chair();
    let (server, cookie) = serve_for(scribe, chair).await;
    let path = format!("/v/{VILLAGE}/do/session.convened?role=chair");
    let form = page(&server, &cookie, &path).await;
    let boxed = form.split("<input").find(|input| input.contains(&format!("value=\"{matter}\""))).expect(&form);
    assert!(boxed.contains(" checked"), "{boxed}");
    let matter = matter.to_string();
    let fields = [
        ("body", "representative_assembly"),
        ("agenda", matter.as_str()),
        ("channels", "online"),
        ("starts_at", "2026-06-01T09:00"),
        ("notice", "请各位代表到会"),
    ];
    let draft = draft(&server, &cookie, &path, &fields).await;
    assert_eq!(labels(&draft), ["会议", "由谁表决", "开会时间", "议程", "参加方式"], "{draft}");
    assert!(draft.contains("data-field=\"agenda.0.ballot\" data-value=\"0\">1</span>"), "from 1: {draft}");
    assert!(draft.contains("data-field=\"kind\" data-value=\"session.convened\">"), "the first sentence: {draft}");
}

#[tokio::test]
async fn visits_are_told_with_units_and_their_opinions_are_numbered() {
    let mut scribe = village();
    let matter = scribe.bring_to_proposal(&Draft::of(Category::M02)).expect("a proposal");
    scribe.wait_days(1).enlarged_meeting(matter).expect("a meeting");
    let clerk = scribe.clerk();
    let (server, cookie) = serve_for(scribe, clerk).await;
    let path = format!("/v/{VILLAGE}/do/visits.recorded?role=clerk&matter={matter}");
    let day = page(&server, &cookie, &path).await;
    let day = day.split("name=\"held_on\"").nth(1).and_then(|rest| rest.split("value=\"").nth(1)).expect("a day");
    let day = day.split('"').next().expect("a day");
    let fields = [("held_on", day), ("households", "20"), ("opinions", "希望灯亮一点\n希望早点装")];
    let draft = draft(&server, &cookie, &path, &fields).await;
    assert_eq!(labels(&draft), ["事项", "走访户数", "办理日期", "依据"], "{draft}");
    assert!(draft.contains("data-field=\"households\" data-value=\"20\">20户</span>"), "{draft}");
    let headings: Vec<&str> = draft.split("class=\"draft-heading\">").skip(1).collect();
    assert!(headings[0].starts_with("意见 1 ·") && headings[1].starts_with("意见 2 ·"), "{draft}");
}

#[tokio::test]
async fn a_delegation_says_who_delegates_and_to_whom() {
    let scribe = village();
    let (clerk, second) = (scribe.clerk(), scribe.in_role(Role::SupervisionCommittee)[0].to_string());
    let (server, cookie) = serve_for(scribe, clerk).await;
    let path = format!("/v/{VILLAGE}/do/delegation.recorded?role=clerk");
    let fields = [
        ("from", "villagers_assembly"),
        ("categories", "M01"),
        ("until", "2028-12-31"),
        ("text", "村民会议授权村民代表会议决定"),
        ("second.0", second.as_str()),
    ];
    let draft = draft(&server, &cookie, &path, &fields).await;
    assert_eq!(labels(&draft), ["类别", "授权给谁", "谁授权", "到哪天"], "{draft}");
    assert!(draft.contains("data-field=\"from\" data-value=\"villagers_assembly\">村民会议</span>"), "{draft}");
}
