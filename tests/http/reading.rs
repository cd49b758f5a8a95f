//! Public pages of a village: what everyone reads, what only people of the village read, and what isn't there.

use reqwest::Method;
use rstest::rstest;
use sunvote::core::act::Act;
use sunvote::core::act::matter::SuggestionEntered;
use sunvote::core::clock::Time;
use sunvote::core::ids::MatterId;
use sunvote::core::model::{Body, Category, Doc, Level, Media, Role, Source, Stage};
use sunvote::core::statement::Header;
use sunvote::http::i18n::Lang;
use sunvote::log::note::{Algorithm, VerifierKey};
use sunvote::log::proof::ProofFile;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::people::Term;
use sunvote::log::scribe::{Founding, Hand, Scribe};
use sunvote::store::error::StoreError;

use crate::harness::{Running, TestServer, VILLAGE, header};
use crate::village::{NAME_SHOWN, TOWNSHIP_SHOWN};

const ASSEMBLY: Body = Body::RepresentativeAssembly;

/// A village with one finished matter, one rejected, one returned and one on the board.
pub fn scribe() -> (Scribe, [MatterId; 4]) {
    let time = "2026-03-02T01:00:00.000Z".parse().expect("a time");
    let founding = Founding::invented(VILLAGE.parse().expect("a code"), "liandu.example", time, 7);
    let mut scribe = Scribe::found(founding).expect("a village");
    scribe.settle(&Term::default()).expect("a term");
    let draft = Draft::of(Category::M02);
    let finished = scribe.bring_to_ballot(&draft).expect("a ballot");
    scribe.decide(ASSEMBLY, finished, 30, &[("for", 16), ("against", 10), ("abstain", 4)]).expect("a result");
    scribe.carry_out(finished, draft.amount_fen).expect("an end");
    let rejected =
        scribe.bring_to_ballot(&Draft { title: "村口建停车场".to_owned(), ..draft.clone() }).expect("a ballot");
    scribe.decide(ASSEMBLY, rejected, 30, &[("for", 15), ("against", 15)]).expect("a result");
    let returned =
        scribe.bring_to_filing(&Draft { title: "老茶厂出租".to_owned(), ..draft.clone() }).expect("a filing");
    scribe.return_to(returned, Stage::Consultation, "请补充询价单").expect("a return");
    let posted =
        scribe.bring_to_proposal(&Draft { title: "溪边步道修复".to_owned(), ..draft.clone() }).expect("a proposal");
    scribe.consult(posted, &draft).expect("a consultation");
    scribe.settle_and_post(posted, &draft).expect("a notice");
    (scribe, [finished, rejected, returned, posted])
}

/// Puts an entry on record that names a document: until then only its uploader sees it.
fn name(scribe: &mut Scribe, doc: &Doc) {
    let by = [Hand::Person(scribe.representative(0), Role::Representative)];
    let header = Header::of(scribe.new_matter());
    let act = SuggestionEntered { text: doc.clone(), source: Source::Online };
    scribe.act(&by, header, Act::SuggestionEntered(act)).expect("on record");
}

async fn server() -> (Running, [MatterId; 4]) {
    let (scribe, matters) = scribe();
    (TestServer::new().with_village(scribe).start().await, matters)
}

async fn get(server: &Running, path: &str) -> reqwest::Response {
    server.request(Method::GET, path).header("accept", "text/html").send().await.expect("an answer")
}

async fn text(server: &Running, path: &str) -> String {
    let answer = server.request(Method::GET, path).header("accept", "text/html").send().await.expect("an answer");
    assert_eq!(answer.status(), 200, "{path}");
    let text = answer.text().await.expect("a text");
    assert!(
        !text.contains('⟦'),
        "{path}: {}",
        text.split('⟦').nth(1).unwrap_or_default().split('⟧').next().unwrap_or_default()
    );
    text
}

