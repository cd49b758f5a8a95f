//! What is sent to a group: a picture whose code leads to the matter, words that everyone may read and no others.

use std::process::Command;

use reqwest::Method;
use sunvote::core::act::Act;
use sunvote::core::act::matter::SuggestionEntered;
use sunvote::core::ids::MatterId;
use sunvote::core::model::{Level, Media, Role, Source};
use sunvote::core::statement::Header;
use sunvote::log::scribe::voting::Vote;
use sunvote::log::scribe::{Hand, Scribe};

use crate::harness::{Running, VILLAGE, header};
use crate::told::{ASSEMBLY, at_ballot, serve, text, village};

const WITHHELD: &str = "给困难户的补助名单";

async fn picture(server: &Running, matter: MatterId, query: &str) -> Vec<u8> {
    let answer = server.get(&format!("/v/{VILLAGE}/m/{matter}/share/file{query}")).await;
    assert_eq!((answer.status().as_u16(), header(&answer, "content-type")), (200, "image/png"));
    answer.bytes().await.expect("bytes").to_vec()
}

/// What a phone reads in a picture.
fn scanned(server: &Running, picture: &[u8]) -> String {
    let path = server.folder.path().join("share.png");
    std::fs::write(&path, picture).expect("a file");
    let read = Command::new("zbarimg").args(["-q", "--raw"]).arg(&path).output().expect("zbar-tools");
    String::from_utf8(read.stdout).expect("a text").trim().to_owned()
}

#[tokio::test]
async fn a_picture_leads_to_its_matter_and_the_text_says_the_same() {
    let (mut scribe, matter) = at_ballot();
    scribe.convene(ASSEMBLY, &[matter]).expect("a session");
    let server = serve(scribe).await;
    let bytes = picture(&server, matter, "").await;
    let drawn = image::load_from_memory(&bytes).expect("a picture").to_rgb8();
    assert!(drawn.width() == 1080 && drawn.height() >= 1440, "{:?}", drawn.dimensions());
    let title = drawn.enumerate_pixels().filter(|(_, y, pixel)| (100..300).contains(y) && pixel.0[0] < 90).count();
    assert!(title > 5_000, "the title is drawn: {title} dark pixels");
    let link = format!("{}/v/{VILLAGE}/m/{matter}", server.base);
    assert_eq!(scanned(&server, &bytes), link);
    let page = text(&server, &format!("/v/{VILLAGE}/m/{matter}/share")).await;
    for words in ["硬化村西机耕路", "金额：200,000元", "开会表决", "村会堂", &link, "不用登录"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(page.contains(&format!("src=\"/v/{VILLAGE}/m/{matter}/share/file?lang=zh-CN\"")), "{page}");
    let about = text(&server, &format!("/v/{VILLAGE}/m/{matter}")).await;
    assert!(about.contains(&format!("href=\"/v/{VILLAGE}/m/{matter}/share\"")), "{about}");
    assert_ne!(picture(&server, matter, "?lang=en").await, bytes, "in the reader's language");
    let none = server.get(&format!("/v/{VILLAGE}/m/01J0000000000000000000000M/share")).await;
    assert_eq!(none.status(), 404);
}

#[tokio::test]
async fn a_result_stands_in_the_text() {
    let (mut scribe, matter) = at_ballot();
    let session = scribe.gather(ASSEMBLY, &[matter], 45).expect("a session");
    let choices = [("for", 37), ("against", 5), ("abstain", 3)];
    scribe.hold(&Vote::on(session, matter, "q1").expect("a vote"), &choices).expect("a result");
    scribe.wait_minutes(10).sign_minutes(session).expect("minutes");
    let server = serve(scribe).await;
    let page = text(&server, &format!("/v/{VILLAGE}/m/{matter}/share")).await;
    assert!(page.contains("赞成 37") && page.contains("反对 5") && page.contains("弃权 3"), "{page}");
}

/// A matter that is called by a suggestion which only the village may read.
fn withheld() -> (Scribe, MatterId) {
    let mut scribe = village();
    let text = scribe.document(Level::Village, Media::Text, WITHHELD.as_bytes().to_vec());
    let (by, matter) = ([Hand::Person(scribe.representative(0), Role::Representative)], scribe.new_matter());
    let act = SuggestionEntered { text, source: Source::Online };
    scribe.act(&by, Header::of(matter), Act::SuggestionEntered(act)).expect("on record");
    (scribe, matter)
}

#[tokio::test]
async fn a_title_that_is_not_for_everyone_is_not_sent_whoever_asks() {
    let (scribe, matter) = withheld();
    let server = serve(scribe).await;
    let (path, own) = (format!("/v/{VILLAGE}/m/{matter}/share"), format!("/v/{VILLAGE}/m/{matter}"));
    assert!(!text(&server, &path).await.contains(WITHHELD));
    let as_clerk = async |path: &str| {
        let asked = server.request_as("clerk", Method::GET, path).header("accept", "text/html").send().await;
        asked.expect("an answer").bytes().await.expect("bytes").to_vec()
    };
    let held = |page: &[u8]| String::from_utf8_lossy(page).contains(WITHHELD);
    assert!(held(&as_clerk(&own).await), "the clerk reads it on the matter's page");
    assert!(!held(&as_clerk(&path).await), "and still it is not sent");
    let file = format!("{path}/file");
    assert_eq!(as_clerk(&file).await, picture(&server, matter, "").await);
}
