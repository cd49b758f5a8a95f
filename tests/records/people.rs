//! People, roles, kin, keys, roots and the law in force: lawful records of them, and how they are broken.

use sunvote::core::act::Act;
use sunvote::core::act::village::{
    CalendarAdopted, EndReason, EntryAnnulled, GrantReason, KeyRevoked, KeyRow, KeysEnrolled, KinDeclared,
    LogKeyRotated, Merged, Renamed, RevokeReason, RoleCovered, RoleRow, RolesEnded, RolesGranted, RootsChanged,
    SubstituteCause, SubstituteRequested,
};
use sunvote::core::ids::{Digest, PersonId, PublicKey};
use sunvote::core::model::{KeyKind, Role};
use sunvote::core::reject::Rejection;
use sunvote::core::statement::Header;
use sunvote::log::ledger::Appended;
use sunvote::log::scribe::{Hand, Scribe};

use crate::forge::{Made, ROOTS, Set, hand, key, public};
use crate::stages::{Stages, local_profile};
use crate::{offices, signers};

/// Enrols a key for a person by clerk and supervision committee.
pub fn enrol(scribe: &mut Scribe, person: PersonId, key: PublicKey) -> Result<Appended, Rejection> {
    let act = KeysEnrolled { keys: vec![KeyRow { person, key, key_kind: KeyKind::Card }] };
    scribe.act(&scribe.two(), Header::default(), Act::KeysEnrolled(act))
}

/// Declares two people near kin, by the word of the first.
pub fn kin(scribe: &mut Scribe, a: PersonId, b: PersonId) -> Result<Appended, Rejection> {
    let mut persons = vec![a, b];
    persons.sort_unstable();
    let act = Act::KinDeclared(KinDeclared { persons });
    scribe.wait_ms(1).act(&[hand(a, Role::Villager)], Header::default(), act)
}

/// Ends a village role.
pub fn end(scribe: &mut Scribe, person: PersonId, role: Role) -> Result<Appended, Rejection> {
    let act = RolesEnded { rows: vec![RoleRow { person, role }], reason: EndReason::Resignation, text: None };
    scribe.act(&scribe.two(), Header::default(), Act::RolesEnded(act))
}

/// Covers a role of its first holder from so many days from now to so many.
pub fn cover(scribe: &mut Scribe, role: Role, person: PersonId, days: (i32, i32)) -> Result<Appended, Rejection> {
    let (holder, today) = (scribe.in_role(role)[0], scribe.now().date());
    let (from, until) = (today.plus_days(days.0), today.plus_days(days.1));
    let act = RoleCovered { holder, role, person, from, until, reason: scribe.text("外出学习") };
    let by = [scribe.hand(Role::Chair), scribe.hand(Role::SupervisionCommittee)];
    scribe.act(&by, Header::default(), Act::RoleCovered(act))
}

/// The clerk asks for a substitute in the supervision committee's place.
pub fn ask_substitute(scribe: &mut Scribe, cause: SubstituteCause) -> Result<Appended, Rejection> {
    let act = SubstituteRequested { cause, reason: scribe.text("监委会成员不能签字") };
    scribe.act(&[scribe.hand(Role::Clerk)], Header::default(), Act::SubstituteRequested(act))
}

/// Clerk and discipline officer enrol a key for the first representative.
pub fn enrol_substituted(scribe: &mut Scribe, number: u8) -> Result<Appended, Rejection> {
    let row = KeyRow { person: scribe.representative(0), key: public(&key(number)), key_kind: KeyKind::Card };
    let by = [scribe.hand(Role::Clerk), hand(scribe.discipline_officer(), Role::TownshipDisciplineOfficer)];
    scribe.act(&by, Header::default(), Act::KeysEnrolled(KeysEnrolled { keys: vec![row] }))
}

/// Revokes a key by its holder.
pub fn revoke(scribe: &mut Scribe, person: PersonId) -> Result<Appended, Rejection> {
    let lost = scribe.someone(person).unwrap().public();
    let act = Act::KeyRevoked(KeyRevoked { key: lost, reason: RevokeReason::Lost });
    scribe.act(&[hand(person, Role::Holder)], Header::default(), act)
}

/// The roots annul an entry.
pub fn annul(scribe: &mut Scribe, header: Header, entry: Digest, keys: Vec<PublicKey>) -> Result<Appended, Rejection> {
    let act = EntryAnnulled { entry, keys, reason: scribe.text("依法无效") };
    scribe.act(ROOTS, header, Act::EntryAnnulled(act))
}

/// Grants roles to a person who may be new.
pub fn grant(scribe: &mut Scribe, person: PersonId, roles: &[Role]) -> Result<Appended, Rejection> {
    let (row, text) = (scribe.term_row(person, roles, None), scribe.text("任职文件"));
    let act = RolesGranted { people: vec![row], reason: GrantReason::Appointment, text };
    scribe.act(&scribe.two(), Header::default(), Act::RolesGranted(act))
}

