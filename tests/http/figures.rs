//! Figures: every number leads to the matters behind it, each of these to its page; the same as files, read back by other programs.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;

use calamine::{Data, Reader as _, Xlsx};
use sunvote::app::projection::catch_up;
use sunvote::core::act::Act;
use sunvote::core::act::matter::SuggestionEntered;
use sunvote::core::model::{Category, Level, Media, Role, Source, Stage};
use sunvote::core::statement::Header;
use sunvote::log::scribe::Scribe;
use sunvote::log::scribe::matter::Draft;

use crate::harness::{Running, TestServer, VILLAGE, header};
use crate::papers::read;
use crate::told::{ASSEMBLY, text, village};
use crate::village::NAME_SHOWN;

/// What a suggestion says that is for the village's people alone.
const FOR_THE_VILLAGE: &str = "隔壁王家的低保";

/// A matter carried out, one rejected, one returned, a suggestion that not everyone may read.
fn busy() -> Scribe {
    let mut scribe = village();
    let draft = Draft::of(Category::M02);
    let finished = scribe.bring_to_ballot(&draft).expect("filed");
    scribe.decide(ASSEMBLY, finished, 30, &[("for", 30)]).expect("decided");
    scribe.carry_out(finished, 12_600_005).expect("carried out");
    let rejected = scribe.bring_to_ballot(&Draft::of(Category::M04)).expect("filed");
    scribe.decide(ASSEMBLY, rejected, 30, &[("for", 10), ("against", 20)]).expect("decided");
    let returned = scribe.bring_to_filing(&Draft::of(Category::M06)).expect("submitted");
    scribe.return_to(returned, Stage::Consultation, "再商议").expect("returned");
    let matter = scribe.new_matter();
    let text = scribe.document(Level::Village, Media::Text, FOR_THE_VILLAGE.as_bytes().to_vec());
    let act = Act::SuggestionEntered(SuggestionEntered { text, source: Source::PaperBox });
    let clerk = scribe.hand(Role::Clerk);
    scribe.act(&[clerk], Header::of(matter), act).expect("suggested");
    scribe
}

async fn counted() -> Running {
    let scribe = busy();
    let server = TestServer::new().at(scribe.now()).with_village(scribe).start().await;
    catch_up(server.app.db(), server.app.vault(), server.app.lives()).await.expect("caught up");
    server
}

/// Links of a page with what they say.
fn links(page: &str, to: &str) -> BTreeMap<String, String> {
    let link = |rest: &str| {
        let (href, after) = rest.split_once('"')?;
        let words = after.split_once('>')?.1.split_once("</a>")?.0;
        let plain: String = words.split('<').map(|part| part.rsplit('>').next().unwrap_or_default()).collect();
        href.starts_with(to).then(|| (href.replace("&#38;", "&").replace("&amp;", "&"), plain))
    };
    page.split("href=\"").skip(1).filter_map(link).collect()
}

#[tokio::test]
async fn each_number_opens_the_matters_behind_it_and_each_of_them_its_page() {
    let server = counted().await;
    let mut lists = BTreeMap::new();
    for path in ["/figures", &format!("/figures?place={VILLAGE}"), "/figures?place=331102001&period=2026"] {
        lists.extend(links(&text(&server, path).await, "/figures/list?"));
    }
    assert!(lists.len() > 30, "{lists:?}");
    let mut matters = BTreeSet::new();
    for (list, words) in &lists {
        let page = text(&server, list).await;
        let lines = page.matches("class=\"row-link\"").count();
        assert!(lines > 0, "{list} has nothing");
        // Where the number counts matters or votes and no members, there are as many.
        if let Some(many) = words.parse::<usize>().ok().filter(|_| !list.contains("code=due")) {
            assert_eq!(lines, many, "{list}");
        }
        matters.extend(links(&page, &format!("/v/{VILLAGE}/m/")).into_keys());
        assert!(!page.contains(FOR_THE_VILLAGE), "{list} shows what is for the village alone");
    }
    assert_eq!(matters.len(), 4);
    for matter in matters {
        assert_eq!(server.get(&matter).await.status(), 200, "{matter}");
    }
}