#[tokio::test]
async fn the_front_page_leads_to_township_village_and_matter() {
    let (server, [finished, ..]) = server().await;
    let front = text(&server, "/").await;
    assert!(front.contains(TOWNSHIP_SHOWN) && front.contains("href=\"/t/331102001\""));
    assert!(front.contains("硬化村西机耕路"), "the newest result");
    let township = text(&server, "/t/331102001").await;
    assert!(township.contains(NAME_SHOWN) && township.contains(&format!("href=\"/v/{VILLAGE}\"")));
    let village = text(&server, &format!("/v/{VILLAGE}")).await;
    assert!(village.contains(&format!("href=\"/v/{VILLAGE}/m/{finished}\"")));
}

#[tokio::test]
async fn a_village_is_found_by_part_of_its_name() {
    let (server, _) = server().await;
    assert!(text(&server, "/search?q=泥墩").await.contains(&format!("href=\"/v/{VILLAGE}\"")));
    assert!(!text(&server, "/search?q=白云").await.contains(&format!("href=\"/v/{VILLAGE}\"")));
    assert!(
        !text(&server, "/search").await.contains(&format!("href=\"/v/{VILLAGE}\"")),
        "an empty search finds nothing"
    );
}

#[tokio::test]
async fn a_finished_matter_shows_plan_result_rule_and_who_acted() {
    let (server, [finished, ..]) = server().await;
    let page = text(&server, &format!("/v/{VILLAGE}/m/{finished}")).await;
    assert!(page.contains("硬化村西机耕路") && page.contains("200,000元"));
    assert!(page.contains("已办结"));
    for text in ["村西机耕路下雨难走", "硬化机耕路 800 米", "希望同时修好路边水沟", "水沟已列入方案", "是否同意该方案"]
    {
        assert!(page.contains(text), "{text}");
    }
    assert!(page.contains("<b>16</b>") && page.contains("以30人为准，赞成满16票通过"), "numbers and rule");
    assert!(page.contains("应到") && page.contains("<dd>45</dd>"));
}

#[tokio::test]
async fn fifteen_of_thirty_is_shown_as_not_passed() {
    let (server, [_, rejected, ..]) = server().await;
    let page = text(&server, &format!("/v/{VILLAGE}/m/{rejected}")).await;
    assert!(page.contains("未通过") && page.contains("以30人为准，赞成满16票通过"));
}

#[tokio::test]
async fn a_returned_matter_says_why() {
    let (server, [_, _, returned, _]) = server().await;
    let page = text(&server, &format!("/v/{VILLAGE}/m/{returned}")).await;
    assert!(page.contains("被退回") && page.contains("请补充询价单"));
}

#[tokio::test]
async fn names_of_voters_are_for_the_village_and_names_of_officers_for_everyone() {
    let (server, [finished, ..]) = server().await;
    let (scribe, _) = scribe();
    let name = |id| scribe.someone(id).expect("someone").name.clone();
    let path = format!("/v/{VILLAGE}/m/{finished}");
    let public = text(&server, &path).await;
    assert!(public.contains(&name(scribe.clerk())), "the clerk signs in an office");
    let session = scribe.state().sessions.values().next().expect("a session");
    let offices = [scribe.clerk(), scribe.chair(), scribe.secretary()];
    let plain: Vec<String> = session
        .roster
        .values()
        .filter(|id| scribe.in_role(sunvote::core::model::Role::Representative).contains(id) && !offices.contains(id))
        .map(|id| name(*id))
        .collect();
    let shown = plain.iter().filter(|name| public.contains(name.as_str())).count();
    let own =
        server.request_as("clerk", Method::GET, &path).header("accept", "text/html").send().await.expect("an answer");
    let own = own.text().await.expect("a text");
    let shown_there = plain.iter().filter(|name| own.contains(name.as_str())).count();
    assert!(shown < 4 && shown_there >= 25, "{shown} public, {shown_there} in the village");
}

