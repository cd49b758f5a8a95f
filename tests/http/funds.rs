//! A village's money: the ledger is what the record says, and what a spreadsheet brings in is on record only once it is signed.

use std::io::Cursor;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use calamine::{Data, Reader as _, Xlsx};
use reqwest::multipart::{Form, Part};
use reqwest::{Method, Response};
use serde_json::json;
use sunvote::core::act::works::Work;
use sunvote::core::ids::MatterId;
use sunvote::core::model::Category;
use sunvote::log::dsse::{Envelope, STATEMENT_TYPE, keyid};
use sunvote::log::scribe::Scribe;
use sunvote::log::scribe::matter::Draft;

use crate::harness::{Running, VILLAGE};
use crate::intruders::page;
use crate::told::{ASSEMBLY, serve, serve_for, text, village};

/// A matter under way with a contract and a payment, one that was voted down.
fn spending() -> (Scribe, MatterId) {
    let mut scribe = village();
    let matter = scribe.bring_to_ballot(&Draft::of(Category::M02)).expect("filed");
    scribe.decide(ASSEMBLY, matter, 30, &[("for", 30)]).expect("decided");
    scribe.wait_days(1).post_resolution(matter).expect("posted");
    let ends = scribe.resolution_notice_ends(matter);
    scribe.at(ends).contract(matter, 9_000_000, &[]).expect("a contract");
    scribe.progress(matter, Work::Payment, 30, 120_050).expect("a payment");
    let rejected = scribe.bring_to_ballot(&Draft::of(Category::M04)).expect("filed");
    scribe.decide(ASSEMBLY, rejected, 30, &[("against", 30)]).expect("decided");
    (scribe, matter)
}

/// The clerk at a server.
struct Clerk {
    server: Running,
    cookie: String,
    csrf: String,
}

impl Clerk {
    async fn of(scribe: &Scribe) -> Self {
        let (server, cookie) = serve_for(scribe.clone(), scribe.clerk()).await;
        let settings = page(&server, &cookie, "/settings").await;
        let csrf = settings.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        Self { csrf: csrf.expect("a token").to_owned(), server, cookie }
    }

    async fn page(&self, path: &str) -> String {
        page(&self.server, &self.cookie, path).await
    }

    async fn upload(&self, bytes: Vec<u8>) -> String {
        let form = Form::new().text("csrf", self.csrf.clone());
        let form = form.part("file", Part::bytes(bytes).file_name("payments.csv"));
        let path = format!("/v/{VILLAGE}/funds/import");
        let request = self.server.request(Method::POST, &path).header("cookie", &self.cookie).multipart(form);
        request.send().await.expect("an answer").text().await.expect("a page")
    }

    async fn keep(&self, rows: &[String]) -> Response {
        let spelled = |text: &str| text.bytes().fold(String::new(), |all, byte| all + &format!("%{byte:02X}"));
        let rows = rows.iter().fold(String::new(), |all, row| all + "&row=" + &spelled(row));
        let request = self.server.request(Method::POST, &format!("/v/{VILLAGE}/funds/import/keep"));
        let request = request.header("cookie", &self.cookie).header("accept", "text/html");
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        request.body(format!("csrf={}{rows}", self.csrf)).send().await.expect("an answer")
    }
}

/// Values of rows that can be ticked; whether they are.
fn rows(page: &str) -> Vec<(String, bool)> {
    let boxes = page.split("name=\"row\" value=\"").skip(1);
    boxes
        .map(|rest| {
            let (value, after) = rest.split_once('"').expect("a value");
            (value.replace("&#38;", "&"), after.starts_with(" checked"))
        })
        .collect()
}

#[tokio::test]
async fn the_ledger_shows_what_was_approved_agreed_and_paid_and_nothing_that_was_voted_down() {
    let (scribe, matter) = spending();
    let allowed = scribe.state().matter(matter).expect("the matter").allowed_fen();
    let seq = scribe.state().matter(matter).expect("the matter").payments[0].seq;
    let server = serve(scribe).await;
    let page = text(&server, &format!("/v/{VILLAGE}/funds")).await;
    assert_eq!(page.matches(&format!("href=\"/v/{VILLAGE}/m/")).count(), 1, "one matter: {page}");
    assert!(page.contains("1,200.50元") && page.contains("90,000元") && page.contains(&format!("from={seq}#e{seq}")));
    let csv = text(&server, &format!("/v/{VILLAGE}/funds/csv/file")).await;
    assert!(csv.lines().nth(1).expect("a payment").contains(",1200.50,"), "{csv}");
    let file = server.get(&format!("/v/{VILLAGE}/funds/xlsx/file")).await.bytes().await.expect("bytes");
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(file.to_vec())).expect("a spreadsheet");
    let matters = book.worksheet_range_at(1).expect("a sheet").expect("readable");
    #[expect(clippy::cast_precision_loss, reason = "a small amount")]
    let yuan = allowed as f64 / 100.0;
    assert_eq!(matters.get_value((1, 1)), Some(&Data::Float(yuan)));
    assert_eq!(matters.get_value((1, 2)), Some(&Data::Float(90_000.0)));
    assert_eq!(matters.get_value((1, 3)), Some(&Data::Float(1_200.5)));
}

