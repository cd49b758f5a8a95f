//! People, roles, keys: who may sign what, when, and with whom.

use sunvote::core::act::Act;
use sunvote::core::act::village::{
    EndReason, GrantReason, KeyRevoked, KinDeclared, LogKeyRotated, ProfileAdopted, RevokeReason, RoleCovered, RoleRow,
    RolesEnded, RolesGranted, RootsChanged, TermRow,
};
use sunvote::core::ids::{PersonId, PublicKey};
use sunvote::core::model::{Category, Role};
use sunvote::core::reject::{Rejection, Rule};
use sunvote::core::statement::Header;
use sunvote::log::ledger::Appended;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::{Hand, Scribe};

use crate::support::{enrol, founded, hand, key, local_profile, public, refused, village};

const ROOTS: &[Hand] = &[Hand::Root(0), Hand::Root(1)];

fn declare_kin(scribe: &mut Scribe, a: PersonId, b: PersonId) {
    let mut persons = vec![a, b];
    persons.sort_unstable();
    let act = Act::KinDeclared(KinDeclared { persons });
    scribe.act(&[hand(a, Role::Villager)], Header::default(), act).unwrap();
}

fn end(scribe: &mut Scribe, person: PersonId, role: Role) -> Result<Appended, Rejection> {
    let rows = vec![RoleRow { person, role }];
    let act = RolesEnded { rows, reason: EndReason::Recall, text: None };
    scribe.act(&scribe.two(), Header::default(), Act::RolesEnded(act))
}

fn cover(scribe: &mut Scribe, role: Role, person: PersonId, days: (i32, i32)) -> Result<Appended, Rejection> {
    let today = scribe.now().date();
    let holder = scribe.in_role(role)[0];
    let (from, until) = (today.plus_days(days.0), today.plus_days(days.1));
    let act = RoleCovered { holder, role, person, from, until, reason: scribe.text("外出学习") };
    let by = [scribe.hand(Role::Chair), scribe.hand(Role::SupervisionCommittee)];
    scribe.act(&by, Header::default(), Act::RoleCovered(act))
}

#[test]
fn near_kin_do_not_sign_together_but_another_may_stand_in() {
    let mut scribe = village();
    let (clerk, supervisor) = (scribe.clerk(), scribe.supervisor(0));
    declare_kin(&mut scribe, clerk, supervisor);
    refused(scribe.record_delegations(), Rule::SignerKin);
    scribe.prefer(Role::SupervisionCommittee, scribe.supervisor(1));
    scribe.record_delegations().unwrap();
}

#[test]
fn kinship_is_declared_by_one_of_the_two_or_by_two_officers() {
    let mut scribe = village();
    let mut persons = vec![scribe.representative(0), scribe.representative(1)];
    persons.sort_unstable();
    let act = Act::KinDeclared(KinDeclared { persons });
    let stranger = hand(scribe.representative(2), Role::Villager);
    refused(scribe.act(&[stranger], Header::default(), act.clone()), Rule::SignerRole);
    scribe.act(&scribe.two(), Header::default(), act).unwrap();
}

#[test]
fn near_kin_of_the_village_committee_do_not_join_the_supervision_committee() {
    let mut scribe = village();
    let (member, newcomer) = (scribe.committee_member(0), scribe.invent());
    scribe.grant(newcomer, &[Role::GroupLeader], GrantReason::Appointment).unwrap();
    declare_kin(&mut scribe, newcomer, member);
    let row = scribe.term_row(newcomer, &[Role::SupervisionCommittee], None);
    let text = scribe.text("补选结果");
    let act = Act::RolesGranted(RolesGranted { people: vec![row], reason: GrantReason::ByElection, text });
    refused(scribe.act(&scribe.two(), Header::default(), act), Rule::RoleConflict);
}

#[test]
fn a_role_is_covered_on_its_days_and_no_others() {
    let mut scribe = village();
    let deputy = scribe.representative(0);
    cover(&mut scribe, Role::Clerk, deputy, (2, 4)).unwrap();
    scribe.prefer(Role::Clerk, deputy);
    refused(scribe.wait_days(1).suggest("建议"), Rule::SignerRole);
    scribe.wait_days(1).suggest("建议").unwrap();
    scribe.wait_days(2).suggest("建议").unwrap();
    refused(scribe.wait_days(1).suggest("建议"), Rule::SignerRole);
}

