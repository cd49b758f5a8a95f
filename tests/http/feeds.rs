//! Feeds of the steps that everyone may follow, as other people's programs read them.

use std::collections::BTreeSet;

use atom_syndication::{Feed, Link};
use reqwest::Method;
use roxmltree::Document;
use sunvote::app::projection;
use sunvote::core::act::Act;
use sunvote::core::act::village::{DocumentWithdrawn, WithdrawReason};
use sunvote::core::ids::MatterId;
use sunvote::core::model::Category;
use sunvote::core::statement::Header;
use sunvote::log::scribe::Scribe;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::voting::Vote;

use crate::harness::{NEIGHBOUR, Running, TestServer, VILLAGE, header};
use crate::told::{ASSEMBLY, serve, text, village};

/// A title that would be markup, end a section of text, or be no character at all in XML.
const HOSTILE: &str = "修<b>路</b>&amp;\"'</title>]]>\u{b}\u{0}<!--\u{fffe}";

fn draft(title: &str) -> Draft {
    Draft { title: title.to_owned(), suggestion: "有人建议修路".to_owned(), ..Draft::of(Category::M02) }
}

/// A matter that was voted on and carried out, and one that was only suggested.
fn with_two_matters() -> (Scribe, MatterId, MatterId) {
    let mut scribe = village();
    let matter = scribe.bring_to_ballot(&draft(HOSTILE)).expect("a ballot");
    let session = scribe.gather(ASSEMBLY, &[matter], 45).expect("a session");
    scribe.hold(&Vote::on(session, matter, "q1").expect("a vote"), &[("for", 40), ("against", 5)]).expect("a result");
    scribe.wait_minutes(10).sign_minutes(session).expect("minutes");
    let second = scribe.suggest("张三家门口的灯坏了").expect("a suggestion");
    (scribe, matter, second)
}

/// A feed, read by a program that takes nothing that isn't well-formed.
async fn feed(server: &Running, path: &str) -> Feed {
    let answer = server.get(path).await;
    assert_eq!(
        (answer.status().as_u16(), header(&answer, "content-type")),
        (200, "application/atom+xml; charset=utf-8")
    );
    let xml = answer.text().await.expect("a text");
    Document::parse(&xml).unwrap_or_else(|error| panic!("{error}: {xml}"));
    xml.parse().unwrap_or_else(|error| panic!("{error}: {xml}"))
}

fn kinds(feed: &Feed) -> Vec<String> {
    feed.entries().iter().map(|entry| entry.categories()[0].term().to_owned()).collect()
}

fn link<'a>(feed: &'a Feed, rel: &str) -> Option<&'a str> {
    feed.links().iter().find(|link| link.rel() == rel).map(Link::href)
}

#[tokio::test]
async fn feeds_tell_the_steps_and_neither_ballots_nor_the_door() {
    let (scribe, matter, second) = with_two_matters();
    let server = serve(scribe).await;
    let all = feed(&server, "/feed.atom").await;
    let of_village = feed(&server, &format!("/v/{VILLAGE}/feed.atom")).await;
    let of_matter = feed(&server, &format!("/v/{VILLAGE}/m/{matter}/feed.atom")).await;
    assert_eq!(kinds(&all), kinds(&of_village), "there is one village");
    let told = kinds(&of_matter);
    // What the session did for the matter is told of the matter, too.
    for kind in [
        "minutes.signed",
        "result.announced",
        "session.convened",
        "filing.filed",
        "plan.posted",
        "matter.proposed",
        "suggestion.entered",
    ] {
        assert!(told.iter().any(|told| told == kind), "{kind}: {told:?}");
    }
    assert_eq!(told.first().map(String::as_str), Some("minutes.signed"), "the newest first: {told:?}");
    for kind in ["ballot", "attendance", "paper", "roster", "keys", "tellers", "roles"] {
        assert!(!kinds(&all).iter().any(|told| told.starts_with(kind)), "{kind}: {:?}", kinds(&all));
    }
    assert!(kinds(&of_village).len() > told.len(), "the village's are more than the matter's");
    let other = feed(&server, &format!("/v/{VILLAGE}/m/{second}/feed.atom")).await;
    assert_eq!(kinds(&other), ["suggestion.entered"]);
    let words: Vec<&str> = all.entries().iter().map(|entry| entry.title().as_str()).collect();
    assert!(
        !words.iter().any(|title| title.contains("张三") || title.contains("有人建议")),
        "a suggestion is no title: {words:?}"
    );
}

