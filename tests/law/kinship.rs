//! Who may not act beside or for whom, for being near kin, and in which capacity people sign who have left an office or hold one elsewhere.

use sunvote::core::act::matter::{Advice, ObjectionEntered, SuggestionEntered};
use sunvote::core::act::village::{
    EndReason, KeyRow, KeysEnrolled, KinDeclared, RoleRow, RolesEnded, SubstituteCause, SubstituteRequested,
};
use sunvote::core::act::{Act, Kind};
use sunvote::core::ids::{Digest, MatterId, PersonId};
use sunvote::core::judge::Remark;
use sunvote::core::model::{Category, KeyKind, Role, Source};
use sunvote::core::reject::{Rejection, Rule};
use sunvote::core::statement::Header;
use sunvote::log::ledger::Appended;
use sunvote::log::scribe::Scribe;
use sunvote::log::scribe::matter::Draft;

use crate::support::{gathered, hand, key, public, refused, village};

/// Declares two people near kin, by the word of the first. Gives the entry.
pub fn kin(scribe: &mut Scribe, a: PersonId, b: PersonId) -> Digest {
    let mut persons = vec![a, b];
    persons.sort_unstable();
    let act = Act::KinDeclared(KinDeclared { persons });
    scribe.wait_ms(1).act(&[hand(a, Role::Villager)], Header::default(), act).unwrap().at.leaf
}

#[test]
fn kin_declared_while_a_vote_is_under_way_can_not_stop_its_count() {
    let outcome = |declared_before: bool| {
        let (mut scribe, vote) = gathered(45);
        let (chair, member) = (scribe.chair(), scribe.supervisor(0));
        if declared_before {
            kin(&mut scribe, chair, member);
        }
        scribe.open_vote(&vote)?;
        scribe.wait_minutes(1);
        scribe.cast_all(&vote, &[("for", 45)]).unwrap();
        scribe.close_on_time(&vote).unwrap();
        scribe.end_deliveries(&vote).unwrap();
        if !declared_before {
            kin(&mut scribe, chair, member);
        }
        scribe.open_ballots(&vote).unwrap();
        scribe.announce(&vote)
    };
    outcome(false).unwrap();
    refused(outcome(true), Rule::SignerKin);
}

#[test]
fn who_reviewed_for_the_township_and_who_files_are_not_near_kin() {
    let mut scribe = village();
    let matter = scribe.bring_to_filing(&Draft::of(Category::M02)).unwrap();
    scribe.review(matter, Advice::File).unwrap();
    let (drafter, approver) = (scribe.drafter(), scribe.approver());
    kin(&mut scribe, drafter, approver);
    refused(scribe.file(matter), Rule::SignerKin);
    let other = scribe.invent();
    scribe.enrol_officials(&[(other, Role::TownshipApprover)]).unwrap();
    scribe.prefer(Role::TownshipApprover, other);
    scribe.file(matter).unwrap();
}

/// Clerk and the township's discipline officer enrol a key.
fn enrol_with_substitute(scribe: &mut Scribe, number: u8) -> Result<Appended, Rejection> {
    let row = KeyRow { person: scribe.representative(0), key: public(&key(number)), key_kind: KeyKind::Card };
    let officer = hand(scribe.discipline_officer(), Role::TownshipDisciplineOfficer);
    scribe.act(
        &[scribe.hand(Role::Clerk), officer],
        Header::default(),
        Act::KeysEnrolled(KeysEnrolled { keys: vec![row] }),
    )
}

#[test]
fn a_substitute_for_near_kin_signs_where_3_of_3_members_are_kin_of_the_other_signer_and_not_where_2_are() {
    let mut scribe = village();
    let (clerk, members) = (scribe.clerk(), [0, 1, 2].map(|n| scribe.supervisor(n)));
    kin(&mut scribe, clerk, members[0]);
    kin(&mut scribe, clerk, members[1]);
    let act = SubstituteRequested { cause: SubstituteCause::NearKin, reason: scribe.text("均为近亲属") };
    scribe.act(&[scribe.hand(Role::Clerk)], Header::default(), Act::SubstituteRequested(act)).unwrap();
    refused(enrol_with_substitute(scribe.wait_days(2), 50), Rule::SignerRole);
    kin(&mut scribe, clerk, members[2]);
    assert_eq!(enrol_with_substitute(&mut scribe, 50).unwrap().remarks, [Remark::Substituted]);
    // Beside somebody else the members can sign, and so the substitute can't.
    let chair = scribe.chair();
    let act = Act::KinDeclared(KinDeclared { persons: vec![chair.min(clerk), chair.max(clerk)] });
    let officer = hand(scribe.discipline_officer(), Role::TownshipDisciplineOfficer);
    scribe.act(&[scribe.hand(Role::Clerk), officer], Header::default(), act).unwrap();
    let matter = scribe.bring_to_proposal(&Draft::of(Category::M02)).unwrap();
    let concern = Act::ConcernRaised(sunvote::core::act::matter::Text { text: scribe.text("请说明") });
    refused(scribe.act(&[officer], Header::of(matter), concern), Rule::SignerRole);
}