#[test]
fn a_cover_ends_with_the_role_it_covers() {
    let mut scribe = village();
    let deputy = scribe.representative(0);
    cover(&mut scribe, Role::GridWorker, deputy, (0, 30)).unwrap();
    let worker = scribe.grid_worker();
    end(&mut scribe, worker, Role::GridWorker).unwrap();
    let matter = scribe.bring_to_proposal(&Draft::of(Category::M02)).unwrap();
    scribe.enlarged_meeting(matter).unwrap();
    scribe.prefer(Role::GridWorker, deputy);
    refused(scribe.visit(matter, &[]), Rule::SignerRole);
}

#[test]
fn votes_and_supervision_can_not_be_lent_nor_a_cover_given_to_the_supervision_committee() {
    let mut scribe = village();
    let (deputy, supervisor) = (scribe.representative(0), scribe.supervisor(1));
    let (member, clerk) = (scribe.committee_member(0), scribe.clerk());
    refused(cover(&mut scribe, Role::SupervisionCommittee, deputy, (0, 3)), Rule::RoleConflict);
    refused(cover(&mut scribe, Role::Representative, member, (0, 3)), Rule::RoleConflict);
    refused(cover(&mut scribe, Role::Clerk, supervisor, (0, 3)), Rule::RoleConflict);
    refused(cover(&mut scribe, Role::Clerk, deputy, (0, 91)), Rule::ValueRange);
    refused(cover(&mut scribe, Role::Clerk, clerk, (0, 3)), Rule::PersonUnknown);
}

#[test]
fn clerk_and_supervision_committee_can_not_make_or_break_a_key_of_the_townships() {
    let mut scribe = village();
    let approver = scribe.approver();
    refused(enrol(&mut scribe, approver, public(&key(66))), Rule::RoleConflict);
    let official = scribe.someone(approver).unwrap().public();
    let act = Act::KeyRevoked(KeyRevoked { key: official, reason: RevokeReason::Ended });
    refused(scribe.act(&scribe.two(), Header::default(), act.clone()), Rule::RoleConflict);
    scribe.act(&[hand(approver, Role::Holder)], Header::default(), act).unwrap();
}

#[test]
fn an_official_for_less_than_a_day_stays_out_of_the_villages_reach() {
    let mut scribe = village();
    let newcomer = scribe.invent();
    scribe.enrol_officials(&[(newcomer, Role::TownshipDrafter)]).unwrap();
    let rows = vec![RoleRow { person: newcomer, role: Role::TownshipDrafter }];
    let act = RolesEnded { rows, reason: EndReason::Office, text: None };
    scribe.act(ROOTS, Header::default(), Act::OfficialsEnded(act)).unwrap();
    let today = scribe.now().date();
    let people = &scribe.state().people;
    assert!(!people.holds_own(newcomer, Role::TownshipDrafter, today), "the role is held on no day");
    assert!(people.is_official(newcomer), "and yet it was an office of the roots");
    refused(enrol(&mut scribe, newcomer, public(&key(67))), Rule::RoleConflict);
    // The roots may appoint the same person again, on the very day.
    scribe.wait_minutes(1).enrol_officials(&[(newcomer, Role::TownshipDrafter)]).unwrap();
    assert!(scribe.state().people.holds_own(newcomer, Role::TownshipDrafter, today));
}

#[test]
fn a_village_role_that_ends_on_its_first_day_is_held_no_more_and_can_be_granted_again() {
    let mut scribe = village();
    let newcomer = scribe.invent();
    let row = scribe.term_row(newcomer, &[Role::GridWorker], None);
    let grant = |scribe: &mut Scribe| {
        let text = scribe.text("任职文件");
        let act = RolesGranted { people: vec![row.clone()], reason: GrantReason::Appointment, text };
        scribe.act(&scribe.two(), Header::default(), Act::RolesGranted(act))
    };
    grant(&mut scribe).unwrap();
    refused(grant(&mut scribe), Rule::RoleConflict);
    end(&mut scribe, newcomer, Role::GridWorker).unwrap();
    scribe.wait_minutes(1);
    refused(end(&mut scribe, newcomer, Role::GridWorker), Rule::PersonUnknown);
    grant(&mut scribe).unwrap();
}