#[tokio::test]
async fn entries_keep_their_names_in_every_feed_and_language_and_lead_to_pages() {
    let (scribe, matter, _) = with_two_matters();
    let server = serve(scribe).await;
    let path = format!("/v/{VILLAGE}/feed.atom");
    let (zh, en) = (feed(&server, &path).await, feed(&server, &format!("{path}?lang=en")).await);
    let ids = |feed: &Feed| feed.entries().iter().map(|entry| entry.id().to_owned()).collect::<Vec<_>>();
    assert_eq!(ids(&zh), ids(&en));
    assert_eq!(ids(&zh).iter().collect::<BTreeSet<_>>().len(), ids(&zh).len(), "no two have one name");
    assert!(ids(&zh)[0].starts_with("tag:127.0.0.1,2026-01-01:") && ids(&zh)[0].contains(VILLAGE), "{}", ids(&zh)[0]);
    assert_ne!(zh.id(), en.id());
    let shown = "修<b>路</b>&amp;\"'</title>]]><!--";
    let announced = |feed: &Feed| {
        let entry = feed.entries().iter().find(|entry| entry.categories()[0].term() == "result.announced");
        entry.expect("the result").clone()
    };
    assert_eq!(announced(&zh).title().as_str(), format!("黄泥墩村：当场宣布了结果——{shown}"));
    assert_eq!(announced(&en).title().as_str(), format!("黄泥墩村: Announced the result – {shown}"));
    assert_eq!(announced(&en).categories()[0].label(), Some("Announced the result"));
    let href = announced(&zh).links()[0].href().to_owned();
    assert_eq!(href, format!("{}/v/{VILLAGE}/m/{matter}", server.base));
    let newest = zh.entries()[0].updated();
    assert_eq!((zh.updated(), zh.entries()[0].published()), (newest, Some(newest)));
    for entry in zh.entries() {
        let page = entry.links()[0].href().strip_prefix(&server.base).expect("a page of ours");
        text(&server, page).await;
    }
    assert_eq!(link(&zh, "self"), Some(format!("{}{path}?lang=zh-CN", server.base).as_str()));
    assert_eq!(link(&zh, "alternate"), Some(format!("{}/v/{VILLAGE}", server.base).as_str()));
}

#[tokio::test]
async fn a_long_feed_goes_on_page_by_page() {
    let mut scribe = village();
    for n in 0..70 {
        scribe.suggest(&format!("建议{n}")).expect("a suggestion");
    }
    let server = serve(scribe).await;
    for start in ["/feed.atom".to_owned(), format!("/v/{VILLAGE}/feed.atom")] {
        let (mut path, mut sizes, mut ids) = (start, Vec::new(), BTreeSet::new());
        loop {
            let page = feed(&server, &path).await;
            sizes.push(page.entries().len());
            ids.extend(page.entries().iter().map(|entry| entry.id().to_owned()));
            let Some(next) = link(&page, "next") else { break };
            path = next.strip_prefix(&server.base).expect("a page of ours").to_owned();
        }
        assert_eq!((sizes[0], sizes.len(), sizes.iter().sum::<usize>()), (50, 2, ids.len()), "{sizes:?}");
        assert!(ids.len() >= 70);
    }
    let odd = server.get("/feed.atom?before=yesterday").await;
    assert_eq!(odd.status(), 400);
}

