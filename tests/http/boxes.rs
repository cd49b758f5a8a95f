//! The mobile box at people's desks: its forms, who is told what, until when signatures can come.

use sunvote::app::submit::lapses;
use sunvote::core::ids::PersonId;
use sunvote::core::model::Role;
use sunvote::http::i18n::Lang;
use sunvote::log::scribe::Scribe;
use sunvote::log::scribe::voting::Vote;

use crate::desk::Desk;
use crate::harness::VILLAGE;
use crate::told::{ASSEMBLY, at_ballot};

/// Members at home, of forty-five.
const AT_HOME: [u32; 2] = [41, 42];

fn three(scribe: &Scribe) -> [PersonId; 3] {
    [scribe.clerk(), scribe.secretary(), scribe.supervisor(1)]
}

/// Thirty are there; the box is named, and the vote not open.
fn named() -> (Scribe, Vote) {
    let (mut scribe, matter) = at_ballot();
    let session = scribe.gather(ASSEMBLY, &[matter], 30).expect("a session");
    let vote = Vote::on(session, matter, "q1").expect("a question");
    let three = three(&scribe);
    scribe.name_box(session, three, &AT_HOME).expect("a box");
    (scribe, vote)
}

/// One at home is visited, four in the hall take papers; the box of the hall waits to be counted.
fn to_count() -> (Scribe, Vote) {
    let (mut scribe, vote) = named();
    scribe.open_vote(&vote).expect("open");
    scribe.wait_minutes(1).carry_box(&vote, &AT_HOME[..1]).expect("a visit");
    scribe.issue_paper(&vote, &[4, 5, 6, 7]).expect("papers");
    scribe.close_on_time(&vote).expect("closed");
    scribe.end_deliveries(&vote).expect("nothing more comes");
    (scribe, vote)
}

fn chair(scribe: &Scribe) -> PersonId {
    scribe.state().people.holders(Role::Chair, scribe.now().date()).next().expect("a chair")
}

fn says(page: &str, key: &'static str, with: &[(&'static str, u64)]) -> bool {
    let words = with.iter().fold(Lang::ZhCn.t(key), |words, (name, n)| words.with(name, *n));
    page.contains(&words.to_string())
}

#[tokio::test]
async fn who_waits_at_home_is_told_so_until_visited() {
    let (mut scribe, vote) = named();
    let [listed, visited] = AT_HOME.map(|no| scribe.voter(vote.session, no));
    let session = format!("/v/{VILLAGE}/s/{}", vote.session);
    let reads = async |scribe: &Scribe, person: PersonId| {
        let desk = Desk::of(scribe.clone(), person).await;
        let pages = [desk.page("/tasks").await, desk.page(&session).await];
        pages.map(|page| says(&page, "session-home", &[]))
    };
    assert_eq!(reads(&scribe, listed).await, [true, true]);
    assert_eq!(reads(&scribe, scribe.voter(vote.session, 7)).await, [false, false], "who is in the hall");
    scribe.open_vote(&vote).expect("open");
    scribe.wait_minutes(1).carry_box(&vote, &AT_HOME[1..]).expect("a visit");
    assert_eq!(reads(&scribe, listed).await, [true, true]);
    assert_eq!(reads(&scribe, visited).await, [false, false], "who was visited");
}

#[tokio::test]
async fn the_form_of_an_opening_knows_what_the_box_needs() {
    let (mut scribe, vote) = named();
    let form =
        format!("/v/{VILLAGE}/do/voting.opened?role=chair&session={}&matter={}&question=q1", vote.session, vote.matter);
    let least = async |scribe: &Scribe| {
        let page = Desk::of(scribe.clone(), chair(scribe)).await.page(&form).await;
        let of = |name: &str| {
            let field =
                page.split(&format!("name=\"{name}\"")).nth(1).expect(name).split('>').next().unwrap_or_default();
            field.split("min=\"").nth(1).and_then(|rest| rest.split('"').next()?.parse::<u32>().ok())
        };
        (of("closes_at"), of("grace_minutes"))
    };
    assert_eq!(least(&scribe).await, (Some(31), Some(30)));
    scribe.sign_in(vote.session, &AT_HOME, &[]).expect("signed in");
    assert_eq!(least(&scribe).await, (Some(5), Some(0)), "nobody is at home");
}

#[tokio::test]
async fn three_are_chosen_and_a_later_list_begins_with_the_one_in_force() {
    let (scribe, vote) = named();
    let three = three(&scribe).map(|person| person.to_string());
    let desk = Desk::of(scribe.clone(), chair(&scribe)).await;
    let form = format!("/v/{VILLAGE}/do/mobile_box.named?role=chair&session={}", vote.session);
    let page = desk.page(&form).await;
    let ticked = |value: &str| page.contains(&format!("value=\"{value}\" checked"));
    assert!(three.iter().all(|person| ticked(person)) && ticked("41") && ticked("42") && !ticked("43"), "{page}");
    let two =
        [("scrutineers", three[0].as_str()), ("scrutineers", three[1].as_str()), ("voters", "41"), ("go", "sign")];
    let page = desk.send(&form, &two).await;
    assert!(says(&page, "invalid-three", &[]), "{page}");
}

#[tokio::test]
async fn tellers_and_results_say_who_was_visited_and_who_was_not() {
    let (mut scribe, vote) = to_count();
    let counter = scribe.state().session(vote.session).and_then(|held| held.tellers.clone()).expect("tellers").counter;
    let path = format!("/v/{VILLAGE}/s/{}", vote.session);
    let page = Desk::of(scribe.clone(), counter).await.page(&format!("{path}/count/{}/q1", vote.matter)).await;
    assert!(says(&page, "count-visited", &[("n", 1)]) && says(&page, "count-missed", &[("n", 1)]), "{page}");
    scribe.count_paper(&vote, &[3, 2, 0], 0).expect("counted");
    scribe.open_ballots(&vote).expect("opened");
    scribe.wait_minutes(1).announce(&vote).expect("announced");
    let page = Desk::of(scribe.clone(), chair(&scribe)).await.page(&path).await;
    assert!(says(&page, "votes-box", &[("n", 1), ("base", 31)]) && says(&page, "votes-missed", &[("n", 1)]), "{page}");
    let row = page.split("<td>41</td>").nth(1).and_then(|rest| rest.split("</tr>").next()).expect("the roster");
    assert!(row.contains(&Lang::ZhCn.t("channel-mobile-box").to_string()), "{row}");
}

#[test]
fn papers_are_signed_for_until_deliveries_end_and_no_longer() {
    let (mut scribe, vote) = named();
    scribe.open_vote(&vote).expect("open");
    let visit = scribe.wait_minutes(1).sign_visit(&vote, &AT_HOME).expect("a visit");
    let ends = scribe.voting(&vote).expect("a vote").deliveries_end();
    assert_eq!(lapses(scribe.state(), &visit.statement), ends);
    // Whatever else waits for a signature waits as long as it may travel, three days.
    let held = scribe.sign_visit(&vote, &AT_HOME).expect("a visit").statement;
    let other = sunvote::core::statement::Statement { question: None, ..held };
    assert_eq!(lapses(scribe.state(), &other), other.at.plus_ms(72 * 3_600_000));
}