#[tokio::test]
async fn rows_of_a_spreadsheet_are_shown_with_their_faults_and_only_what_is_signed_is_on_record() {
    let (scribe, matter) = spending();
    let today = scribe.now().date();
    let clerk = Clerk::of(&scribe).await;
    let title = "硬化村西机耕路";
    let file = format!(
        "日期,事项,金额,凭证号,摘要\n{today},{title},1200.50,记11,首付\n{today},{matter},300,记12,二付\n{},{title},1,,\n\
         {today},修桥,1,,\n{today},{title},1.234,,\n昨天,{title},1,,\n{today},{title},1,,账号6222021234567890128\n",
        today.plus_days(1)
    );
    let shown = clerk.upload(file.into_bytes()).await;
    for fault in ["日期还没到", "没有正在落实的同名事项", "不是金额（元）", "不是日期", "有不能公开的号码"]
    {
        assert!(shown.contains(fault), "{fault}: {shown}");
    }
    assert!(shown.contains("7 行里有 2 行可以导入"), "{shown}");
    let found = rows(&shown);
    let ticked: Vec<bool> = found.iter().map(|(_, ticked)| *ticked).collect();
    assert_eq!(ticked, [false, true], "the same amount is on record already");
    assert!(!clerk.page("/sign").await.contains("/pending/"), "nothing is kept yet");

    let kept = clerk.keep(&[found[1].0.clone()]).await.text().await.expect("a page");
    assert!(kept.contains("有 1 笔付款等您签名"), "{kept}");
    let code = VILLAGE.parse().expect("a code");
    let (person, now) = (scribe.clerk(), clerk.server.app.now());
    let waiting = clerk.server.app.db().read("waiting", |tx| Box::pin(tx.half_signed_for(code, person, now, 9))).await;
    let [waiting] = &waiting.expect("rows")[..] else { panic!("one statement waits") };
    let paid = || async {
        clerk.server.app.lives().live(code).await.expect("live").state().matter(matter).map(|m| m.paid_fen)
    };
    assert_eq!(paid().await, Some(120_050), "not on record before it is signed");
    let key = scribe.someone(person).expect("the clerk").key.clone();
    let signed = Envelope::sign(STATEMENT_TYPE, waiting.payload.clone(), &[&key]);
    let public = sunvote::core::ids::PublicKey(key.verifying_key().to_bytes());
    let body = json!({"keyid": keyid(&public), "sig": BASE64_STANDARD.encode(signed.signatures[0].sig)});
    let path = format!("/api/v1/villages/{VILLAGE}/pending/{}/signatures", waiting.statement);
    let request =
        clerk.server.request(Method::POST, &path).header("cookie", &clerk.cookie).header("x-csrf", &clerk.csrf);
    assert_eq!(request.json(&body).send().await.expect("an answer").status(), 201);
    assert_eq!(paid().await, Some(150_050));
    let matters = clerk.page(&format!("/v/{VILLAGE}/m/{matter}")).await;
    assert!(matters.contains("付款 300.00 元。记12 二付"), "{matters}");
}

#[tokio::test]
async fn a_file_that_is_none_and_rows_that_were_never_shown_are_refused() {
    let (scribe, matter) = spending();
    let ended = scribe.state().matters.keys().copied().find(|id| *id != matter).expect("another");
    let today = scribe.now().date();
    let clerk = Clerk::of(&scribe).await;
    assert!(clerk.upload(b"\xff\xd8\xff picture".to_vec()).await.contains("文件读不出来"));
    assert_eq!(clerk.keep(&["anything".to_owned()]).await.status(), 400);
    let none = "01J0000000000000000000000M";
    assert_eq!(clerk.keep(&[format!("2~{none}~{today}~5~")]).await.status(), 400, "no such matter");
    let refused = clerk.keep(&[format!("2~{ended}~{today}~5~x")]).await.text().await.expect("a page");
    assert!(refused.contains("下面这些行没能保留") && !refused.contains("笔付款等您签名"), "{refused}");
}
