//! The hall between sessions: what is said stands there for everybody, by matter, and what is taken down leaves its reason.

use reqwest::Method;
use sunvote::app::projection::catch_up;
use sunvote::core::act::Act;
use sunvote::core::act::village::{DocumentWithdrawn, WithdrawReason};
use sunvote::core::ids::MatterId;
use sunvote::core::model::{Category, Role};
use sunvote::core::statement::Header;
use sunvote::log::scribe::Scribe;
use sunvote::log::scribe::matter::Draft;

use crate::harness::VILLAGE;
use crate::told::{serve, serve_for, text, village};

const GENERAL: &str = "周末清理水沟";

fn talked() -> (Scribe, MatterId) {
    let mut scribe = village();
    let matter = scribe.bring_to_proposal(&Draft::of(Category::M02)).expect("a proposal");
    scribe.say(Role::Representative, Some(matter), "路宽能不能做到三米五\n<script>").expect("a post");
    scribe.wait_minutes(5).say(Role::Clerk, Some(matter), "已改进方案").expect("a post");
    scribe.wait_minutes(5).say(Role::Chair, None, GENERAL).expect("a post");
    (scribe, matter)
}

fn path(matter: MatterId) -> String {
    format!("/v/{VILLAGE}/talk?matter={matter}")
}

#[tokio::test]
async fn what_is_said_stands_by_its_matter_in_its_order() {
    let (scribe, matter) = talked();
    let server = serve(scribe).await;
    let page = text(&server, &path(matter)).await;
    let (first, second) = (page.find("路宽能不能做到三米五"), page.find("已改进方案"));
    assert!(first.is_some() && first < second && page.contains("&#60;script&#62;"), "{page}");
    assert!(!page.contains(GENERAL) && page.contains("全村事务"), "{page}");
    assert!(!page.contains("do/hall.posted"), "who is not logged in says nothing here");
    let general = text(&server, &format!("/v/{VILLAGE}/talk")).await;
    assert!(
        general.contains(GENERAL) && general.contains(&path(matter)) && !general.contains("已改进方案"),
        "{general}"
    );
    assert!(text(&server, &format!("/v/{VILLAGE}")).await.contains(&format!("/v/{VILLAGE}/talk\"")));
    assert_eq!(server.get(&path(MatterId::from_bytes([9; 16]))).await.status(), 404);
}

#[tokio::test]
async fn the_matters_page_counts_what_was_said_and_is_not_crowded_by_it() {
    let (scribe, matter) = talked();
    let server = serve(scribe).await;
    // The tables follow the record.
    catch_up(server.app.db(), server.app.vault(), server.app.lives()).await.expect("caught up");
    let page = text(&server, &format!("/v/{VILLAGE}/m/{matter}")).await;
    assert!(page.contains("议事厅发言（2）") && !page.contains("已改进方案"), "{page}");
}

#[tokio::test]
async fn older_words_are_on_pages_of_their_own() {
    let (mut scribe, matter) = talked();
    for nth in 0..45 {
        scribe.wait_minutes(1).say(Role::Clerk, Some(matter), &format!("第{nth}句")).expect("a post");
    }
    let server = serve(scribe).await;
    catch_up(server.app.db(), server.app.vault(), server.app.lives()).await.expect("caught up");
    let page = text(&server, &path(matter)).await;
    assert!(page.contains("第44句") && page.contains("第5句") && !page.contains("第4句<"), "{page}");
    let at = page.find("before=").expect("an address") + "before=".len();
    let before: String = page[at..].chars().take_while(char::is_ascii_digit).collect();
    let earlier = text(&server, &format!("{}&before={before}", path(matter))).await;
    assert!(earlier.contains("第4句<") && earlier.contains("已改进方案") && !earlier.contains("第5句"), "{earlier}");
    assert!(!earlier.contains("看更早的发言") && !earlier.contains("data-follow"), "{earlier}");
}

#[tokio::test]
async fn a_representative_finds_the_form_and_an_outsider_does_not() {
    let (scribe, matter) = talked();
    let person = scribe.representative(1);
    let (server, cookie) = serve_for(scribe, person).await;
    let ask = |path: String| server.request(Method::GET, &path).header("accept", "text/html").header("cookie", &cookie);
    let page = ask(path(matter)).send().await.expect("an answer").text().await.expect("a text");
    let form = format!("/v/{VILLAGE}/do/hall.posted?role=representative&#38;matter={matter}");
    assert!(page.contains(&form) && !page.contains("document.withdrawn"), "{page}");
    let form = ask(form.replace("&#38;", "&")).send().await.expect("an answer");
    assert_eq!(form.status(), 200);
    let form = form.text().await.expect("a text");
    assert!(form.contains("name=\"text\"") && form.contains(&path(matter).replace('&', "&#38;")), "{form}");
}

#[tokio::test]
async fn what_is_taken_down_leaves_its_reason() {
    let (mut scribe, matter) = talked();
    scribe.wait_minutes(5).say(Role::Representative, Some(matter), "某某是骗子").expect("a post");
    let document = scribe.documents.last().expect("words").doc.sha256;
    let act = DocumentWithdrawn { document, reason: WithdrawReason::Conduct, replacement: None };
    let two = scribe.two();
    scribe.wait_minutes(5).act(&two, Header::default(), Act::DocumentWithdrawn(act)).expect("two");
    let server = serve(scribe).await;
    catch_up(server.app.db(), server.app.vault(), server.app.lives()).await.expect("caught up");
    let page = text(&server, &path(matter)).await;
    assert!(!page.contains("某某是骗子") && page.contains("违反议事规则") && page.contains("已改进方案"), "{page}");
}