#[test]
fn a_villager_does_not_become_an_official_with_the_villages_key() {
    let mut scribe = village();
    let clerk = scribe.clerk();
    refused(scribe.enrol_officials(&[(clerk, Role::TownshipApprover)]), Rule::RoleConflict);
    refused(scribe.enrol_officials(&[(scribe.approver(), Role::Clerk)]), Rule::RoleConflict);
    let newcomer = scribe.invent();
    let row = scribe.term_row(newcomer, &[Role::TownshipApprover], None);
    let text = scribe.text("任职文件");
    let act = Act::RolesGranted(RolesGranted { people: vec![row], reason: GrantReason::Appointment, text });
    refused(scribe.act(&scribe.two(), Header::default(), act), Rule::RoleConflict);
}

#[test]
fn a_key_has_one_holder_for_ever_even_after_revocation() {
    let mut scribe = village();
    let (one, other) = (scribe.representative(0), scribe.representative(1));
    let lost = scribe.someone(one).unwrap().public();
    refused(enrol(&mut scribe, other, lost), Rule::KeyUnfit);
    let act = Act::KeyRevoked(KeyRevoked { key: lost, reason: RevokeReason::Lost });
    scribe.act(&[hand(one, Role::Holder)], Header::default(), act.clone()).unwrap();
    refused(enrol(&mut scribe, one, lost), Rule::KeyUnfit);
    let two = scribe.two();
    refused(scribe.act(&two, Header::default(), act), Rule::SignerKeyRevoked);
    let log = public(scribe.log_key());
    refused(enrol(&mut scribe, other, log), Rule::KeyUnfit);
    let root = public(&scribe.roots()[0].clone());
    refused(enrol(&mut scribe, other, root), Rule::KeyUnfit);
    refused(enrol(&mut scribe, other, PublicKey([0; 32])), Rule::KeyUnfit);
}

#[test]
fn a_persons_key_does_not_become_a_root_or_the_logs() {
    let mut scribe = village();
    let persons = scribe.someone(scribe.clerk()).unwrap().public();
    let act = Act::RootsChanged(RootsChanged { roots: vec![public(&key(1)), persons] });
    refused(scribe.act(ROOTS, Header::default(), act), Rule::KeyUnfit);
    let act = Act::LogKeyRotated(LogKeyRotated { log_key: persons });
    refused(scribe.act(ROOTS, Header::default(), act), Rule::KeyUnfit);
}

#[test]
fn another_persons_key_is_revoked_by_nobody_alone() {
    let mut scribe = village();
    let others = scribe.someone(scribe.representative(1)).unwrap().public();
    let act = Act::KeyRevoked(KeyRevoked { key: others, reason: RevokeReason::Lost });
    let by = [hand(scribe.representative(0), Role::Holder)];
    refused(scribe.act(&by, Header::default(), act.clone()), Rule::SignerRole);
    refused(scribe.act(&[scribe.hand(Role::Clerk)], Header::default(), act), Rule::SignerRole);
}

#[test]
fn after_the_roots_change_the_old_ones_sign_nothing() {
    let mut scribe = village();
    let act = RootsChanged { roots: vec![public(&key(1)), public(&key(2))] };
    scribe.act(ROOTS, Header::default(), Act::RootsChanged(act)).unwrap();
    let profile = local_profile(|_| {});
    refused(scribe.adopt(profile.clone()), Rule::SignerKey);
    scribe.use_roots(vec![key(1), key(2)]);
    scribe.adopt(profile).unwrap();
}

#[test]
fn one_root_does_not_sign_twice() {
    let mut scribe = village();
    let act = Act::ProfileAdopted(ProfileAdopted { profile: local_profile(|_| {}) });
    refused(scribe.act(&[Hand::Root(1), Hand::Root(1)], Header::default(), act), Rule::SignerSame);
}

#[test]
fn a_rotated_log_key_signs_no_more() {
    let mut scribe = village();
    let act = Act::LogKeyRotated(LogKeyRotated { log_key: public(&key(77)) });
    scribe.act(&[Hand::Log, Hand::Root(2)], Header::default(), act).unwrap();
    let matter = scribe.bring_to_filing(&Draft::of(Category::M02)).unwrap();
    let due = scribe.state().matter(matter).unwrap().filing_due.unwrap();
    refused(scribe.at(due).note_deadline(matter), Rule::SignerKey);
    scribe.use_log_key(key(77));
    scribe.note_deadline(matter).unwrap();
}

