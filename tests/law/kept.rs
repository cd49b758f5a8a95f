//! A state that was kept and read back is the state: whatever follows is judged alike.

use proptest::prelude::*;
use sunvote::app::demo::District;
use sunvote::app::import;
use sunvote::app::snapshot::{Unusable, decode, encode};
use sunvote::core::judge::judge;
use sunvote::core::state::{Position, State};
use sunvote::log::entry::Entry;
use sunvote::log::ledger::{Appended, replay};
use sunvote::log::signed::Signed;

use crate::properties::{Move, Play};
use crate::support::founded;

fn signed(entry: &Appended) -> Signed {
    Signed::read(Entry::parse(&entry.bytes).unwrap().statement).unwrap()
}

fn replayed(mut state: Option<State>, entries: &[Appended]) -> State {
    for entry in entries {
        let signed = signed(entry);
        replay(&mut state, &signed.statement, signed.id, entry.at, None).unwrap();
    }
    state.unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn a_kept_state_and_the_entries_after_it_are_the_whole_record(
        moves in prop::collection::vec(any::<Move>(), 40..160),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut play = Play::new();
        for one in moves {
            play.step(one);
        }
        let (entries, whole) = (&play.scribe.entries, play.scribe.state());
        let cut = cut.index(entries.len()) + 1;
        let before = replayed(None, &entries[..cut]);
        let kept = decode(&encode(&before).unwrap(), Some(entries[cut - 1].at)).unwrap();
        prop_assert_eq!(&kept, &before);
        let kept = replayed(Some(kept), &entries[cut..]);
        prop_assert_eq!(&kept, whole);
        // Every statement that was ever made, once more: each is refused or taken alike.
        let next = Position { seq: whole.size(), ..whole.last };
        for entry in entries {
            let Signed { statement, id, .. } = signed(entry);
            prop_assert_eq!(judge(&kept, &statement, id, next), judge(whole, &statement, id, next));
        }
    }
}

/// A record with all outcomes, payments, voids, terms and parts, where random moves seldom come so far.
#[test]
fn every_state_of_the_demos_fullest_village_is_kept_whole() {
    let villages = import::villages(include_bytes!("../../demo/liandu_villages.csv")).unwrap();
    let fullest = villages.iter().position(|village| village.name == "黄泥墩村").unwrap();
    let district = District::new(1, "127.0.0.1:8080", "2026-11-21T12:00:00.000Z".parse().unwrap());
    let entries = district.generate(fullest, &villages[fullest]).unwrap().scribe.entries;
    let mut state = None;
    for entries in entries.chunks(16) {
        let after = replayed(state, entries);
        let kept = decode(&encode(&after).unwrap(), Some(after.last)).unwrap();
        assert!(kept == after, "after entry {}", after.last.seq);
        state = Some(kept);
    }
    assert!(state.unwrap().matters.values().any(|matter| matter.paid_fen > 0));
}

#[test]
fn no_changed_byte_of_a_kept_state_is_read() {
    let scribe = founded();
    let (state, last) = (scribe.state(), Some(scribe.state().last));
    let bytes = encode(state).unwrap();
    assert_eq!(decode(&bytes, last).as_ref(), Ok(state));
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert!(matches!(decode(&changed, last), Err(Unusable::Program | Unusable::Damaged)), "byte {at}");
        assert!(matches!(decode(&bytes[..at], last), Err(Unusable::Program | Unusable::Damaged)), "cut at {at}");
    }
    assert_eq!(decode(&bytes, None), Err(Unusable::Foreign));
    let other = Position { time: state.last.time.plus_ms(1), ..state.last };
    assert_eq!(decode(&bytes, Some(other)), Err(Unusable::Foreign));
}
