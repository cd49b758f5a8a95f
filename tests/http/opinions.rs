//! The register of opinions: each with how it came, its reply and what came of it, as far as the reader may read it.

use std::collections::HashMap;

use reqwest::Method;
use sunvote::core::act::inquiry::{Addressee, Asked};
use sunvote::core::ids::MatterId;
use sunvote::core::model::Category;
use sunvote::log::scribe::Scribe;
use sunvote::log::scribe::matter::Draft;

use crate::harness::VILLAGE;
use crate::told::{serve, text, village};

const SECRET: &str = "乡里有人收了好处";

/// Opinions of visits answered before the plan, one of a meeting, an objection answered, one that waits, a concern, a complaint.
fn heard() -> (Scribe, MatterId) {
    let mut scribe = village();
    let draft = Draft {
        opinions: vec!["希望修好水沟".to_owned(), "=灯也装上".to_owned()], ..Draft::of(Category::M02)
    };
    let matter = scribe.bring_to_proposal(&draft).expect("a proposal");
    scribe.consult(matter, &draft).expect("a consultation");
    scribe.wait_minutes(5).settle_and_post(matter, &draft).expect("a notice");
    scribe.wait_minutes(5).object(matter, "路面太窄").expect("an objection");
    scribe.wait_minutes(5).answer_objection(matter, "已经放宽到四米").expect("an answer");
    scribe.wait_minutes(5).object(matter, "排水还不清楚").expect("another");
    scribe.wait_minutes(5).raise_concern(matter, "预算要写明").expect("a concern");
    scribe.wait_minutes(5).inquire(matter, Asked::Complaint, Addressee::Township, SECRET).expect("a complaint");
    (scribe, matter)
}

/// The part of the page about what was said so.
fn about<'p>(page: &'p str, words: &str) -> &'p str {
    let parts = page.split("<li class=\"opinion\">").skip(1);
    parts.filter(|part| part.contains(words)).last().unwrap_or_else(|| panic!("{words}: {page}"))
}

#[tokio::test]
async fn each_opinion_stands_there_with_its_reply_and_what_came_of_it() {
    let (scribe, matter) = heard();
    let server = serve(scribe).await;
    let page = text(&server, &format!("/v/{VILLAGE}/m/{matter}/opinions")).await;
    assert!(page.contains("共7条，还有3条没有答复"), "{page}");
    let visited = about(&page, "希望修好水沟");
    for words in ["水沟已列入方案", "入户", "网格员", "定方案前已听取", "定方案</a>"] {
        assert!(visited.contains(words), "{words}: {visited}");
    }
    let attended = about(&page, "<p class=\"talk-text\">列席人员意见</p>");
    assert!(attended.contains("会上") && !attended.contains("还没有答复"), "{attended}");
    let answered = about(&page, "路面太窄");
    assert!(answered.contains("已经放宽到四米") && answered.contains("已答复"), "{answered}");
    let waits = about(&page, "排水还不清楚");
    assert!(waits.contains("还没答复") && waits.contains("等待答复"), "{waits}");
    assert!(about(&page, "预算要写明").contains("还没答复"));
    assert!(!page.contains(SECRET), "who turns to the township need not fear that the village reads it");
    let own = text(&server, &format!("/v/{VILLAGE}/m/{matter}")).await;
    assert!(own.contains(&format!("href=\"/v/{VILLAGE}/m/{matter}/opinions\"")), "{own}");
    let fresh = text(&server, &format!("/v/{VILLAGE}/m/{matter}/opinions?page=99")).await;
    assert!(fresh.contains("希望修好水沟"), "a page beyond the last is the last");
}

#[tokio::test]
async fn an_official_reads_the_complaint_and_everyone_that_there_is_one() {
    let (scribe, matter) = heard();
    let server = serve(scribe).await;
    let path = format!("/v/{VILLAGE}/m/{matter}/opinions");
    let asked = server.request_as("township_drafter-331102001", Method::GET, &path).header("accept", "text/html");
    let page = asked.send().await.expect("an answer").text().await.expect("a text");
    assert!(page.contains(SECRET), "{page}");
    let public = text(&server, &path).await;
    assert_eq!(public.matches("<li class=\"opinion\">").count(), page.matches("<li class=\"opinion\">").count());
}

#[tokio::test]
async fn the_file_has_a_row_for_each_and_no_formula() {
    let (scribe, matter) = heard();
    let server = serve(scribe).await;
    let path = format!("/v/{VILLAGE}/m/{matter}/opinions/csv/file");
    let csv = text(&server, &path).await;
    let mut reader = csv::Reader::from_reader(csv.trim_start_matches('\u{feff}').as_bytes());
    let rows: Vec<HashMap<String, String>> = reader.deserialize().collect::<Result<_, _>>().expect("rows");
    assert_eq!(rows.len(), 7, "{csv}");
    let row =
        |words: &str| rows.iter().find(|row| row["意见"].contains(words)).unwrap_or_else(|| panic!("{words}: {csv}"));
    let visited = row("希望修好水沟");
    assert_eq!((visited["答复"].as_str(), visited["种类"].as_str()), ("水沟已列入方案", "意见"));
    assert!(visited["登记人"].starts_with("网格员") && visited["结果"].starts_with("定方案前已听取"), "{visited:?}");
    assert!(row("灯也装上")["意见"].starts_with('\''), "words never become formulas: {csv}");
    assert!(row("排水还不清楚")["结果"].starts_with("还没答复 "), "{csv}");
    assert!(!csv.contains(SECRET));
    assert_eq!(server.get(&path.replace("csv", "pdf")).await.status(), 404);
}

#[tokio::test]
async fn a_matter_without_opinions_says_so() {
    let mut scribe = village();
    let matter = scribe.suggest("修路").expect("a suggestion");
    let server = serve(scribe).await;
    let page = text(&server, &format!("/v/{VILLAGE}/m/{matter}/opinions")).await;
    assert!(page.contains("还没有登记意见"), "{page}");
    assert_eq!(server.get(&format!("/v/{VILLAGE}/m/01J0000000000000000000000M/opinions")).await.status(), 404);
}