/// The rows of a second term: clerk and two supervisors re-elected, everyone else new.
fn second_term(scribe: &mut Scribe, supervisors: usize) -> Vec<TermRow> {
    let mut rows = vec![scribe.term_row(scribe.clerk(), &[Role::Clerk], None)];
    for index in 0..supervisors {
        rows.push(scribe.term_row(scribe.supervisor(index), &[Role::SupervisionCommittee], None));
    }
    let new = [Role::Chair, Role::BranchSecretary, Role::Representative];
    for role in new {
        let person = scribe.invent();
        rows.push(scribe.term_row(person, &[role], None));
    }
    rows
}

#[test]
fn a_new_term_ends_the_roles_before_and_keeps_the_keys_of_the_re_elected() {
    let mut scribe = village();
    let (old_secretary, keys) = (scribe.secretary(), scribe.state().people.keys.len());
    scribe.wait_days(300);
    let rows = second_term(&mut scribe, 3);
    let newcomers: Vec<PersonId> = rows.iter().map(|row| row.person).collect();
    scribe.open_term_with(2, scribe.now().date(), rows).unwrap();
    let people = &scribe.state().people;
    assert_eq!((people.term, people.keys.len()), (2, keys));
    assert!(!people.holds(old_secretary, Role::BranchSecretary, scribe.now().date()));
    // Clerk and supervision committee sign on with the keys they had.
    scribe.enrol_keys(&newcomers).unwrap();
    let matter = scribe.suggest("建议").unwrap();
    refused(scribe.propose(matter, &Draft::of(Category::M02)), Rule::SignerRole);
    scribe.prefer(Role::BranchSecretary, newcomers[5]);
    scribe.propose(matter, &Draft::of(Category::M02)).unwrap();
}

#[test]
fn a_term_needs_three_supervisors_and_a_number_above_the_last() {
    let mut scribe = village();
    let rows = second_term(&mut scribe, 2);
    refused(scribe.open_term_with(2, scribe.now().date(), rows), Rule::RoleConflict);
    let rows = second_term(&mut scribe, 3);
    refused(scribe.open_term_with(1, scribe.now().date(), rows.clone()), Rule::ValueRange);
    refused(scribe.open_term_with(2, scribe.now().date().plus_days(1), rows), Rule::ValueRange);
}

#[test]
fn a_key_counts_from_its_enrolment_on_and_not_before() {
    let mut scribe = village();
    let newcomer = scribe.invent();
    let row = scribe.term_row(newcomer, &[Role::GridWorker], None);
    let text = scribe.text("任职文件");
    let act = Act::RolesGranted(RolesGranted { people: vec![row], reason: GrantReason::Appointment, text });
    scribe.act(&scribe.two(), Header::default(), act).unwrap();
    let matter = scribe.bring_to_proposal(&Draft::of(Category::M02)).unwrap();
    scribe.enlarged_meeting(matter).unwrap();
    scribe.prefer(Role::GridWorker, newcomer);
    refused(scribe.visit(matter, &[]), Rule::SignerKey);
    scribe.enrol_keys(&[newcomer]).unwrap();
    scribe.visit(matter, &[]).unwrap();
}

#[test]
fn who_resigned_signs_no_more_from_that_day() {
    let mut scribe = village();
    let matter = scribe.bring_to_proposal(&Draft::of(Category::M02)).unwrap();
    scribe.enlarged_meeting(matter).unwrap();
    let worker = scribe.grid_worker();
    end(&mut scribe, worker, Role::GridWorker).unwrap();
    refused(scribe.visit(matter, &[]), Rule::SignerRole);
    refused(end(scribe.wait_ms(1), worker, Role::GridWorker), Rule::PersonUnknown);
}

#[test]
fn a_founding_needs_two_roots_and_a_first_clerk_with_keys_apart() {
    let founding = || {
        let time = "2026-03-02T01:00:00.000Z".parse().unwrap();
        sunvote::log::scribe::Founding::invented("331102001206".parse().unwrap(), "liandu.example", time, 7)
    };
    let mut one = founding();
    one.roots.truncate(1);
    refused(Scribe::found(one), Rule::ListForm);
    let mut shared = founding();
    shared.clerk.key = shared.roots[2].clone();
    refused(Scribe::found(shared), Rule::KeyUnfit);
    let mut twice = founding();
    twice.supervisor.key = twice.clerk.key.clone();
    refused(Scribe::found(twice), Rule::KeyUnfit);
    let mut elsewhere = founding();
    elsewhere.host = "a host".to_owned();
    refused(Scribe::found(elsewhere), Rule::ValueRange);
    founded();
}
