//! The district's catalogue on pages and forms: what goes to a vote, the papers of a filing, what is disclosed in a rhythm.

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use sunvote::core::act::Kind;
use sunvote::core::catalogue::Subject;
use sunvote::core::model::{Category, Role};
use sunvote::log::scribe::Scribe;
use sunvote::log::scribe::matter::Draft;

use crate::harness::{Running, VILLAGE};
use crate::intruders::page;
use crate::told::{serve_for, village};

/// A village whose district adopted the example.
fn with_catalogue() -> Scribe {
    let mut scribe = village();
    let shown = include_str!("../../docs/catalogue.example.json").replace("2027-01-01", "2026-01-01");
    scribe.adopt_catalogue(serde_json::from_str(&shown).expect("a catalogue")).expect("adopted by the roots");
    scribe
}

/// Sends a form with files; the page that answers.
async fn send(server: &Running, cookie: &str, path: &str, fields: &[(&str, &str)], files: &[&str]) -> String {
    let settings = page(server, cookie, "/settings").await;
    let csrf = settings.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let form = Form::new().text("csrf", csrf.expect("a token").to_owned()).text("go", "sign");
    let form = fields.iter().fold(form, |form, (name, value)| form.text((*name).to_owned(), (*value).to_owned()));
    let part =
        |name: &str| Part::text(format!("材料 {name}")).file_name("paper.txt").mime_str("text/plain").expect("a type");
    let form = files.iter().fold(form, |form, name| form.part((*name).to_owned(), part(name)));
    let answer = server.request(Method::POST, path).header("cookie", cookie).header("accept", "text/html");
    answer.multipart(form).send().await.expect("an answer").text().await.expect("a text")
}

#[tokio::test]
async fn a_filing_asks_for_each_paper_of_the_catalogue_by_its_name() {
    let mut scribe = with_catalogue();
    let draft = Draft::of(Category::M02);
    let matter = scribe.bring_to_proposal(&draft).expect("a proposal");
    scribe.consult(matter, &draft).expect("consulted");
    let ends = scribe.plan_notice_ends(matter);
    let clerk = scribe.at(ends).clerk();
    let (server, cookie) = serve_for(scribe, clerk).await;
    let path = format!("/v/{VILLAGE}/do/filing.submitted?role=clerk&matter={matter}");
    let form = page(&server, &cookie, &path).await;
    for (field, title) in [("materials.budget", "工程预算"), ("materials.funds", "资金来源说明")] {
        assert!(form.contains(&format!("required name=\"{field}\"")) && form.contains(title), "{form}");
    }
    assert!(form.contains("其他材料") && form.contains("name=\"materials\" multiple"), "{form}");
    let short = send(&server, &cookie, &path, &[], &["materials.budget", "materials"]).await;
    assert!(short.contains("field-bad") && !short.contains("data-field=\"papers\""), "one is missing: {short}");
    let files = ["materials.funds", "materials", "materials.budget"];
    let draft = send(&server, &cookie, &path, &[], &files).await;
    assert!(draft.contains("data-field=\"papers\" data-value=\"[&#34;budget&#34;,&#34;funds&#34;]\""), "{draft}");
    assert!(draft.contains("工程预算、资金来源说明"), "by their names: {draft}");
    let text = |nth: usize| draft.split(&format!("data-field=\"materials.{nth}.sha256\"")).nth(1).expect(&draft);
    for (nth, name) in [(0, "materials.budget"), (1, "materials.funds"), (2, "materials")] {
        assert!(text(nth).contains(&format!("材料 {name}")), "{nth} is {name}: {draft}");
    }
}

#[tokio::test]
async fn the_village_reads_what_goes_to_a_vote_and_what_is_made_public_when() {
    let mut scribe = with_catalogue();
    let today = scribe.now().date();
    scribe.disclose(Subject::Finances, today.plus_days(-30), today).expect("disclosed");
    let clerk = scribe.clerk();
    let (server, cookie) = serve_for(scribe, clerk).await;
    let shown = page(&server, &cookie, &format!("/v/{VILLAGE}/catalogue")).await;
    for words in [
        "不到5,000元的",
        "报乡镇时要交：",
        "工程预算",
        "资金来源说明",
        "村内道路",
        "要票决；低于规则起点金额的",
        "第1版",
        "已公开到",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert_eq!(shown.matches("class=\"row-title\"").count(), 12, "ten kinds, two subjects: {shown}");
    assert!(page(&server, &cookie, &format!("/v/{VILLAGE}")).await.contains(&format!("/v/{VILLAGE}/catalogue")));
}

#[tokio::test]
async fn the_clerk_is_shown_what_to_disclose_next_and_signs_it_with_a_supervisor() {
    let mut scribe = with_catalogue();
    scribe.wait_days(40);
    let (clerk, second) = (scribe.clerk(), scribe.in_role(Role::SupervisionCommittee)[0].to_string());
    let (server, cookie) = serve_for(scribe, clerk).await;
    let waiting = page(&server, &cookie, "/tasks").await;
    assert!(waiting.contains(Kind::AffairsDisclosed.code()), "{waiting}");
    let path = format!("/v/{VILLAGE}/do/affairs.disclosed?role=clerk");
    let form = page(&server, &cookie, &path).await;
    let chosen = form.split("<input").find(|input| input.contains("value=\"finances\"")).expect(&form);
    assert!(chosen.contains(" checked"), "{chosen}");
    assert!(form.contains("value=\"2026-03-02\"") && form.contains("value=\"2026-04-01\""), "{form}");
    let fields = [
        ("subject", "finances"),
        ("from", "2026-03-02"),
        ("until", "2026-04-01"),
        ("text", "三月收支明细"),
        ("places", "board"),
        ("second.0", second.as_str()),
    ];
    let draft = send(&server, &cookie, &path, &fields, &[]).await;
    assert!(draft.contains("data-field=\"subject\" data-value=\"finances\">财务</span>"), "{draft}");
    assert!(draft.contains("三月收支明细"), "{draft}");
}
