//! What people without a key ask, complain of and rate: who reads it, who answers, and what its writer finds with the receipt code.

use reqwest::multipart::Form;
use reqwest::{Method, Response};
use sunvote::app::received::receipt_of;
use sunvote::core::act::inquiry::{Addressee, Asked, InquiryReceived};
use sunvote::core::act::matter::Text;
use sunvote::core::act::works::Work;
use sunvote::core::act::{Act, Kind};
use sunvote::core::ids::{MatterId, PersonId};
use sunvote::core::model::{Media, Role};
use sunvote::core::statement::Header;
use sunvote::log::scribe::{Hand, Scribe};

use crate::harness::{Running, TestServer, VILLAGE, header};
use crate::intruders::{log_in, page};
use crate::told::{ASSEMBLY, at_ballot};

const WORDS: &str = "监委会主任的弟弟承包了工程";
const ANSWER: &str = "已立案核查，结果另行告知";
const CODE: &str = "7KQ2-AB4M-0XRT-9PWE";

/// A complaint to the discipline office, answered, about a matter that is carried out.
fn complained() -> (Scribe, MatterId) {
    let (mut scribe, matter) = at_ballot();
    scribe.enrol_inspector().expect("an inspector");
    scribe.decide(ASSEMBLY, matter, 30, &[("for", 30)]).expect("decided");
    scribe.wait_days(1).post_resolution(matter).expect("posted");
    let ends = scribe.resolution_notice_ends(matter);
    scribe.at(ends).progress(matter, Work::Works, 40, 0).expect("a report");
    let to = Addressee::Discipline;
    let text = scribe.document(to.level(), Media::Text, WORDS.as_bytes().to_vec());
    let act = InquiryReceived { what: Asked::Complaint, to, text, receipt: receipt_of(CODE) };
    scribe.act(&[Hand::Log], Header::of(matter), Act::InquiryReceived(act)).expect("a complaint");
    let basis = scribe.open_point(matter, &[Kind::InquiryReceived]);
    let answer = scribe.document(to.level(), Media::Text, ANSWER.as_bytes().to_vec());
    let by = [scribe.hand(Role::DisciplineInspector)];
    let header = Header::of(matter).on(basis);
    scribe.wait_days(1).act(&by, header, Act::InquiryAnswered(Text { text: answer })).expect("an answer");
    (scribe, matter)
}

async fn server(scribe: &Scribe) -> Running {
    TestServer::new().with_real_people().at(scribe.now()).with_village(scribe.clone()).start().await
}

async fn seen_by(server: &Running, scribe: &Scribe, person: PersonId, path: &str) -> String {
    let cookie = log_in(server, &scribe.someone(person).expect("someone").key).await.expect("a log-in");
    page(server, &cookie, path).await
}

async fn public(server: &Running, path: &str) -> String {
    page(server, "", path).await
}

async fn write(server: &Running, path: &str, choice: &str, text: &str) -> Response {
    let spelled = text.bytes().fold(String::new(), |all, byte| all + &format!("%{byte:02X}"));
    let request = server.request(Method::POST, path).header("accept", "text/html");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    request.body(format!("csrf=&choice={choice}&text={spelled}")).send().await.expect("an answer")
}

#[tokio::test]
async fn a_complaint_to_the_discipline_office_is_read_there_and_by_its_writer_alone() {
    let (scribe, matter) = complained();
    let server = server(&scribe).await;
    let path = format!("/v/{VILLAGE}/m/{matter}");
    for role in [Role::Clerk, Role::Chair, Role::SupervisionCommittee, Role::Villager, Role::TownshipApprover] {
        let seen = seen_by(&server, &scribe, scribe.in_role(role)[0], &path).await;
        assert!(seen.contains("投诉") && !seen.contains(WORDS) && !seen.contains(ANSWER), "{role}");
    }
    let inspector = seen_by(&server, &scribe, scribe.in_role(Role::DisciplineInspector)[0], &path).await;
    assert!(inspector.contains(WORDS) && inspector.contains(ANSWER));
    let outside = public(&server, &path).await;
    assert!(!outside.contains(WORDS) && !outside.contains(ANSWER));
    let seq = scribe.entries.len() - 2;
    let own = public(&server, &format!("/v/{VILLAGE}/received/{seq}?receipt={CODE}")).await;
    assert!(own.contains(WORDS) && own.contains(ANSWER));
    for guess in ["", "?receipt=0000-0000-0000-0000"] {
        let guessed = public(&server, &format!("/v/{VILLAGE}/received/{seq}{guess}")).await;
        assert!(!guessed.contains(WORDS) && !guessed.contains(ANSWER), "{guess}");
    }
}