/// DOMAIN: the officer signs where no member can. The clerk's one relative who is there can't, however often that one signs otherwise.
#[test]
fn an_absence_goes_on_beside_the_clerk_when_the_1_of_3_members_who_signs_is_kin_of_the_clerk() {
    let mut scribe = village();
    let (clerk, members) = (scribe.clerk(), [0, 1].map(|n| scribe.supervisor(n)));
    kin(&mut scribe, clerk, members[0]);
    let matter = scribe.bring_to_proposal(&Draft::of(Category::M02)).unwrap();
    let act = SubstituteRequested { cause: SubstituteCause::Absent, reason: scribe.text("其余成员均外出") };
    let by = [scribe.hand(Role::Clerk)];
    scribe.wait_ms(1).act(&by, Header::default(), Act::SubstituteRequested(act)).unwrap();
    let raise = |scribe: &mut Scribe, by| {
        let concern = Act::ConcernRaised(sunvote::core::act::matter::Text { text: scribe.text("请说明") });
        scribe.act(&[by], Header::of(matter), concern)
    };
    raise(scribe.wait_days(1), hand(members[0], Role::SupervisionCommittee)).unwrap();
    assert_eq!(enrol_with_substitute(scribe.wait_days(1), 50).unwrap().remarks, [Remark::Substituted]);
    // Where that member can sign, the officer can't.
    let officer = hand(scribe.discipline_officer(), Role::TownshipDisciplineOfficer);
    refused(raise(&mut scribe, officer), Rule::SignerRole);
    // A member who signs and is nobody's kin is there for the clerk too.
    raise(&mut scribe, hand(members[1], Role::SupervisionCommittee)).unwrap();
    refused(enrol_with_substitute(scribe.wait_ms(1), 51), Rule::SignerRole);
}

#[test]
fn a_vote_does_not_open_with_2_of_3_tellers_who_became_kin_since_they_were_named() {
    let (mut scribe, vote) = gathered(30);
    let tellers = scribe.state().session(vote.session).unwrap().tellers.clone().unwrap();
    kin(&mut scribe, tellers.counter, tellers.scrutineer);
    refused(scribe.open_vote(&vote), Rule::TellersUnfit);
    let others = [1, 2, 3].map(|no| scribe.voter(vote.session, no));
    scribe.name_tellers_as(vote.session, others).unwrap();
    scribe.open_vote(&vote).unwrap();
}

fn suggest_as(scribe: &mut Scribe, person: PersonId, role: Role) -> Result<Appended, Rejection> {
    let act = SuggestionEntered { text: scribe.text("建议修桥"), source: Source::Online };
    let header = Header::of(scribe.new_matter());
    scribe.act(&[hand(person, role)], header, Act::SuggestionEntered(act))
}

fn object_as(scribe: &mut Scribe, matter: MatterId, person: PersonId, role: Role) -> Result<Appended, Rejection> {
    let act = ObjectionEntered { text: scribe.text("预算偏高"), source: Source::Online };
    let header = Header::of(matter).on(scribe.paper(matter, Kind::PlanPosted));
    scribe.act(&[hand(person, role)], header, Act::ObjectionEntered(act))
}

/// A matter whose plan is posted, with the window for objections open.
fn posted(scribe: &mut Scribe) -> MatterId {
    let draft = Draft::of(Category::M02);
    let matter = scribe.bring_to_proposal(&draft).unwrap();
    scribe.consult(matter, &draft).unwrap();
    scribe.settle_and_post(matter, &draft).unwrap();
    matter
}

#[test]
fn who_is_no_longer_a_representative_suggests_and_objects_as_a_villager_and_not_as_a_representative() {
    let mut scribe = village();
    let matter = posted(&mut scribe);
    let person = scribe.representative(0);
    suggest_as(&mut scribe, person, Role::Representative).unwrap();
    let rows = vec![RoleRow { person, role: Role::Representative }];
    let act = RolesEnded { rows, reason: EndReason::Resignation, text: None };
    scribe.act(&scribe.two(), Header::default(), Act::RolesEnded(act)).unwrap();
    refused(suggest_as(&mut scribe, person, Role::Representative), Rule::SignerRole);
    refused(object_as(&mut scribe, matter, person, Role::Representative), Rule::SignerRole);
    suggest_as(&mut scribe, person, Role::Villager).unwrap();
    object_as(&mut scribe, matter, person, Role::Villager).unwrap();
}

#[test]
fn an_official_of_the_township_is_no_villager_but_may_declare_kin() {
    let mut scribe = village();
    let matter = posted(&mut scribe);
    let (approver, clerk) = (scribe.approver(), scribe.clerk());
    refused(suggest_as(&mut scribe, approver, Role::Villager), Rule::SignerRole);
    refused(object_as(&mut scribe, matter, approver, Role::Villager), Rule::SignerRole);
    kin(&mut scribe, approver, clerk);
    assert!(scribe.state().people.are_kin(approver, clerk));
}
