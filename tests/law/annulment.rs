//! What an annulment by the roots takes back, and that it never does half of something.

use sunvote::core::act::village::EntryAnnulled;
use sunvote::core::act::{Act, Kind};
use sunvote::core::ids::{Digest, PublicKey};
use sunvote::core::model::{Category, Outcome};
use sunvote::core::reject::{Rejection, Rule};
use sunvote::core::state::matter::Standing;
use sunvote::core::statement::Header;
use sunvote::log::ledger::Appended;
use sunvote::log::scribe::matter::Draft;
use sunvote::log::scribe::{Hand, Scribe};

use crate::support::{ASSEMBLY, at_ballot, enrol, key, public, refused, standing, village};

const ROOTS: &[Hand] = &[Hand::Root(0), Hand::Root(1)];

/// The roots annul an entry.
pub fn annul(scribe: &mut Scribe, header: Header, entry: Digest, keys: Vec<PublicKey>) -> Result<Appended, Rejection> {
    let act = EntryAnnulled { entry, keys, reason: scribe.text("依法无效") };
    scribe.act(ROOTS, header, Act::EntryAnnulled(act))
}

#[test]
fn an_annulment_that_would_change_nothing_is_refused() {
    let mut scribe = village();
    let kin_or_roles = scribe.entries[3].at.leaf;
    refused(annul(&mut scribe, Header::default(), kin_or_roles, Vec::new()), Rule::AnnulmentIdle);
    refused(annul(&mut scribe, Header::default(), Digest([9; 32]), Vec::new()), Rule::AnnulmentIdle);
}

#[test]
fn keys_go_with_the_entry_that_enrolled_them_and_with_no_other() {
    let mut scribe = village();
    let clerk = scribe.clerk();
    let fresh = public(&key(70));
    let entry = enrol(&mut scribe, clerk, fresh).unwrap().at.leaf;
    let old = scribe.someone(clerk).unwrap().public();
    refused(annul(&mut scribe, Header::default(), entry, vec![old]), Rule::KeyUnfit);
    refused(annul(&mut scribe, Header::default(), Digest([9; 32]), vec![fresh]), Rule::KeyUnfit);
    annul(&mut scribe, Header::default(), entry, vec![fresh]).unwrap();
    let keys = &scribe.state().people.keys;
    assert!(keys[&fresh].revoked && !keys[&old].revoked);
}

#[test]
fn a_delegation_ends_with_its_entry_and_the_others_stay() {
    let mut scribe = village();
    let law = scribe.state().law.clone();
    let first = law.delegations.first().expect("a delegation of the village").clone();
    annul(&mut scribe, Header::default(), first.entry, Vec::new()).unwrap();
    let left = &scribe.state().law.delegations;
    assert_eq!(left.len(), law.delegations.len() - 1);
    assert!(left.iter().all(|delegation| delegation.entry != first.entry));
    refused(annul(&mut scribe, Header::default(), first.entry, Vec::new()), Rule::AnnulmentIdle);
}

#[test]
fn a_kinship_is_taken_back_with_the_entry_that_declared_it() {
    let mut scribe = village();
    let (clerk, member) = (scribe.clerk(), scribe.supervisor(0));
    let declared = crate::kinship::kin(&mut scribe, clerk, member);
    assert!(scribe.state().people.are_kin(clerk, member));
    annul(&mut scribe, Header::default(), declared, Vec::new()).unwrap();
    assert!(!scribe.state().people.are_kin(clerk, member));
    refused(annul(&mut scribe, Header::default(), declared, Vec::new()), Rule::AnnulmentIdle);
}

#[test]
fn a_matter_ends_only_by_an_entry_that_it_rests_on() {
    let (mut scribe, matter) = at_ballot();
    let other = scribe.bring_to_proposal(&Draft::of(Category::M02)).unwrap();
    let filing = scribe.paper(matter, Kind::FilingFiled);
    refused(annul(&mut scribe, Header::of(other), filing, Vec::new()), Rule::BasisStale);
    annul(&mut scribe, Header::of(matter), filing, Vec::new()).unwrap();
    assert_eq!(standing(&scribe, matter), Standing::Ended(Outcome::Annulled));
    assert!(matches!(standing(&scribe, other), Standing::At(_)));
}

#[test]
fn a_decided_matter_can_be_annulled_for_an_entry_of_its_session() {
    let (mut scribe, matter) = at_ballot();
    let session = scribe.gather(ASSEMBLY, &[matter], 30).unwrap();
    let sheet = scribe.session_paper(session, Kind::AttendanceRecorded);
    annul(&mut scribe, Header::of(matter), sheet, Vec::new()).unwrap();
    assert_eq!(standing(&scribe, matter), Standing::Ended(Outcome::Annulled));
}
