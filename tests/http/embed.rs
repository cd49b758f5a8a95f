//! The publicity window: framed by whom the settings name and by nobody else, the same for everyone, without cookie and script.

use reqwest::{Method, Response};
use sunvote::core::ids::MatterId;
use sunvote::core::model::Category;
use sunvote::log::scribe::Scribe;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::voting::Vote;

use crate::harness::{CSRF, NEIGHBOUR, Running, TestServer, VILLAGE, header};
use crate::told::{ASSEMBLY, text, village};

fn decided() -> (Scribe, MatterId) {
    let mut scribe = village();
    let draft = Draft { title: "村道修到河边".to_owned(), ..Draft::of(Category::M02) };
    let matter = scribe.bring_to_ballot(&draft).expect("a ballot");
    let session = scribe.gather(ASSEMBLY, &[matter], 45).expect("a session");
    let choices = [("for", 37), ("against", 5), ("abstain", 3)];
    scribe.hold(&Vote::on(session, matter, "q1").expect("a vote"), &choices).expect("a result");
    scribe.wait_minutes(10).sign_minutes(session).expect("minutes");
    scribe.post_resolution(matter).expect("posted");
    (scribe, matter)
}

async fn framed_by(origins: &str) -> (Running, [String; 3]) {
    let (scribe, matter) = decided();
    let server =
        TestServer::new().at(scribe.now()).with(|config| config.embed.origins = origins.parse().expect("origins"));
    let paths = ["/embed".to_owned(), format!("/embed/v/{VILLAGE}"), format!("/embed/v/{VILLAGE}/m/{matter}")];
    (server.with_village(scribe).start().await, paths)
}

fn framers(response: &Response) -> &str {
    let policy = header(response, "content-security-policy");
    policy.rsplit_once("frame-ancestors ").map(|(_, who)| who).unwrap_or_default()
}

#[tokio::test]
async fn only_windows_may_be_framed_and_only_by_whom_the_settings_name() {
    let (server, paths) = framed_by("https://jw.example https://app.example:8443").await;
    for path in &paths {
        let answer = server.get(path).await;
        assert_eq!(
            (answer.status().as_u16(), framers(&answer)),
            (200, "https://jw.example https://app.example:8443"),
            "{path}"
        );
        let policy = header(&answer, "content-security-policy").to_owned();
        assert!(policy.starts_with("default-src 'none'; style-src 'self';"), "{policy}");
        assert!(!policy.contains("script-src") && !policy.contains("connect-src"), "{policy}");
        assert!(policy.contains("form-action 'none'") && policy.contains("base-uri 'none'"), "{policy}");
    }
    for path in ["/", "/help", "/nowhere", "/feed.atom", "/embedded", &format!("/v/{VILLAGE}"), "/embed/v/x", "/login"]
    {
        assert_eq!(framers(&server.get(path).await), "'none'", "{path}");
    }
    let (server, paths) = framed_by("").await;
    for path in &paths {
        let answer = server.get(path).await;
        assert_eq!((answer.status().as_u16(), framers(&answer)), (200, "'none'"), "by nobody unless somebody is named");
    }
}

#[tokio::test]
async fn a_window_knows_nobody_and_leaves_nothing_behind() {
    let (server, paths) = framed_by("https://jw.example").await;
    for path in &paths {
        let path = format!("{path}?lang=en");
        let open = server.get(&path).await;
        assert_eq!(header(&open, "set-cookie"), "", "no cookie, whatever the address asks for");
        let open = open.text().await.expect("a text");
        // What a clerk with own cookies gets is what everyone gets.
        let personal = server.request(Method::GET, &path).header("cookie", "sunvote=clerk; lang=zh-CN; elder=3");
        let personal = personal.send().await.expect("an answer");
        assert_eq!(header(&personal, "cache-control"), "no-cache");
        assert_eq!(personal.text().await.expect("a text"), open);
        for word in ["<script", "<form", "<header", "<button", CSRF] {
            assert!(!open.contains(word), "{word}: {open}");
        }
        assert!(open.contains("<base target=\"_blank\">"), "links open the full page beside");
    }
    let cookie = server.request(Method::GET, &paths[0]).header("cookie", "lang=en").send().await.expect("an answer");
    assert!(cookie.text().await.expect("a text").contains("<html lang=\"zh-CN\""), "not by a cookie");
    let browser = server.request(Method::GET, &paths[0]).header("accept-language", "en-GB").send().await;
    assert!(browser.expect("an answer").text().await.expect("a text").contains("<html lang=\"en\""));
}

#[tokio::test]
async fn a_window_shows_what_is_decided_and_how_it_is_asked_to() {
    let (server, [all, of_village, of_matter]) = framed_by("https://jw.example").await;
    let page = text(&server, &all).await;
    for words in ["黄泥墩村", "当场宣布了结果", "村道修到河边"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let page = text(&server, &of_village).await;
    for words in ["<h1>黄泥墩村</h1>", "公布了决议", "村道修到河边"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let page = text(&server, &of_matter).await;
    for words in
        ["<h1>村道修到河边</h1>", "<dt>赞成</dt><dd>37</dd>", "<dt>反对</dt><dd>5</dd>", "<dt>弃权</dt><dd>3</dd>"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    for (query, class, sheet, scheme) in [
        ("", "plain", "/assets/embed.", "light dark"),
        ("?theme=dark", "plain", "/assets/embed-dark.", "\"dark\""),
        ("?theme=light&size=elder", "elder elder-1", "/assets/embed-light.", "\"light\""),
        ("?theme=%3Cb%3E&size=9", "plain", "/assets/embed.", "light dark"),
    ] {
        let page = text(&server, &format!("{of_village}{query}")).await;
        assert!(
            page.contains(&format!("class=\"{class}\"")) && page.contains(sheet) && page.contains(scheme),
            "{query}: {page}"
        );
        let address = page.split("rel=\"stylesheet\" href=\"").nth(1).and_then(|rest| rest.split('"').next());
        let styles = server.get(address.expect("a stylesheet")).await;
        assert_eq!((styles.status().as_u16(), header(&styles, "content-type")), (200, "text/css; charset=utf-8"));
    }
}

#[tokio::test]
async fn where_nothing_is_a_window_says_so() {
    let (server, _) = framed_by("https://jw.example").await;
    for path in [format!("/embed/v/{NEIGHBOUR}"), format!("/embed/v/{VILLAGE}/m/{}", MatterId::from_bytes([9; 16]))] {
        let answer = server.get(&path).await;
        assert_eq!((answer.status().as_u16(), framers(&answer)), (404, "https://jw.example"));
        let page = answer.text().await.expect("a text");
        assert!(page.contains("没有找到这一页") && !page.contains("<header"), "{page}");
    }
}
