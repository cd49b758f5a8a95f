//! A picture that stands in two matters, on an official's desk: both entries, and both pictures for who may see both.

use reqwest::Method;
use sunvote::app::projection::catch_up;
use sunvote::core::act::matter::EnlargedMeeting;
use sunvote::core::act::{Act, Kind};
use sunvote::core::ids::{Digest, MatterId};
use sunvote::core::model::{Category, Level, Media, Role};
use sunvote::core::statement::Header;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::people::Term;
use sunvote::log::scribe::{Founding, Scribe};

use crate::harness::{NEIGHBOUR, Running, TestServer, VILLAGE};
use crate::intruders::{log_in, page};
use crate::papers::read;
use crate::sheets::{jpeg, sent_on, sheet};
use crate::told::village;

/// A matter with a meeting whose minutes are photographed: the matter, the photograph, the entry that names it.
struct Met {
    matter: MatterId,
    photo: Digest,
    seq: u64,
}

fn met(scribe: &mut Scribe, level: Level, photo: Vec<u8>) -> Met {
    let matter = scribe.wait_days(1).bring_to_proposal(&Draft::of(Category::M02)).expect("a proposal");
    let minutes = scribe.wait_days(1).document(level, Media::Jpeg, photo);
    let photo = minutes.sha256;
    let act = EnlargedMeeting { attendees: vec![scribe.clerk()], nonvoting: 0, opinions: None, minutes };
    let header = Header::of(matter).held(scribe.now().date()).on(scribe.paper(matter, Kind::MatterProposed));
    let appended = scribe.act(&[scribe.hand(Role::Clerk)], header, Act::EnlargedMeetingRecorded(act));
    Met { matter, photo, seq: appended.expect("a meeting").at.seq }
}

/// Two villages: a sheet of the first stands in another matter of it, another one in a matter of the second.
struct Alike {
    server: Running,
    scribe: Scribe,
    within: [Met; 2],
    across: [Met; 2],
}

impl Alike {
    /// `both`: the inspector serves in both villages.
    async fn new(level: Level, both: bool) -> Self {
        let mut scribe = village();
        let inspector = scribe.enrol_inspector().expect("an inspector");
        let begins = "2026-03-02T01:00:00.000Z".parse().expect("a time");
        let founding = Founding::invented(NEIGHBOUR.parse().expect("a code"), "liandu.example", begins, 8);
        let mut neighbour = Scribe::found(founding).expect("a village");
        neighbour.settle(&Term::default()).expect("a term");
        if both {
            let inspector = neighbour.know(scribe.someone(inspector).expect("the inspector").clone());
            neighbour.enrol_officials(&[(inspector, Role::DisciplineInspector)]).expect("the same inspector");
        }
        let one = met(&mut scribe, Level::Village, jpeg(&sheet(1), 85));
        let other = met(&mut scribe, Level::Village, sent_on(1));
        let here = met(&mut scribe, Level::Village, jpeg(&sheet(2), 85));
        let there = met(&mut neighbour, level, sent_on(2));
        met(&mut scribe, Level::Village, jpeg(&sheet(3), 85));
        let server = TestServer::new().with_real_people().at(scribe.now());
        let server = server.with_village(scribe.clone()).with_village(neighbour).start().await;
        let app = &server.app;
        catch_up(app.db(), app.vault(), app.lives()).await.expect("caught up");
        Self { server, scribe, within: [one, other], across: [here, there] }
    }

    async fn cookie(&self, role: Role) -> String {
        let key = &self.scribe.someone(self.scribe.in_role(role)[0]).expect("someone").key;
        log_in(&self.server, key).await.expect("a log-in")
    }

    async fn desk(&self, role: Role) -> String {
        page(&self.server, &self.cookie(role).await, "/desk?rule=picture_again").await
    }
}

fn thumb(village: &str, photo: Digest) -> String {
    format!("src=\"/v/{village}/d/{photo}/thumb\"")
}

