//! Papers to print: who gets which, what they say, and that nothing of a print run is kept.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use reqwest::multipart::Form;
use reqwest::{Method, Response};
use sunvote::core::defaults::profiles;
use sunvote::core::ids::{MatterId, PersonId, SessionId};
use sunvote::core::model::{Category, Channel, Mode};
use sunvote::log::scribe::Scribe;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::voting::Vote;

use crate::harness::{Running, TestServer, VILLAGE, header};
use crate::intruders::page;
use crate::told::{ASSEMBLY, at_ballot, serve, serve_for, text, village};

/// A session of thirty that votes on one question, by phone or by paper.
fn gathered(mode: Mode) -> (Scribe, SessionId, MatterId) {
    let mut scribe = village();
    let mut profile = profiles().into_iter().find(|profile| profile.body == ASSEMBLY).expect("a profile");
    profile.version += 1;
    profile.mode = mode;
    scribe.adopt(profile).expect("a profile in force");
    let matter = scribe.bring_to_ballot(&Draft::of(Category::M02)).expect("a ballot");
    let session = scribe.gather(ASSEMBLY, &[matter], 30).expect("a session");
    (scribe, session, matter)
}

/// A session that has voted; its minutes wait.
fn voted() -> (Scribe, SessionId) {
    let (mut scribe, session, matter) = gathered(Mode::Named);
    let vote = Vote::on(session, matter, "q1").expect("a question");
    scribe.hold(&vote, &[("for", 20), ("against", 10)]).expect("a result");
    (scribe, session)
}

async fn get(server: &Running, token: Option<&str>, path: &str) -> Response {
    let request = match token {
        Some(token) => server.request_as(token, Method::GET, path),
        None => server.request(Method::GET, path),
    };
    request.header("accept", "text/html").send().await.expect("an answer")
}

/// The text of a PDF, without white space.
pub async fn read(answer: Response) -> String {
    assert_eq!((answer.status().as_u16(), header(&answer, "content-type")), (200, "application/pdf"));
    let bytes = answer.bytes().await.expect("bytes");
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), &bytes).expect("written");
    let tool = Command::new("pdftotext").arg("-raw").arg(file.path()).arg("-").stderr(Stdio::inherit()).output();
    let text = String::from_utf8(tool.expect("poppler-utils").stdout).expect("UTF-8");
    text.chars().filter(|char| !char.is_whitespace()).collect()
}

/// Every file of the server's data; without the database's shared memory, in which readers leave marks.
fn everything(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(everything(&path));
        } else if !path.to_string_lossy().ends_with("-shm") {
            found.insert(path.clone(), std::fs::read(&path).expect("a file"));
        }
    }
    found
}

#[tokio::test]
async fn a_clerk_prints_ballots_for_a_question_on_paper_and_nothing_of_it_is_kept() {
    let (scribe, session, matter) = gathered(Mode::PaperSecret);
    let now = scribe.now();
    let server = TestServer::new().at(now).with_village(scribe);
    let database = server.database();
    let folder = Path::new(database.trim_start_matches("sqlite:")).parent().expect("a folder").to_owned();
    let server = server.start().await;
    let ask = format!("/v/{VILLAGE}/s/{session}/ballots");
    let before = everything(&folder);
    let form = get(&server, Some("clerk"), &ask).await;
    assert_eq!(form.status(), 200);
    let form = form.text().await.expect("a page");
    assert!(form.contains(&format!("action=\"{ask}/{matter}/q1/file\"")), "{form}");
    let file = format!("{ask}/{matter}/q1/file?count=2&first=41&batch=B&english=1");
    let ballots = read(get(&server, Some("clerk"), &file).await).await;
    for said in ["表决票", "Ballot", "B编号0041", "B编号0042", "赞成", "For", "弃权", "批次B", "黄泥墩村"]
    {
        assert!(ballots.contains(said), "{said}: {ballots}");
    }
    assert_eq!(ballots.matches("004").count(), 2, "each number stands on its stub alone");
    assert!(everything(&folder) == before, "neither the run nor who had which stub is on disk");
    for (wrong, status) in [
        ("q1/file?count=2001", 422),
        ("q1/file?count=0", 422),
        ("q1/file?count=10&first=9991", 422),
        ("q1/file?count=1&batch=%3Cb%3E", 422),
        ("q2/file?count=1", 404),
    ] {
        let answer = get(&server, Some("clerk"), &format!("{ask}/{matter}/{wrong}")).await;
        assert_eq!(answer.status(), status, "{wrong}");
    }
    for other in ["representative", "supervision_committee", "clerk-331102001207"] {
        assert_eq!(get(&server, Some(other), &file).await.status(), 403, "{other}");
    }
    let session = get(&server, Some("clerk"), &format!("/v/{VILLAGE}/s/{session}")).await.text().await.expect("a page");
    assert!(session.contains(&format!("href=\"{ask}\"")), "the session's page leads there");
}