#[tokio::test]
async fn the_board_shows_what_stands_and_what_is_past() {
    let (server, [finished, _, _, posted]) = server().await;
    let board = text(&server, &format!("/v/{VILLAGE}/notices")).await;
    let (open, past) = board.split_once("board-past").expect("past notices");
    assert!(past.contains(&finished.to_string()));
    // The test's clock stands in 2027: the window of 2026 is over.
    assert!(!open.contains(&posted.to_string()) && past.contains(&posted.to_string()));
}

#[rstest]
#[case("/t/331102099")]
#[case("/t/abc")]
#[case("/v/331102001999")]
#[case("/v/331102001206/m/01ARZ3NDEKTSV4RRFFQ69G5FAV")]
#[case("/v/331102001206/m/01arz3ndektsv4rrffq69g5fav")]
#[case("/v/331102001999/notices")]
#[tokio::test]
async fn what_does_not_exist_is_not_found(#[case] path: &str) {
    let (server, _) = server().await;
    let answer = server.request(Method::GET, path).header("accept", "text/html").send().await.expect("an answer");
    assert_eq!(answer.status(), 404, "{path}");
}

#[tokio::test]
async fn every_page_reads_in_english_and_in_elder_mode() {
    let (server, matters) = server().await;
    let mut paths = vec!["/".to_owned(), "/t/331102001".to_owned(), format!("/v/{VILLAGE}")];
    paths.extend(matters.iter().map(|id| format!("/v/{VILLAGE}/m/{id}")));
    for path in paths {
        let english = server.request(Method::GET, &path).header("cookie", "lang=en; elder=2").send().await;
        let english = english.expect("an answer").text().await.expect("a text");
        assert!(english.contains("<html lang=\"en\" class=\"elder elder-2\">"), "{path}");
        assert!(!english.contains('⟦'), "{path}");
    }
}

#[tokio::test]
async fn a_session_shows_attendance_agenda_and_result() {
    let (server, _) = server().await;
    let (scribe, _) = scribe();
    let (id, session) = scribe.state().sessions.iter().next().expect("a session");
    let page = text(&server, &format!("/v/{VILLAGE}/s/{id}")).await;
    assert!(page.contains("硬化村西机耕路") && page.contains("是否同意该方案") && page.contains("<b>16</b>"));
    assert!(page.contains(&format!("<dd>{}</dd>", session.there().len())));
    let tellers = session.tellers.as_ref().expect("tellers");
    let caller = scribe.someone(tellers.caller).expect("someone").name.clone();
    assert!(page.contains(&caller), "who counts is public");
}

#[tokio::test]
async fn the_record_reads_as_sentences_page_by_page() {
    let (server, _) = server().await;
    let (scribe, _) = scribe();
    let size = scribe.entries.len();
    let newest = text(&server, &format!("/v/{VILLAGE}/record")).await;
    assert!(newest.contains(&format!("id=\"e{}\"", size - 1)) && !newest.contains("id=\"e0\""));
    assert!(newest.contains(&scribe.ledger().frontier.root().to_string()));
    let oldest = text(&server, &format!("/v/{VILLAGE}/record?from=0")).await;
    assert!(oldest.contains("id=\"e0\"") && oldest.contains("区级根密钥"));
    let beyond = text(&server, &format!("/v/{VILLAGE}/record?page=99999")).await;
    assert!(beyond.contains("id=\"e0\""));
}

#[tokio::test]
async fn the_record_is_downloaded_byte_for_byte() {
    let (server, _) = server().await;
    let (scribe, _) = scribe();
    let answer = get(&server, &format!("/v/{VILLAGE}/record/file")).await;
    assert!(header(&answer, "content-disposition").contains("331102001206.sunvote"));
    let file = answer.bytes().await.expect("bytes");
    assert!(file == scribe.export().expect("a file"), "the download is the record");
}

