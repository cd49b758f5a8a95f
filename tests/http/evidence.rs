//! What an inspector takes along, and who read what is not public.

use reqwest::Method;
use serde_json::Value;
use sunvote::core::act::Act;
use sunvote::core::act::matter::Text;
use sunvote::core::ids::MatterId;
use sunvote::core::model::{Level, Media, Role};
use sunvote::core::statement::Header;
use sunvote::log::scribe::Scribe;

use crate::harness::{FAR_VILLAGE, Running, VILLAGE};
use crate::package::{Unpacked, VILLAGERS_ONLY, ask, bytes, over};
use crate::told::{at_ballot, serve};

const INSPECTOR: &str = "discipline_inspector-331102";
const OFFICIALS_ONLY: &str = "只给镇里和监委会看的材料";

async fn page(server: &Running, token: &str, path: &str) -> String {
    let answer = server.request_as(token, Method::GET, path).header("accept", "text/html").send().await;
    answer.expect("an answer").text().await.expect("a page")
}

/// Lines of the page of readings: what, who; the newest first.
async fn readings(server: &Running) -> Vec<String> {
    let page = page(server, INSPECTOR, &format!("/v/{VILLAGE}/accesses")).await;
    let titles = page.split("<span class=\"row-title\">").skip(1);
    titles.map(|rest| rest.split('<').next().expect("a title").to_owned()).collect()
}

/// A matter with a document for officials alone, and its commitment.
fn closed() -> (Scribe, MatterId, String) {
    let (mut scribe, matter) = at_ballot();
    let text = scribe.document(Level::Officials, Media::Text, OFFICIALS_ONLY.as_bytes().to_vec());
    let name = text.sha256.to_string();
    let hand = scribe.hand(Role::SupervisionCommittee);
    scribe.act(&[hand], Header::of(matter), Act::ConcernRaised(Text { text })).expect("a concern");
    (scribe, matter, name)
}

#[tokio::test]
async fn evidence_has_what_an_inspector_may_read_and_a_receipt_of_every_entry() {
    let (scribe, _, matter) = over();
    let server = serve(scribe).await;
    let path = format!("/v/{VILLAGE}/m/{matter}/evidence/file");
    let package = Unpacked::of(&bytes(ask(&server, Some(INSPECTOR), &path).await).await);
    assert_eq!(package.verified().0, Some(0));
    let said = package.said();
    assert!(said.contains(VILLAGERS_ONLY) && package.text("verification.txt").contains("记录完整"), "{said}");
    let manifest: Value = serde_json::from_str(&package.text("manifest.json")).expect("JSON");
    let listed = manifest["files"].as_array().expect("a list");
    let paths: Vec<&str> = listed.iter().filter_map(|line| line["path"].as_str()).collect();
    let page = package.text("check.html");
    for path in &paths {
        let carried = page.contains(&format!("<script type=\"text/plain\" data-path=\"{path}\">"));
        assert_eq!(carried, *path != "check.html", "{path}");
    }
    let about = server.state.app().told(VILLAGE.parse().expect("a code"), about(matter)).await.expect("entries");
    assert!(about.len() > 9, "{}", about.len());
    for told in about {
        let receipt = format!("receipts/{}.tlog-proof", told.at.seq);
        assert!(paths.contains(&receipt.as_str()), "{receipt}");
    }
    assert!(page.starts_with("<!doctype html>") && !page.contains("src=\""), "it fetches nothing");
    let everybodys = ask(&server, None, &format!("/v/{VILLAGE}/m/{matter}/package/file")).await;
    assert!(!Unpacked::of(&bytes(everybodys).await).files().contains_key("check.html"));
}

fn about(matter: MatterId) -> sunvote::app::views::told::About {
    sunvote::app::views::told::About::Matter(matter)
}

#[tokio::test]
async fn who_reads_what_is_not_public_is_noted_once_an_hour_and_shown_to_inspectors() {
    let (scribe, matter, name) = closed();
    let public = scribe.state().matter(matter).expect("a matter").settled.as_ref().expect("a plan").plan.sha256;
    let server = serve(scribe).await;
    assert_eq!(readings(&server).await, ["看过这份名单"]);
    for path in [format!("/v/{VILLAGE}/d/{public}/file"), format!("/v/{VILLAGE}/m/{matter}")] {
        assert_eq!(ask(&server, Some("representative"), &path).await.status(), 200);
    }
    assert_eq!(ask(&server, Some("representative"), &format!("/v/{VILLAGE}/d/{name}/file")).await.status(), 403);
    assert_eq!(readings(&server).await.len(), 1, "what everybody may see, or nobody got, is no reading");
    for _ in 0..2 {
        assert_eq!(ask(&server, Some("clerk-331102"), &format!("/v/{VILLAGE}/d/{name}/file")).await.status(), 403);
        let path = format!("/v/{VILLAGE}/d/{name}/file");
        assert_eq!(ask(&server, Some("township_approver-331102001"), &path).await.status(), 200);
    }
    assert_eq!(readings(&server).await, ["打开一份材料", "看过这份名单"]);
    server.clock.set(server.state.app().now().plus_ms(3_600_000));
    let page = page(&server, "township_approver-331102001", &format!("/v/{VILLAGE}/m/{matter}")).await;
    assert!(page.contains(OFFICIALS_ONLY), "its words stand on the page");
    let package = format!("/v/{VILLAGE}/m/{matter}/package/file?named=true");
    assert_eq!(ask(&server, Some("clerk"), &package).await.status(), 200);
    assert_eq!(readings(&server).await[1..], ["取走存档版归档包", "打开一份材料", "打开一份材料", "看过这份名单"]);
    let elsewhere = ask(&server, Some(INSPECTOR), &format!("/v/{FAR_VILLAGE}/accesses")).await;
    assert_eq!(elsewhere.status(), 403);
}
