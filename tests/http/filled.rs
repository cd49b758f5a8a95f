//! Papers that are filled in by hand: the code on each leads to the form for its photograph, whoever may fill that in.

use std::io::Cursor;

use image::{ImageFormat, RgbImage};
use reqwest::multipart::{Form, Part};
use reqwest::{Method, Response};
use sunvote::core::ids::{MatterId, PersonId};
use sunvote::core::model::Category;
use sunvote::log::scribe::Scribe;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::voting::Vote;

use crate::harness::{Running, TestServer, VILLAGE, header};
use crate::intruders::{log_in, page};
use crate::told::{ASSEMBLY, at_ballot, village};

async fn serve(scribe: &Scribe) -> Running {
    TestServer::new().with_real_people().at(scribe.now()).with_village(scribe.clone()).start().await
}

async fn cookie(server: &Running, scribe: &Scribe, person: PersonId) -> String {
    log_in(server, &scribe.someone(person).expect("someone").key).await.expect("a log-in")
}

async fn get(server: &Running, cookie: &str, path: &str) -> Response {
    let request = server.request(Method::GET, path).header("cookie", cookie).header("accept", "text/html");
    request.send().await.expect("an answer")
}

/// A matter whose households are to be visited.
fn visiting() -> (Scribe, MatterId) {
    let mut scribe = village();
    let matter = scribe.bring_to_proposal(&Draft::of(Category::M02)).expect("a proposal");
    scribe.wait_days(1).enlarged_meeting(matter).expect("a meeting");
    scribe.wait_minutes(5);
    (scribe, matter)
}

fn photo(shade: u8) -> Part {
    let mut bytes = Cursor::new(Vec::new());
    RgbImage::from_pixel(64, 96, image::Rgb([shade; 3])).write_to(&mut bytes, ImageFormat::Jpeg).expect("a picture");
    let part = Part::bytes(bytes.into_inner()).file_name("paper.jpg");
    part.mime_str("image/jpeg").expect("a media type")
}

async fn send(
    server: &Running,
    cookie: &str,
    path: &str,
    fields: &[(&str, &str)],
    photos: Vec<(String, Part)>,
) -> String {
    let settings = page(server, cookie, "/settings").await;
    let csrf = settings.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let mut form = Form::new().text("csrf", csrf.expect("a token").to_owned()).text("go", "sign");
    for (name, value) in fields {
        form = form.text((*name).to_owned(), (*value).to_owned());
    }
    for (name, part) in photos {
        form = form.part(name, part);
    }
    let answer = server.request(Method::POST, path).header("cookie", cookie).multipart(form).send().await;
    let answer = answer.expect("an answer");
    assert_eq!(answer.status(), 200, "{path}");
    answer.text().await.expect("a page")
}

/// Documents that a page links to.
fn documents(page: &str) -> Vec<String> {
    let before = format!("/v/{VILLAGE}/d/");
    let links = page.split(before.as_str()).skip(1);
    let mut found: Vec<String> = links.filter_map(|rest| rest.get(..64)).map(str::to_owned).collect();
    found.sort();
    found.dedup();
    found
}

#[tokio::test]
async fn the_code_leads_to_the_form_with_everything_chosen() {
    let (scribe, matter) = visiting();
    let server = serve(&scribe).await;
    let path = format!("/v/{VILLAGE}/paper/visits/{matter}");
    let wanted = format!("/v/{VILLAGE}/do/visits.recorded?matter={matter}&photo=true");
    for (person, may) in [
        (scribe.clerk(), true),
        (scribe.grid_worker(), true),
        (scribe.representative(0), false),
        (scribe.villager(), false),
        (scribe.supervisor(0), false),
    ] {
        let cookie = cookie(&server, &scribe, person).await;
        let answer = get(&server, &cookie, &path).await;
        assert_eq!((answer.status().as_u16(), header(&answer, "location")), (303, wanted.as_str()));
        let form = get(&server, &cookie, &wanted).await;
        assert_eq!(form.status(), if may { 200 } else { 403 });
        let form = form.text().await.expect("a page");
        let camera =
            form.contains("name=\"opinions.photo\" multiple data-upload accept=\"image/*\" capture=\"environment\"");
        assert_eq!(camera, may, "{form}");
        assert!(!may || form.contains("<option value=\"officials\" selected>"), "households stand on it: {form}");
    }
    let nobody = get(&server, "", &path).await;
    assert_eq!(nobody.status(), 303);
    let login = header(&nobody, "location");
    assert!(login.starts_with("/login?next=") && login.contains("visits"), "and back after log-in: {login}");
    let clerk = cookie(&server, &scribe, scribe.clerk()).await;
    for gone in [format!("sign-in/{matter}"), format!("other/{matter}"), "visits/01J0000000000000000000000M".to_owned()]
    {
        assert_eq!(get(&server, &clerk, &format!("/v/{VILLAGE}/paper/{gone}")).await.status(), 404, "{gone}");
        assert_eq!(get(&server, &clerk, &format!("/v/{VILLAGE}/paper/{gone}/file")).await.status(), 404, "{gone}");
    }
}

