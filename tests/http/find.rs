//! Search in a village: words of titles and texts, the newest first, and nothing that the reader may not read.

use reqwest::Method;
use sunvote::core::act::Act;
use sunvote::core::act::matter::SuggestionEntered;
use sunvote::core::ids::MatterId;
use sunvote::core::model::{Category, Level, Media, Role, Source};
use sunvote::core::statement::Header;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::{Hand, Scribe};

use crate::harness::{Running, VILLAGE};
use crate::told::{ASSEMBLY, serve, text, village};

/// 硬化村西机耕路 at its ballot with a session called, 老茶厂出租 proposed.
fn two() -> (Scribe, MatterId, MatterId) {
    let mut scribe = village();
    let road = scribe.bring_to_ballot(&Draft::of(Category::M02)).expect("a ballot");
    let tea = Draft {
        title: "老茶厂出租 Lease".to_owned(),
        suggestion: "厂房空着可惜".to_owned(),
        plan: "租给茶业合作社".to_owned(),
        ..Draft::of(Category::M09)
    };
    let tea = scribe.bring_to_proposal(&tea).expect("a proposal");
    scribe.convene(ASSEMBLY, &[road]).expect("a session");
    (scribe, road, tea)
}

async fn find(server: &Running, query: &str) -> String {
    text(server, &format!("/v/{VILLAGE}/search?{query}")).await
}

fn of(id: MatterId) -> String {
    format!("href=\"/v/{VILLAGE}/m/{id}\"")
}

#[tokio::test]
async fn words_are_found_in_titles_plans_notices_and_calls_and_marked() {
    let (scribe, road, tea) = two();
    let server = serve(scribe).await;
    let found = find(&server, "q=机耕路").await;
    assert!(found.contains(&of(road)) && !found.contains(&of(tea)), "{found}");
    assert!(found.contains("硬化村西<mark>机耕路</mark>"), "marked: {found}");
    assert!(found.contains(&format!("href=\"/v/{VILLAGE}/notices/")), "the notice of its plan: {found}");
    assert!(found.contains(&format!("href=\"/v/{VILLAGE}/s/")), "the session on it: {found}");
    let session = found.find(&format!("href=\"/v/{VILLAGE}/s/")).expect("a session");
    let notice = found.find(&format!("href=\"/v/{VILLAGE}/notices/")).expect("a notice");
    assert!(session < notice, "the newest first");
    let plan = find(&server, "q=合作社").await;
    assert!(plan.contains(&of(tea)) && plan.contains("租给茶业<mark>合作社</mark>"), "around it in the plan: {plan}");
    assert!(find(&server, "q=LEASE").await.contains(&of(tea)), "small letters and capitals are the same");
    assert!(find(&server, "q=茶厂%20合作社").await.contains(&of(tea)), "one word in the title, one in the plan");
    let none = find(&server, "q=茶厂%20机耕路").await;
    assert!(none.contains("没有找到") && !none.contains("class=\"row-link\""), "all words must be there: {none}");
    let own = text(&server, &format!("/v/{VILLAGE}")).await;
    assert!(own.contains(&format!("action=\"/v/{VILLAGE}/search\"")), "{own}");
}

#[tokio::test]
async fn category_and_stage_filter_and_what_is_typed_is_only_words() {
    let (scribe, road, tea) = two();
    let server = serve(scribe).await;
    let leased = find(&server, "q=&category=M09").await;
    assert!(leased.contains(&of(tea)) && !leased.contains(&of(road)), "{leased}");
    assert!(leased.contains("<option value=\"M09\" selected>"), "{leased}");
    let voted = find(&server, "stage=5").await;
    assert!(voted.contains(&of(road)) && !voted.contains(&of(tea)), "{voted}");
    assert!(find(&server, "q=机耕路&category=M09").await.contains("没有找到"));
    assert!(find(&server, "stage=ended").await.contains("没有找到"));
    let unasked = find(&server, "stage=99&category=X&page=0").await;
    assert!(!unasked.contains("class=\"row-link\"") && !unasked.contains("没有找到"), "{unasked}");
    let typed = find(&server, "q=%3Cmark%3E%22%25_").await;
    assert!(typed.contains("没有找到") && !typed.contains("<mark>\""), "{typed}");
}