#[tokio::test]
async fn a_document_is_open_by_its_level_and_gone_when_withdrawn() {
    let (mut scribe, _) = scribe();
    let public = scribe.text("张榜的方案");
    let own = scribe.document(Level::Village, Media::Text, "只给本村人看的话".as_bytes().to_vec());
    let officials = scribe.document(Level::Officials, Media::Text, "只给镇里看的话".as_bytes().to_vec());
    for doc in [&public, &own, &officials] {
        name(&mut scribe, doc);
    }
    let server = TestServer::new().with_village(scribe).start().await;
    let file = |doc: &Doc| format!("/v/{VILLAGE}/d/{}/file", doc.sha256);
    let status = async |who: Option<&str>, path: &str| {
        let request = match who {
            Some(who) => server.request_as(who, Method::GET, path),
            None => server.request(Method::GET, path),
        };
        request.send().await.expect("an answer").status().as_u16()
    };
    let answer = get(&server, &file(&public)).await;
    assert_eq!(header(&answer, "content-type"), "text/plain; charset=utf-8");
    assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
    assert_eq!(answer.text().await.expect("a text"), "张榜的方案");
    assert_eq!(status(None, &file(&own)).await, 401);
    assert_eq!(status(Some("representative"), &file(&own)).await, 200);
    assert_eq!(status(Some("representative-331102001207"), &file(&own)).await, 403);
    assert_eq!(status(Some("representative"), &file(&officials)).await, 403);
    assert_eq!(status(Some("supervision_committee"), &file(&officials)).await, 200);
    assert_eq!(status(None, &format!("/v/{VILLAGE}/d/{}/file", "00".repeat(32))).await, 404);
    let page = text(&server, &format!("/v/{VILLAGE}/d/{}", own.sha256)).await;
    assert!(!page.contains("只给本村人看的话"), "a closed document's page holds none of it");
    let (village, name) = (VILLAGE.parse().expect("a code"), public.sha256);
    let time = Time::from_ms(1_790_000_000_000).expect("a time");
    let withdraw = server.app.db().write("withdraw", |tx| Box::pin(tx.withdraw_document(village, name, time)));
    let withdrawn: Result<bool, StoreError> = withdraw.await;
    assert!(withdrawn.expect("a written row"));
    assert_eq!(status(None, &file(&public)).await, 410);
    let page = text(&server, &format!("/v/{VILLAGE}/d/{}", public.sha256)).await;
    assert!(!page.contains("张榜的方案"));
}

#[tokio::test]
async fn a_picture_is_made_small_and_sent_once() {
    let (mut scribe, _) = scribe();
    let mut png = std::io::Cursor::new(Vec::new());
    let byte = |n: u32| u8::try_from(n % 256).unwrap_or(0);
    let noise = |x: u32, y: u32| image::Rgb([byte(x * 7 + y * 13), byte(x * y), byte(x ^ y)]);
    image::RgbImage::from_fn(900, 700, noise).write_to(&mut png, image::ImageFormat::Png).expect("a picture");
    let doc = scribe.document(Level::Public, Media::Png, png.into_inner());
    name(&mut scribe, &doc);
    let server = TestServer::new().with_village(scribe).start().await;
    let path = format!("/v/{VILLAGE}/d/{}/thumb", doc.sha256);
    let answer = get(&server, &path).await;
    assert_eq!(header(&answer, "content-type"), "image/jpeg");
    let tag = header(&answer, "etag").to_owned();
    let small = image::load_from_memory(&answer.bytes().await.expect("bytes")).expect("a picture");
    assert_eq!((small.width(), small.height()), (480, 373));
    let again = server.request(Method::GET, &path).header("if-none-match", tag).send().await.expect("an answer");
    assert_eq!(again.status(), 304);
}

