//! What is said in the hall: by committees and representatives, for everybody to read, without any effect on a matter's course.

use sunvote::core::act::Act;
use sunvote::core::act::inquiry::HallPosted;
use sunvote::core::act::village::{DocumentWithdrawn, WithdrawReason};
use sunvote::core::ids::MatterId;
use sunvote::core::model::{Category, Level, Media, Role};
use sunvote::core::reject::Rule;
use sunvote::core::statement::Header;
use sunvote::log::scribe::Scribe;
use sunvote::log::scribe::matter::Draft;

use crate::support::{matter_of, refused, village};

fn proposed() -> (Scribe, MatterId) {
    let mut scribe = village();
    let matter = scribe.bring_to_proposal(&Draft::of(Category::M02)).unwrap();
    (scribe, matter)
}

#[test]
fn those_who_decide_speak_and_nothing_of_the_matter_moves() {
    let (mut scribe, matter) = proposed();
    let before = matter_of(&scribe, matter).clone();
    for role in [Role::Representative, Role::SupervisionCommittee, Role::Clerk, Role::Chair, Role::GridWorker] {
        scribe.wait_minutes(1).say(role, Some(matter), "路宽能不能做到三米五").unwrap();
    }
    scribe.wait_days(1).say(Role::CommitteeMember, None, "周末清理水沟").unwrap();
    assert_eq!(matter_of(&scribe, matter), &before, "a matter that is only talked about stands still");
    refused(scribe.say(Role::Villager, None, "我也说一句"), Rule::SignerRole);
    refused(scribe.say(Role::TownshipDrafter, Some(matter), "乡里也说一句"), Rule::SignerRole);
    refused(scribe.say(Role::Clerk, Some(MatterId::from_bytes([9; 16])), "没有这件事"), Rule::MatterUnknown);
}

#[test]
fn a_matter_that_has_ended_can_still_be_talked_about() {
    let (mut scribe, matter) = proposed();
    scribe.withdraw(matter, "条件不成熟").unwrap();
    scribe.say(Role::Representative, Some(matter), "明年再提").unwrap();
}

#[test]
fn nothing_in_the_hall_is_kept_from_the_village() {
    let (mut scribe, _) = proposed();
    let hidden = scribe.document(Level::Officials, Media::Text, "悄悄话".as_bytes().to_vec());
    let (open, by) = (scribe.text("公开说"), [scribe.hand(Role::Clerk)]);
    let mut say = |text: &_, papers: Vec<_>| {
        let act = Act::HallPosted(HallPosted { text: Clone::clone(text), papers });
        scribe.wait_minutes(1).act(&by, Header::default(), act)
    };
    refused(say(&hidden, Vec::new()), Rule::DocumentLevel);
    refused(say(&open, vec![hidden.clone()]), Rule::DocumentLevel);
    refused(say(&open, vec![open.clone(); 11]), Rule::ListForm);
    say(&open, vec![open.clone(); 10]).unwrap();
}

#[test]
fn words_are_taken_down_by_two_and_the_entry_stays() {
    let (mut scribe, matter) = proposed();
    scribe.say(Role::Representative, Some(matter), "某某是骗子").unwrap();
    let document = scribe.documents.last().unwrap().doc.sha256;
    let act =
        || Act::DocumentWithdrawn(DocumentWithdrawn { document, reason: WithdrawReason::Conduct, replacement: None });
    let alone = [scribe.hand(Role::Clerk)];
    refused(scribe.wait_minutes(1).act(&alone, Header::default(), act()), Rule::SignerCount);
    let (size, two) = (scribe.state().size(), scribe.two());
    scribe.act(&two, Header::default(), act()).unwrap();
    assert_eq!(scribe.state().size(), size + 1);
}