#[tokio::test]
async fn figures_are_of_the_place_time_category_and_body_that_the_address_names() {
    let server = counted().await;
    let opened = async |path: &str| {
        let page = text(&server, path).await;
        let after = page.split("提出的事项</dt><dd>").nth(1).expect("a number").to_owned();
        let number = after.split("</dd>").next().unwrap_or_default().to_owned();
        number.split('>').nth(1).unwrap_or(&number).split('<').next().unwrap_or_default().to_owned()
    };
    assert_eq!(opened("/figures").await, "4");
    assert_eq!(opened("/figures?place=331102001&category=M04").await, "1");
    assert_eq!(opened("/figures?category=none").await, "1");
    assert_eq!(opened("/figures?body=members_assembly").await, "0");
    assert_eq!(opened("/figures?period=2025").await, "0");
    assert_eq!(opened("/figures?period=2026").await, "4");
    assert_eq!(opened("/figures?from=2026-01&to=2026-12").await, "4");
    // What can't be read is taken as not chosen; a place that isn't there is not found.
    assert_eq!(opened("/figures?period=x&category=M11&body=y&from=z").await, "4");
    for path in [
        "/figures?place=331",
        "/figures?place=44",
        "/figures?place=331102001999",
        "/figures/list?measure=x",
        "/figures/list?measure=left&code=x",
        "/figures/doc/file",
    ] {
        assert_eq!(server.get(path).await.status(), 404, "{path}");
    }
    let front = [text(&server, "/").await, text(&server, "/t/331102001").await];
    assert!(front[0].contains("href=\"/figures\"") && front[1].contains("href=\"/figures?place=331102001\""));
}

#[tokio::test]
async fn the_same_figures_come_as_tables_that_other_programs_read() {
    let server = counted().await;
    let answer = server.get("/figures/csv/file?period=2026").await;
    assert_eq!(header(&answer, "content-type"), "text/csv; charset=utf-8");
    assert_eq!(header(&answer, "content-disposition"), "attachment; filename=\"figures-331102-2026-01-2026-12.csv\"");
    let csv = answer.text().await.expect("a text");
    let mut reader = ::csv::Reader::from_reader(csv.trim_start_matches('\u{feff}').as_bytes());
    let rows: Vec<::csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
    let sum = |place: &str, measure: &str, code: &str| {
        let row = rows.iter().find(|row| (&row[0], &row[2], &row[3]) == (place, measure, code));
        row.map(|row| format!("{}|{}|{}", &row[5], &row[6], &row[7])).unwrap_or_default()
    };
    assert_eq!(sum("331102", "opened", "ended"), "2||");
    assert_eq!(sum("331102001", "paid", ""), "1||126000.05");
    assert_eq!(sum("331102", "returned", ""), "1||");
    assert_eq!(sum("331102", "vote", "present"), "2|60|");

    let answer = server.get("/figures/xlsx/file").await;
    assert!(header(&answer, "content-type").ends_with("spreadsheetml.sheet"));
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(answer.bytes().await.expect("bytes"))).expect("a spreadsheet");
    assert_eq!(book.sheet_names().len(), 3);
    let sheet = book.worksheet_range(&book.sheet_names()[0].clone()).expect("a sheet");
    let paid =
        sheet.rows().find(|row| row[0] == Data::String("331102".into()) && row[2] == Data::String("paid".into()));
    assert_eq!(paid.expect("a row")[7], Data::Float(126_000.05));

    let list = server.get("/figures/list/csv/file?measure=ended").await.text().await.expect("a text");
    let lines: Vec<&str> = list.lines().collect();
    assert_eq!(lines.len(), 3, "{list}");
    assert!(lines[1].contains(NAME_SHOWN) && lines[1].contains(&format!("/v/{VILLAGE}/m/")), "{list}");
    let opened = server.get("/figures/list/xlsx/file?measure=opened").await.bytes().await.expect("bytes");
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(opened)).expect("a spreadsheet");
    let sheet = book.worksheet_range(&book.sheet_names()[0].clone()).expect("a sheet");
    assert_eq!(sheet.rows().count(), 5);
    assert!(sheet.used_cells().all(|(_, _, cell)| !cell.to_string().contains(FOR_THE_VILLAGE)));
}

#[tokio::test]
async fn the_report_says_on_paper_what_the_page_says() {
    let server = counted().await;
    let said = read(server.get(&format!("/figures/report/file?place={VILLAGE}&period=2026")).await).await;
    for words in
        [NAME_SHOWN, "公开数据报告", "2026年", "提出的事项4", "已经支付126,000.05元", "乡镇退回1", "应到", "未通过"]
    {
        assert!(said.contains(words), "{words} is missing: {said}");
    }
    assert!(!said.contains(FOR_THE_VILLAGE));
}