#[tokio::test]
async fn a_question_that_is_voted_on_by_phone_has_no_paper_ballots() {
    let (mut scribe, matter) = crate::told::at_ballot();
    let session = scribe.gather_by(ASSEMBLY, &[matter], 30, &[Channel::Online]).expect("a session");
    let server = serve(scribe).await;
    let ask = format!("/v/{VILLAGE}/s/{session}/ballots");
    let answer = get(&server, Some("clerk"), &ask).await;
    assert_eq!(answer.status(), 404);
    assert!(answer.text().await.expect("a page").contains("没有用纸质票表决的问题"));
    assert_eq!(get(&server, Some("clerk"), &format!("{ask}/{matter}/q1/file?count=1")).await.status(), 404);
}

#[tokio::test]
async fn ballots_of_a_vote_by_name_have_a_line_for_the_name_where_the_chair_says_so() {
    let (mut scribe, session, matter) = gathered(Mode::Named);
    let (now, file) = (scribe.now(), format!("/v/{VILLAGE}/s/{session}/ballots/{matter}/q1/file?count=1"));
    let server = TestServer::new().at(now).with_village(scribe.clone()).start().await;
    let form = get(&server, Some("clerk"), &format!("/v/{VILLAGE}/s/{session}/ballots")).await;
    assert!(form.text().await.expect("a page").contains("name=\"named\""), "before the opening the clerk chooses");
    for (query, named) in [("", false), ("&named=1", true)] {
        let said = read(get(&server, Some("clerk"), &format!("{file}{query}")).await).await;
        assert_eq!(said.contains("投票人姓名") && said.contains("按名册编号公开"), named, "{said}");
    }
    let vote = Vote::on(session, matter, "q1").expect("a question");
    scribe.open_named(&vote).expect("open");
    let server = TestServer::new().at(scribe.now()).with_village(scribe).start().await;
    let said = read(get(&server, Some("clerk"), &file).await).await;
    assert!(said.contains("投票人姓名"), "as the vote was opened: {said}");
}

#[tokio::test]
async fn everyone_reads_the_minutes_and_only_the_keepers_of_papers_read_names_in_them() {
    let (scribe, session) = voted();
    let members: Vec<PersonId> = (1..=30).map(|no| scribe.voter(session, no)).collect();
    let name = |id: &PersonId| scribe.someone(*id).expect("someone").name.clone();
    let names: Vec<String> = members.iter().map(name).collect();
    let office = scribe.state().session(session).and_then(|session| session.tellers.clone()).expect("tellers");
    let tellers = [office.caller, office.counter, office.scrutineer].map(|id| name(&id));
    let server = serve(scribe).await;
    let path = format!("/v/{VILLAGE}/s/{session}/minutes/file");
    for reader in [None, Some("representative"), Some("clerk")] {
        let minutes = read(get(&server, reader, &path).await).await;
        for said in
            ["会议记录", "待签", "应到45人，实到30人", "20赞成10反对", "结果：通过", "主持人", "到会名册（45人）"]
        {
            assert!(minutes.contains(said), "{said}: {minutes}");
        }
        let shown = names.iter().filter(|name| minutes.contains(name.as_str()) && !tellers.contains(name));
        assert_eq!(shown.count(), 0, "{reader:?}: {minutes}");
    }
    let named = format!("{path}?named=true");
    for (reader, status) in [(None, 403), (Some("representative"), 403), (Some("township_approver-331102001"), 403)] {
        assert_eq!(get(&server, reader, &named).await.status(), status, "{reader:?}");
    }
    for reader in ["clerk", "chair", "supervision_committee"] {
        let minutes = read(get(&server, Some(reader), &named).await).await;
        assert!(names.iter().all(|name| minutes.contains(name.as_str())), "{reader}: {minutes}");
    }
}

#[tokio::test]
async fn minutes_are_a_draft_until_all_is_announced_and_there_are_none_without_a_roster() {
    let (scribe, session, _) = gathered(Mode::Named);
    let server = serve(scribe).await;
    let minutes = read(get(&server, None, &format!("/v/{VILLAGE}/s/{session}/minutes/file")).await).await;
    assert!(minutes.contains("草稿") && !minutes.contains("待签"), "{minutes}");
    let (mut scribe, session) = voted();
    scribe.wait_minutes(10).sign_minutes(session).expect("signed minutes");
    let seq = scribe.ledger().frontier.size() - 1;
    let server = serve(scribe).await;
    let minutes = read(get(&server, None, &format!("/v/{VILLAGE}/s/{session}/minutes/file")).await).await;
    assert!(!minutes.contains("草稿") && !minutes.contains("待签"), "{minutes}");
    assert!(minutes.contains(&format!("已签名，是本村记录第{seq}条")), "{minutes}");
    let (mut scribe, matter) = at_ballot();
    let session = scribe.convene(ASSEMBLY, &[matter]).expect("a call");
    let server = serve(scribe).await;
    assert_eq!(get(&server, None, &format!("/v/{VILLAGE}/s/{session}/minutes/file")).await.status(), 404);
}