/// Attack: a complaint is read beside an answer that is only begun, so that nobody sees that it was.
#[tokio::test]
async fn a_complaint_read_beside_a_draft_leaves_a_line() {
    let (mut scribe, matter) = complained();
    let to = Addressee::Discipline;
    let text = scribe.document(to.level(), Media::Text, "又有人收了好处".as_bytes().to_vec());
    let act = InquiryReceived { what: Asked::Complaint, to, text, receipt: receipt_of(CODE) };
    scribe.act(&[Hand::Log], Header::of(matter), Act::InquiryReceived(act)).expect("a complaint");
    let basis = scribe.open_point(matter, &[Kind::InquiryReceived]);
    let server = server(&scribe).await;
    let inspector = scribe.in_role(Role::DisciplineInspector)[0];
    let opened = async || {
        let list = seen_by(&server, &scribe, inspector, &format!("/v/{VILLAGE}/accesses")).await;
        list.matches("打开一份材料").count()
    };
    assert_eq!(opened().await, 0);
    let cookie = log_in(&server, &scribe.someone(inspector).expect("someone").key).await.expect("a log-in");
    let settings = page(&server, &cookie, "/settings").await;
    let csrf = settings.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let csrf = csrf.expect("a token").to_owned();
    let form = Form::new().text("csrf", csrf).text("text", "已收到").text("go", "sign");
    let path = format!("/v/{VILLAGE}/do/inquiry.answered?role=discipline_inspector&matter={matter}&basis={basis}");
    let request = server.request(Method::POST, &path).header("cookie", &cookie).multipart(form);
    let draft = request.send().await.expect("an answer").text().await.expect("a text");
    assert!(draft.contains("又有人收了好处"), "who signs sees what is answered: {draft}");
    assert_eq!(opened().await, 1);
}

#[tokio::test]
async fn anybody_asks_the_village_or_complains_elsewhere_by_one_form() {
    let (scribe, matter) = complained();
    let server = server(&scribe).await;
    let (path, form) = (format!("/v/{VILLAGE}/m/{matter}"), format!("/v/{VILLAGE}/m/{matter}/ask"));
    assert!(public(&server, &path).await.contains(&format!("href=\"{form}\"")));
    let unchosen = write(&server, &form, "", "何时完工").await;
    let again = unchosen.text().await.expect("a text");
    assert!(again.contains("何时完工") && again.contains("role=\"alert\""));
    assert_eq!(write(&server, &form, "complaint_village", "何时完工").await.status(), 200, "not offered");
    let answer = write(&server, &form, "interpellation", "何时完工").await;
    assert_eq!(answer.status(), 303);
    let kept = public(&server, header(&answer, "location")).await;
    assert!(kept.contains("何时完工") && kept.contains("凭它在这一页看答复"));
    assert!(public(&server, &path).await.contains("何时完工"), "what the village is asked is public");
    let answer = write(&server, &form, "complaint_township", "材料以次充好").await;
    assert_eq!(answer.status(), 303);
    assert!(public(&server, header(&answer, "location")).await.contains("材料以次充好"), "its writer has the code");
    assert!(!public(&server, &path).await.contains("材料以次充好"));
    let clerk = seen_by(&server, &scribe, scribe.clerk(), &path).await;
    assert!(!clerk.contains("材料以次充好"));
    let township = seen_by(&server, &scribe, scribe.in_role(Role::TownshipDrafter)[0], &path).await;
    assert!(township.contains("材料以次充好") && township.contains("/do/inquiry.answered?"));
}

#[tokio::test]
async fn what_is_carried_out_is_rated_with_words_or_without() {
    let (scribe, matter) = complained();
    let server = server(&scribe).await;
    let (path, form) = (format!("/v/{VILLAGE}/m/{matter}"), format!("/v/{VILLAGE}/m/{matter}/rate"));
    assert_eq!(write(&server, &form, "score_5", "").await.status(), 303);
    assert_eq!(write(&server, &form, "score_2", "路面不平").await.status(), 303);
    assert_eq!(write(&server, &form, "score_6", "").await.status(), 422, "the judge refuses");
    let shown = public(&server, &path).await;
    assert!(shown.contains("平均3.5分，2人评价") && shown.contains("路面不平"), "{shown}");
    let (early, other) = at_ballot();
    let server = self::server(&early).await;
    let form = format!("/v/{VILLAGE}/m/{other}/rate");
    let shown = server.request(Method::GET, &form).send().await.expect("an answer");
    assert_eq!(shown.status(), 410);
    assert!(!public(&server, &format!("/v/{VILLAGE}/m/{other}")).await.contains(&form));
}

#[tokio::test]
async fn whoever_opens_the_box_enters_it_for_others_and_speaks_for_themselves_apart() {
    let (scribe, matter) = complained();
    let server = server(&scribe).await;
    let path = format!("/v/{VILLAGE}/m/{matter}");
    let link = |kind: &str, role: &str| format!("/do/{kind}?role={role}");
    for kind in ["inquiry.entered", "rating.entered"] {
        let clerk = seen_by(&server, &scribe, scribe.clerk(), &path).await;
        assert!(clerk.contains(&link(kind, "clerk")) && clerk.contains(&link(kind, "villager")), "{kind}");
        let villager = seen_by(&server, &scribe, scribe.in_role(Role::Villager)[0], &path).await;
        assert!(!villager.contains(&link(kind, "clerk")) && villager.contains(&link(kind, "villager")), "{kind}");
    }
}