#[tokio::test]
async fn papers_are_printed_by_those_who_have_them_filled_in() {
    let (scribe, matter) = visiting();
    let server = serve(&scribe).await;
    let clerk = cookie(&server, &scribe, scribe.clerk()).await;
    let list = page(&server, &clerk, &format!("/v/{VILLAGE}/paper")).await;
    let file = format!("/v/{VILLAGE}/paper/visits/{matter}/file");
    assert!(list.contains(&file) && !list.contains("/paper/resolution/"), "what can be filled in now: {list}");
    assert!(page(&server, &clerk, "/tasks").await.contains(&format!("/v/{VILLAGE}/paper\"")));
    let printed = get(&server, &clerk, &file).await;
    assert_eq!(header(&printed, "content-type"), "application/pdf");
    let villager = cookie(&server, &scribe, scribe.villager()).await;
    for path in [file, format!("/v/{VILLAGE}/paper")] {
        assert_eq!(get(&server, &villager, &path).await.status(), 403, "{path}");
    }
}

#[tokio::test]
async fn a_photographed_visit_form_is_an_opinion_that_waits_for_its_reply() {
    let (scribe, matter) = visiting();
    let server = serve(&scribe).await;
    let worker = cookie(&server, &scribe, scribe.grid_worker()).await;
    let path = format!("/v/{VILLAGE}/do/visits.recorded?role=grid_worker&matter={matter}&photo=true");
    let today = scribe.now().date().to_string();
    let fields = [
        ("held_on", today.as_str()),
        ("households", "3"),
        ("opinions", "路灯要亮一点"),
        ("opinions.photo.level", "officials"),
    ];
    let draft = send(&server, &worker, &path, &fields, vec![("opinions.photo".to_owned(), photo(90))]).await;
    assert!(draft.contains("路灯要亮一点"), "{draft}");
    let found = documents(&draft);
    let mut media = Vec::new();
    for name in &found {
        let answer = get(&server, &worker, &format!("/v/{VILLAGE}/d/{name}/file")).await;
        assert_eq!(answer.status(), 200);
        media.push(header(&answer, "content-type").to_owned());
    }
    assert!(media.iter().any(|media| media == "image/jpeg"), "{media:?}: {draft}");
}

#[tokio::test]
async fn several_photographs_of_the_minutes_are_one_document() {
    let (mut scribe, matter) = at_ballot();
    let session = scribe.gather(ASSEMBLY, &[matter], 45).expect("a session");
    scribe.hold(&Vote::on(session, matter, "q1").expect("a vote"), &[("for", 45)]).expect("a result");
    scribe.wait_minutes(5);
    let server = serve(&scribe).await;
    let chair = cookie(&server, &scribe, scribe.chair()).await;
    let opened = get(&server, &chair, &format!("/v/{VILLAGE}/paper/minutes/{session}")).await;
    let path = header(&opened, "location").to_owned();
    let form = page(&server, &chair, &path).await;
    assert!(form.contains("name=\"minutes\" multiple data-upload accept=\"image/*\" capture"), "{form}");
    assert!(!form.contains("<textarea id=\"f-minutes\""), "the photograph is the whole: {form}");
    let second =
        form.split("name=\"second.0\"").nth(1).and_then(|rest| rest.split("</select>").next()).expect("a second");
    let other = second.split("<option value=\"").nth(2).and_then(|rest| rest.split('"').next()).expect("somebody");
    let fields = [("second.0", other), ("minutes.level", "village")];
    let empty = send(&server, &chair, &path, &fields, Vec::new()).await;
    assert!(empty.contains("id=\"f-minutes-error\""), "without a photograph: {empty}");
    let photos = [90, 200].into_iter().map(|shade| ("minutes".to_owned(), photo(shade))).collect();
    let draft = send(&server, &chair, &path, &fields, photos).await;
    let found = documents(&draft);
    assert_eq!(found.len(), 1, "{draft}");
    let bound = get(&server, &chair, &format!("/v/{VILLAGE}/d/{}/file", found[0])).await;
    assert_eq!(header(&bound, "content-type"), "application/pdf");
    let bound = bound.bytes().await.expect("a file");
    assert_eq!(lopdf::Document::load_mem(&bound).expect("a PDF").get_pages().len(), 2);
}