#[tokio::test]
async fn the_printed_minutes_can_be_what_is_signed() {
    let (mut scribe, session) = voted();
    scribe.wait_minutes(10);
    let clerk = scribe.clerk();
    let (server, cookie) = serve_for(scribe, clerk).await;
    let path = format!("/v/{VILLAGE}/do/minutes.signed?role=clerk&session={session}");
    let begin = page(&server, &cookie, &path).await;
    assert!(begin.contains("name=\"go\" value=\"minutes\"") && begin.contains("<textarea"), "{begin}");
    let csrf = begin.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a token");
    let send = async |fields: Vec<(String, String)>| {
        let form = fields
            .into_iter()
            .fold(Form::new().text("csrf", csrf.to_owned()), |form, (name, value)| form.text(name, value));
        let answer = server.request(Method::POST, &path).header("cookie", &cookie).multipart(form).send().await;
        let answer = answer.expect("an answer");
        assert_eq!(answer.status(), 200);
        answer.text().await.expect("a page")
    };
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let attached = send(vec![field("go", "minutes"), field("minutes", "手写的")]).await;
    assert!(!attached.contains("name=\"go\" value=\"minutes\""), "once is enough");
    let kept = attached.split("name=\"minutes.kept\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let kept = kept.expect(&attached).replace("&quot;", "\"").replace("&#34;", "\"");
    assert!(kept.contains("application/pdf") && kept.contains("\"public\""), "{kept}");
    let name = kept.split("\"sha256\":\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a name").to_owned();
    let second = attached.split("name=\"second.0\"").nth(1).and_then(|rest| rest.split("option value=\"").nth(2));
    let second = second.and_then(|rest| rest.split('"').next()).expect("the chair").to_owned();
    let draft = send(vec![field("go", "sign"), field("minutes.kept", &kept), field("second.0", &second)]).await;
    assert!(draft.contains(&format!("data-field=\"minutes.sha256\" data-value=\"{name}\"")), "{draft}");
    let document = server.request(Method::GET, &format!("/v/{VILLAGE}/d/{name}/file")).header("cookie", &cookie);
    let minutes = read(document.send().await.expect("an answer")).await;
    assert!(minutes.contains("会议记录") && minutes.contains("20赞成10反对"), "{minutes}");
}

/// A village whose plan is posted, and the notice's entry.
fn posted() -> (Scribe, u64) {
    let mut scribe = village();
    let draft = Draft::of(Category::M02);
    let matter = scribe.bring_to_proposal(&draft).expect("a proposal");
    scribe.consult(matter, &draft).expect("a consultation");
    scribe.settle_and_post(matter, &draft).expect("a notice");
    let seq = scribe.state().matter(matter).and_then(|matter| matter.plan_notice).expect("a notice").at.seq;
    (scribe, seq)
}

#[tokio::test]
async fn a_notice_comes_as_a_paper_in_both_sizes_and_languages_and_as_words_for_the_loudspeaker() {
    let (scribe, seq) = posted();
    let root = scribe.ledger().frontier.root().to_string();
    let server = serve(scribe).await;
    let path = format!("/v/{VILLAGE}/notices/{seq}");
    for query in ["", "?size=a4", "?size=a3", "?size=a3&lang=en"] {
        let sheet = read(get(&server, None, &format!("{path}/file{query}")).await).await;
        assert!(sheet.contains(&root) && sheet.contains("硬化村西机耕路"), "{sheet}");
        assert!(sheet.contains(&format!("/check?village={VILLAGE}")), "{sheet}");
        assert_eq!(sheet.contains("Noticeofplan"), query.contains("en"), "{sheet}");
    }
    assert_eq!(get(&server, None, &format!("{path}/file?size=a5")).await.status(), 400);
    assert_eq!(get(&server, None, &format!("/v/{VILLAGE}/notices/0/file")).await.status(), 404);
    let page = text(&server, &format!("{path}/spoken")).await;
    assert!(page.contains("各位村民请注意") && page.contains("Attention, please"), "{page}");
    let said = get(&server, None, &format!("{path}/spoken/file")).await;
    assert_eq!(header(&said, "content-type"), "text/plain; charset=utf-8");
    let said = said.text().await.expect("a text");
    assert!(said.starts_with("各位村民请注意") && said.contains("二〇二六年"), "{said}");
    assert!(!said.contains(|char: char| char.is_ascii_digit()), "numbers are words: {said}");
    let english = get(&server, None, &format!("{path}/spoken/file?in=en")).await;
    assert!(header(&english, "set-cookie").is_empty(), "the pages stay in the reader's language");
    assert!(english.text().await.expect("a text").starts_with("Attention, please"));
}

#[tokio::test]
async fn a_server_without_a_font_says_so_and_what_to_do() {
    let (scribe, seq) = posted();
    let now = scribe.now();
    let lost = |config: &mut sunvote::config::Config| config.print.font = Some("/no/such/font.ttc".into());
    let server = TestServer::new().with(lost).at(now).with_village(scribe).start().await;
    let answer = get(&server, None, &format!("/v/{VILLAGE}/notices/{seq}/file")).await;
    assert_eq!(answer.status(), 503);
    let page = answer.text().await.expect("a page");
    assert!(page.contains("fonts-noto-cjk") && page.contains("print.font"), "{page}");
    text(&server, &format!("/v/{VILLAGE}/notices/{seq}")).await;
}