/// Grants, covers, kin, keys, substitutes and the end of roles.
pub fn lawful(stages: &Stages) -> Scribe {
    let mut scribe = stages.village.clone();
    let newcomer = scribe.invent();
    scribe.grant(newcomer, &[Role::GroupLeader], GrantReason::Appointment).unwrap();
    cover(&mut scribe, Role::Clerk, newcomer, (0, 14)).unwrap();
    let other = scribe.representative(0);
    kin(&mut scribe, newcomer, other).unwrap();
    scribe.prefer(Role::Clerk, newcomer);
    scribe.suggest("由代办人登记的建议").unwrap();
    scribe.prefer(Role::Clerk, stages.village.clerk());
    ask_substitute(&mut scribe, SubstituteCause::Absent).unwrap();
    enrol_substituted(scribe.wait_days(2), 50).unwrap();
    enrol(scribe.wait_minutes(1), other, public(&key(51))).unwrap();
    let members = [0, 1, 2].map(|n| scribe.supervisor(n));
    for member in members {
        let clerk = scribe.clerk();
        kin(&mut scribe, clerk, member).unwrap();
    }
    ask_substitute(&mut scribe, SubstituteCause::NearKin).unwrap();
    enrol_substituted(scribe.wait_days(2), 52).unwrap();
    revoke(&mut scribe, newcomer).unwrap();
    let rows = vec![RoleRow { person: newcomer, role: Role::GroupLeader }];
    let act = RolesEnded { rows, reason: EndReason::Resignation, text: None };
    let by = [scribe.hand(Role::Clerk), hand(scribe.discipline_officer(), Role::TownshipDisciplineOfficer)];
    scribe.act(&by, Header::default(), Act::RolesEnded(act)).unwrap();
    scribe
}

/// What the district's roots do in a village's record.
pub fn district(stages: &Stages) -> Scribe {
    let mut scribe = stages.village.clone();
    let days = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
    let act =
        CalendarAdopted { year: 2028, holidays: days(&["2028-01-01", "2028-01-03"]), workdays: days(&["2028-01-08"]) };
    scribe.act(ROOTS, Header::default(), Act::CalendarAdopted(act)).unwrap();
    scribe.adopt(local_profile(|profile| profile.confirmed = true)).unwrap();
    let rows = vec![RoleRow { person: scribe.drafter(), role: Role::TownshipDrafter }];
    let act = RolesEnded { rows, reason: EndReason::Office, text: None };
    scribe.act(ROOTS, Header::default(), Act::OfficialsEnded(act)).unwrap();
    let name = scribe.text("新黄泥墩村");
    scribe.act(ROOTS, Header::default(), Act::VillageRenamed(Renamed { name })).unwrap();
    let entry = scribe.state().law.delegations[0].entry;
    annul(&mut scribe, Header::default(), entry, Vec::new()).unwrap();
    let (clerk, fresh) = (scribe.clerk(), public(&key(70)));
    let entry = enrol(&mut scribe, clerk, fresh).unwrap().at.leaf;
    annul(&mut scribe, Header::default(), entry, vec![fresh]).unwrap();
    let member = scribe.supervisor(0);
    let entry = kin(&mut scribe, clerk, member).unwrap().at.leaf;
    annul(&mut scribe, Header::default(), entry, Vec::new()).unwrap();
    let matter = scribe.suggest("建议修桥").unwrap();
    let entry = scribe.entries.last().unwrap().at.leaf;
    annul(&mut scribe, Header::of(matter), entry, Vec::new()).unwrap();
    rotate(&mut scribe, 100).unwrap();
    let roots = vec![key(101), key(102)];
    let act = RootsChanged { roots: roots.iter().map(public).collect() };
    scribe.act(ROOTS, Header::default(), Act::RootsChanged(act)).unwrap();
    scribe.use_roots(roots);
    let act = Merged { into: "331102001207".parse().unwrap(), order: scribe.text("撤并批复") };
    scribe.act(ROOTS, Header::default(), Act::VillageMerged(act)).unwrap();
    scribe
}

/// The log's key changes, by the log and a root; the log signs with the new one from here on.
pub fn rotate(scribe: &mut Scribe, number: u8) -> Result<Appended, Rejection> {
    let act = Act::LogKeyRotated(LogKeyRotated { log_key: public(&key(number)) });
    let appended = scribe.act(&[Hand::Log, Hand::Root(0)], Header::default(), act)?;
    scribe.use_log_key(key(number));
    Ok(appended)
}

pub fn all(stages: &Stages) -> (&'static str, Vec<Made>) {
    let mut set = Set::default();
    signers::add(&mut set, stages);
    offices::add(&mut set, stages);
    ("Roles, kin, keys, roots and the law in force, each broken.", set.0)
}