#[tokio::test]
async fn what_a_reader_has_is_not_sent_again() {
    let (scribe, _, _) = with_two_matters();
    let server = serve(scribe).await;
    let path = format!("/v/{VILLAGE}/feed.atom");
    let first = server.get(&path).await;
    let (tag, modified) = (header(&first, "etag").to_owned(), header(&first, "last-modified").to_owned());
    assert!(tag.starts_with("W/\"") && modified.ends_with(" GMT"), "{tag} {modified}");
    let ask = |name: &'static str, value: &str| {
        let request = server.request(Method::GET, &path).header(name, value.to_owned());
        async move { request.send().await.expect("an answer") }
    };
    let same = ask("if-none-match", &format!("\"x\", {tag}")).await;
    assert_eq!((same.status().as_u16(), header(&same, "etag")), (304, tag.as_str()));
    assert_eq!(same.text().await.expect("a text"), "");
    assert_eq!(ask("if-modified-since", &modified).await.status(), 304);
    assert_eq!(ask("if-modified-since", "Sun, 01 Mar 2026 00:00:00 GMT").await.status(), 200);
    assert_eq!(ask("if-none-match", "W/\"x\"").await.status(), 200);
    let english = server.request(Method::GET, &path).header("accept-language", "en").header("if-none-match", &tag);
    assert_eq!(english.send().await.expect("an answer").status(), 200, "another language is another feed");
}

/// A title that was taken back is in no feed, and readers who ask by their tag hear of it.
#[tokio::test]
async fn a_title_that_was_withdrawn_is_told_no_more() {
    let mut scribe = village();
    let matter = scribe.bring_to_proposal(&draft("给王五家修路")).expect("a proposal");
    let before = serve(scribe.clone()).await;
    let path = format!("/v/{VILLAGE}/feed.atom");
    assert!(before.get(&path).await.text().await.expect("a text").contains("给王五家修路"));
    let document =
        scribe.state().matter(matter).and_then(|one| one.proposal.as_ref()).expect("a proposal").title.sha256;
    let act = DocumentWithdrawn { document, reason: WithdrawReason::PersonalData, replacement: None };
    let by = scribe.two();
    scribe.act(&by, Header::default(), Act::DocumentWithdrawn(act)).expect("withdrawn");
    let after = serve(scribe).await;
    let page = after.get(&path).await.text().await.expect("a text");
    assert!(!page.contains("王五"), "{page}");
}

#[tokio::test]
async fn pages_lead_to_their_feeds_and_what_is_not_there_has_none() {
    let (scribe, matter, _) = with_two_matters();
    let server = serve(scribe).await;
    for (page, path) in [
        ("/".to_owned(), "/feed.atom".to_owned()),
        (format!("/v/{VILLAGE}"), format!("/v/{VILLAGE}/feed.atom")),
        (format!("/v/{VILLAGE}/m/{matter}"), format!("/v/{VILLAGE}/m/{matter}/feed.atom")),
    ] {
        let html = text(&server, &page).await;
        let head = html.split("</head>").next().unwrap_or_default();
        let links = "<link rel=\"alternate\" type=\"application/atom+xml\" title=\"订阅";
        assert!(head.contains(links) && head.contains(&format!("href=\"{path}?lang=zh-CN\"")), "{head}");
        assert_eq!(html.matches(&format!("href=\"{path}?lang=zh-CN\"")).count(), 2, "in the head, and to be seen");
    }
    for path in
        [format!("/v/{NEIGHBOUR}/feed.atom"), format!("/v/{VILLAGE}/m/{}/feed.atom", MatterId::from_bytes([9; 16]))]
    {
        assert_eq!(server.get(&path).await.status(), 404, "{path}");
    }
    let empty = TestServer::new().start().await;
    assert_eq!(feed(&empty, "/feed.atom").await.entries().len(), 0, "a server without villages has an empty feed");
}

/// Tables that are made anew tell the same.
#[tokio::test]
async fn a_feed_made_anew_is_the_same() {
    let (scribe, matter, _) = with_two_matters();
    let server = serve(scribe).await;
    let path = format!("/v/{VILLAGE}/m/{matter}/feed.atom");
    let before = server.get(&path).await.text().await.expect("a text");
    let (app, code) = (&server.app, VILLAGE.parse().expect("a code"));
    projection::rebuild(app.db(), app.vault(), app.lives(), code).await.expect("made anew");
    assert_eq!(server.get(&path).await.text().await.expect("a text"), before);
}