#[tokio::test]
async fn the_check_page_verifies_the_record_and_says_what_it_found() {
    let (server, _) = server().await;
    let (scribe, _) = scribe();
    let page = text(&server, &format!("/check?village={VILLAGE}")).await;
    assert!(page.contains("verdict-complete"), "lawful from first entry to last");
    let grouped = scribe.entries.len().to_string();
    assert!(page.contains(&format!("<dd>{grouped}</dd>")) || scribe.entries.len() > 999);
    assert!(text(&server, "/check").await.contains("data-check-receipt"));
}

#[tokio::test]
async fn a_receipt_is_verified_and_offered_as_a_file_that_holds_without_the_server() {
    let (server, _) = server().await;
    let (scribe, _) = scribe();
    let leaf = scribe.entries[5].at.leaf;
    let page = text(&server, &format!("/receipt/{VILLAGE}/5?leaf={leaf}")).await;
    assert!(page.contains(&leaf.to_string()) && page.contains("<svg"));
    let file = get(&server, &format!("/receipt/{VILLAGE}/5/file")).await.bytes().await.expect("bytes");
    let proof = ProofFile::parse(&file).expect("a proof file");
    let state = scribe.state();
    let key = VerifierKey::new(&state.origin, Algorithm::Ed25519, &state.log_key).expect("a key");
    let (entry, _) = proof.verify_receipt(&key).expect("a good receipt");
    assert_eq!(entry.seq, 5);
    let other = scribe.entries[6].at.leaf;
    assert_eq!(get(&server, &format!("/receipt/{VILLAGE}/5?leaf={other}")).await.status(), 409, "a false paper");
    assert_eq!(get(&server, &format!("/receipt/{VILLAGE}/99999")).await.status(), 404);
}

#[tokio::test]
async fn a_notice_can_be_printed_with_its_code_and_the_state_of_the_record() {
    let (server, [finished, ..]) = server().await;
    let (scribe, _) = scribe();
    let notice = scribe.state().matter(finished).and_then(|matter| matter.resolution_notice).expect("a notice");
    let page = text(&server, &format!("/v/{VILLAGE}/notices/{}", notice.at.seq)).await;
    assert!(page.contains("硬化村西机耕路") && page.contains("<svg"));
    assert!(page.contains(&scribe.ledger().frontier.root().to_string()));
    assert_eq!(get(&server, &format!("/v/{VILLAGE}/notices/0")).await.status(), 404, "the founding is no notice");
}

/// Whoever has no phone reads on the sheet what the plan is, what it costs, who decides and until when to object.
#[tokio::test]
async fn a_posted_plan_hangs_with_its_words() {
    let (server, [.., posted]) = server().await;
    let (scribe, _) = scribe();
    let notice = scribe.state().matter(posted).and_then(|matter| matter.plan_notice).expect("a notice");
    let page = text(&server, &format!("/v/{VILLAGE}/notices/{}", notice.at.seq)).await;
    let (_, sheet) = page.split_once("sheet-title").expect("a sheet");
    let draft = Draft::of(Category::M02);
    let plan = scribe.state().matter(posted).and_then(|matter| matter.settled.clone()).expect("a plan");
    for said in ["溪边步道修复", "sheet-plan", "村民代表会议表决", "赞成票要", "异议", "24时", "没有手机"]
    {
        assert!(sheet.contains(said), "{said}\n{sheet}");
    }
    assert!(sheet.contains(&Lang::ZhCn.money(draft.amount_fen)), "{sheet}");
    assert!(sheet.contains(&Lang::ZhCn.date(notice.ends.last_day())), "its last day");
    assert!(!sheet.contains(&format!("/d/{}", plan.plan.sha256)), "the plan is printed, not attached");
    assert!(!sheet.contains("class=\"papers\""), "the notice is no paper of itself");
}

#[tokio::test]
async fn help_and_settings_are_there_for_everyone() {
    let (server, _) = server().await;
    text(&server, "/help").await;
    text(&server, "/settings").await;
}