#[tokio::test]
async fn pages_have_twenty_and_lead_on() {
    let mut scribe = village();
    for nth in 0..21 {
        scribe.wait_minutes(1).suggest(&format!("村口装路灯，第{nth}盏")).expect("a suggestion");
    }
    let server = serve(scribe).await;
    let first = find(&server, "q=路灯").await;
    assert_eq!(first.matches("class=\"row-link\"").count(), 20);
    assert!(first.contains("找到21条") && first.contains("第20盏") && !first.contains("第0盏"), "{first}");
    let second = find(&server, "q=路灯&page=2").await;
    assert_eq!(second.matches("class=\"row-link\"").count(), 1);
    assert!(second.contains("第0盏"), "{second}");
}

#[tokio::test]
async fn only_who_may_read_a_text_finds_it_and_words_closed_to_the_village_are_found_by_nobody() {
    let mut scribe = village();
    let by = [Hand::Person(scribe.representative(0), Role::Representative)];
    let mut say = |level: Level, words: &str| {
        let text = scribe.document(level, Media::Text, words.as_bytes().to_vec());
        let header = Header::of(scribe.new_matter());
        let act = SuggestionEntered { text, source: Source::Online };
        scribe.act(&by, header, Act::SuggestionEntered(act)).expect("on record");
    };
    say(Level::Village, "给本村人看的山林账");
    say(Level::Officials, "给干部看的山林案");
    let server = serve(scribe).await;
    let path = format!("/v/{VILLAGE}/search?q=山林");
    let ask = async |who: &str| {
        let asked = server.request_as(who, Method::GET, &path).header("accept", "text/html").send().await;
        asked.expect("an answer").text().await.expect("a text")
    };
    let public = text(&server, &path).await;
    assert!(public.contains("没有找到") && !public.contains("山林账"), "{public}");
    let villager = ask("villager").await;
    assert!(villager.contains("<mark>山林</mark>账") && !villager.contains("山林</mark>案"), "{villager}");
    let official = ask("township_drafter-331102001").await;
    assert!(!official.contains("山林</mark>案"), "{official}");
    assert!(text(&server, &path).await.contains("没有找到"), "what others found is not kept for everybody");
}

#[tokio::test]
async fn what_comes_on_record_later_is_found_later() {
    let (mut writer, _, _) = two();
    let scribe = two().0;
    let server = serve(scribe).await;
    assert!(find(&server, "q=水库").await.contains("没有找到"));
    let text = writer.text("水库要清淤");
    let by = [Hand::Person(writer.representative(0), Role::Representative)];
    let act = Act::SuggestionEntered(SuggestionEntered { text, source: Source::Online });
    let statement = writer.draft(&by, Header::of(MatterId::from_bytes([9; 16])), act).expect("a statement");
    let envelope = writer.sign(&by, &statement).expect("signed").envelope;
    let doc = writer.documents.last().expect("the text");
    let new = sunvote::store::documents::NewDocument {
        village: VILLAGE.parse().expect("a code"),
        commitment: doc.doc.sha256,
        salt: doc.salt,
        media: doc.doc.media.code().to_owned(),
        level: doc.doc.level.code().to_owned(),
        display_end: None,
        stored: writer.now(),
        uploader: None,
        looks: None,
    };
    let (app, bytes) = (&server.app, doc.bytes.clone());
    let kept = app.db().put_document(app.objects(), app.vault(), &mut app.rng(), &new, bytes, 4 << 20).await;
    kept.expect("kept");
    server.app.submit(VILLAGE.parse().expect("a code"), envelope, None).await.expect("on record");
    assert!(find(&server, "q=水库").await.contains("<mark>水库</mark>"));
}
