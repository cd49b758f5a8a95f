//! What people without a key write, and the page of a village's people.

use reqwest::{Method, Response};
use sunvote::core::ids::MatterId;
use sunvote::core::model::Category;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::people::Term;
use sunvote::log::scribe::{Founding, Scribe};

use crate::harness::{CSRF, Running, TestServer, VILLAGE, header};

/// A village with a plan posted on the morning of the day that the tests' clock shows.
pub fn scribe() -> (Scribe, MatterId) {
    let time = "2026-12-01T01:00:00.000Z".parse().expect("a time");
    let founding = Founding::invented(VILLAGE.parse().expect("a code"), "liandu.example", time, 7);
    let mut scribe = Scribe::found(founding).expect("a village");
    scribe.settle(&Term::default()).expect("a term");
    let draft = Draft::of(Category::M02);
    let matter = scribe.bring_to_proposal(&draft).expect("a proposal");
    scribe.consult(matter, &draft).expect("a consultation");
    scribe.at("2027-01-15T01:00:00.000Z".parse().expect("a time"));
    scribe.settle_and_post(matter, &draft).expect("a notice");
    (scribe, matter)
}

async fn server() -> (Running, MatterId) {
    let (scribe, matter) = scribe();
    (TestServer::new().with_village(scribe).start().await, matter)
}

async fn page(server: &Running, path: &str) -> String {
    let answer = server.request(Method::GET, path).header("accept", "text/html").send().await.expect("an answer");
    assert_eq!(answer.status(), 200, "{path}");
    answer.text().await.expect("a text")
}

async fn write(server: &Running, path: &str, text: &str) -> Response {
    let spelled = hex::encode_upper(text).as_bytes().chunks(2).fold(String::new(), |all, pair| {
        let [high, low] = pair else { return all };
        all + "%" + &String::from_utf8_lossy(&[*high, *low])
    });
    let request = server.request(Method::POST, path).header("accept", "text/html");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    request.body(format!("csrf=&text={spelled}")).send().await.expect("an answer")
}

#[tokio::test]
async fn anybody_suggests_and_comes_back_to_it_with_a_receipt() {
    let (server, _) = server().await;
    let form = format!("/v/{VILLAGE}/suggest");
    assert!(page(&server, &format!("/v/{VILLAGE}")).await.contains(&format!("href=\"{form}\"")));
    assert!(page(&server, &form).await.contains("<textarea"));
    let answer = write(&server, &form, "村口公交站缺个遮雨棚").await;
    assert_eq!(answer.status(), 303);
    let kept = header(&answer, "location").to_owned();
    let mine = page(&server, &kept).await;
    let code = kept.split("receipt=").nth(1).expect("a code");
    assert!(mine.contains("村口公交站缺个遮雨棚") && mine.contains(code) && mine.contains("回执号只有您有"));
    let others = page(&server, kept.split('?').next().expect("a path")).await;
    assert!(others.contains("村口公交站缺个遮雨棚") && !others.contains(code), "the code is its writer's alone");
    let guessed = page(&server, &kept.replace(code, "0000-0000-0000-0000")).await;
    assert!(!guessed.contains("回执号只有您有"), "a code that doesn't fit is not confirmed");
    assert!(page(&server, &format!("/v/{VILLAGE}")).await.contains("村口公交站缺个遮雨棚"));
}

#[tokio::test]
async fn a_private_number_is_refused_and_the_text_kept_in_the_form() {
    let (server, _) = server().await;
    let answer = write(&server, &format!("/v/{VILLAGE}/suggest"), "请回电 13812345678 谈谈").await;
    assert_eq!(answer.status(), 200);
    let again = answer.text().await.expect("a text");
    assert!(again.contains("银行卡号，不能公开") && again.contains("请回电"));
    let empty = write(&server, &format!("/v/{VILLAGE}/suggest"), "  ").await;
    assert!(empty.text().await.expect("a text").contains("这一项要填"));
    let long = write(&server, &format!("/v/{VILLAGE}/suggest"), &"长".repeat(2_001)).await;
    assert!(long.text().await.expect("a text").contains("文字太长"));
}

#[tokio::test]
async fn anybody_objects_while_the_notice_stands() {
    let (server, matter) = server().await;
    let form = format!("/v/{VILLAGE}/m/{matter}/object");
    assert!(page(&server, &format!("/v/{VILLAGE}/m/{matter}")).await.contains(&format!("href=\"{form}\"")));
    assert!(page(&server, &form).await.contains("以前都可以提"));
    let answer = write(&server, &form, "机耕路太窄，收割机过不去").await;
    assert_eq!(answer.status(), 303);
    assert!(page(&server, &format!("/v/{VILLAGE}/m/{matter}")).await.contains("机耕路太窄，收割机过不去"));
}

#[tokio::test]
async fn nobody_objects_where_no_notice_stands() {
    let (server, [finished, ..]) = {
        let (scribe, matters) = crate::reading::scribe();
        (TestServer::new().with_village(scribe).start().await, matters)
    };
    let form = format!("/v/{VILLAGE}/m/{finished}/object");
    assert_eq!(write(&server, &form, "晚了").await.status(), 410);
    let shown = server.request(Method::GET, &form).send().await.expect("an answer");
    assert_eq!(shown.status(), 410);
    assert!(!page(&server, &format!("/v/{VILLAGE}/m/{finished}")).await.contains(&form));
}

#[tokio::test]
async fn who_writes_too_often_waits() {
    let (scribe, _) = scribe();
    let few = |config: &mut sunvote::config::Config| config.limits.submissions_per_hour = 2;
    let server = TestServer::new().with(few).with_village(scribe).start().await;
    let form = format!("/v/{VILLAGE}/suggest");
    for nth in 0..2 {
        assert_eq!(write(&server, &form, &format!("第{nth}条建议")).await.status(), 303);
    }
    assert_eq!(write(&server, &form, "再来一条").await.status(), 429);
}

#[tokio::test]
async fn people_are_listed_by_number_and_named_to_the_village_alone() {
    let (server, _) = server().await;
    let (scribe, _) = scribe();
    let state = scribe.state();
    let members = state.body_members(sunvote::core::model::Body::RepresentativeAssembly, None, state.last.time.date());
    let name = |id| scribe.someone(id).expect("someone").name.clone();
    let ordinary = members.iter().copied().find(|id| {
        let person = &state.people.persons[id];
        person.roles.iter().all(|held| held.role == sunvote::core::model::Role::Representative)
    });
    let ordinary = name(ordinary.expect("a representative"));
    let path = format!("/v/{VILLAGE}/people");
    let public = page(&server, &path).await;
    assert!(public.contains(&name(scribe.clerk())), "office holders are named to everyone");
    assert!(!public.contains(&ordinary), "representatives are not");
    assert!(public.contains(&format!("<td>{}</td>", members.len())), "every number is there");
    let clerk = server.request_as(&format!("clerk-{VILLAGE}"), Method::GET, &path).header("x-csrf", CSRF);
    let village = clerk.send().await.expect("an answer").text().await.expect("a text");
    assert!(village.contains(&ordinary) && village.contains("/do/roles.ended?person="));
}