#[tokio::test]
async fn both_entries_and_both_pictures_stand_on_the_inspectors_desk() {
    let alike = Alike::new(Level::Village, false).await;
    let desk = alike.desk(Role::DisciplineInspector).await;
    assert_eq!(desk.matches("row-title\">两件事用了同一张图片</span>").count(), 3, "{desk}");
    let [one, other] = &alike.within;
    for met in [one, other] {
        assert!(desk.contains(&format!("href=\"/v/{VILLAGE}/m/{}\"", met.matter)));
        assert!(desk.contains(&format!("/v/{VILLAGE}/record?from={0}#e{0}", met.seq)));
        assert_eq!(desk.matches(&thumb(VILLAGE, met.photo)).count(), 2, "beside itself on either side");
    }
    let cookie = alike.cookie(Role::DisciplineInspector).await;
    let path = format!("/v/{VILLAGE}/d/{}/thumb", one.photo);
    let small = alike.server.request(Method::GET, &path).header("cookie", &cookie).send().await.expect("an answer");
    assert_eq!(small.status(), 200);
    let [here, there] = &alike.across;
    assert!(desk.contains(&format!("href=\"/v/{NEIGHBOUR}/m/{}\"", there.matter)));
    assert!(desk.contains(&format!("/v/{NEIGHBOUR}/record?from={0}#e{0}", there.seq)));
    // It is for the neighbours, whose inspector this one is not: neither picture is shown.
    assert!(!desk.contains(&thumb(NEIGHBOUR, there.photo)) && !desk.contains(&thumb(VILLAGE, here.photo)));
    // Nobody else is named by it, so the township sees it as well; a clerk has no desk.
    let township = alike.desk(Role::TownshipApprover).await;
    assert_eq!(township.matches("row-title\">两件事用了同一张图片</span>").count(), 3);
}

#[tokio::test]
async fn a_picture_that_everyone_may_see_is_shown_from_the_neighbours_too() {
    let alike = Alike::new(Level::Public, false).await;
    let desk = alike.desk(Role::DisciplineInspector).await;
    let [here, there] = &alike.across;
    assert!(desk.contains(&thumb(NEIGHBOUR, there.photo)) && desk.contains(&thumb(VILLAGE, here.photo)), "{desk}");
    let cookie = alike.cookie(Role::DisciplineInspector).await;
    let path = format!("/v/{VILLAGE}/warnings/reminder/file?warning=picture_again/{}//", here.matter);
    let reminder = alike.server.request(Method::GET, &path).header("cookie", &cookie).send().await;
    let text = read(reminder.expect("an answer")).await;
    assert!(text.contains("区纪委") && text.contains("另见") && text.contains(&format!("{}", there.seq)), "{text}");
}

#[tokio::test]
async fn who_inspects_both_villages_sees_both_pictures_and_a_word_holds_for_one_side() {
    let alike = Alike::new(Level::Village, true).await;
    let desk = alike.desk(Role::DisciplineInspector).await;
    let [here, there] = &alike.across;
    for side in [thumb(NEIGHBOUR, there.photo), thumb(VILLAGE, here.photo)] {
        assert_eq!(desk.matches(&side).count(), 2, "{desk}");
    }
    assert_eq!(desk.matches("row-title\">两件事用了同一张图片</span>").count(), 4, "both sides of both pairs");
    let cookie = alike.cookie(Role::DisciplineInspector).await;
    let settings = page(&alike.server, &cookie, "/settings").await;
    let csrf = settings.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("csrf");
    let body = format!("csrf={csrf}&warning=picture_again/{}//&words=两份都核对过&back=/desk", here.matter);
    let request = alike.server.request(Method::POST, &format!("/v/{VILLAGE}/warnings")).header("cookie", &cookie);
    let answer = request.header("content-type", "application/x-www-form-urlencoded").body(body).send().await;
    assert_eq!(answer.expect("an answer").status(), 303);
    assert_eq!(alike.desk(Role::DisciplineInspector).await.matches("两份都核对过").count(), 1);
}
