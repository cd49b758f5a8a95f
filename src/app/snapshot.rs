//! A village's state as the store keeps it, so that its first use need not read the whole record. Kept at sizes that depend
//! on the record alone, and believed only where the entry it ends with is the record's.

use crate::core::ids::Digest;
use crate::core::state::{Position, State};
use crate::log::text::sha256;

/// Fewest entries from one kept state to the next: reading so many takes two or three milliseconds.
const STEP: u64 = 64;
/// Differs in each program whose law or state differs: `build.rs` makes it of all of `src/core` and `src/log`.
const MARK: &[u8] = concat!("sunvote/state/v1 ", env!("SUNVOTE_LAW"), "\n").as_bytes();

/// Why a kept state is not used. The record is read in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// A program with another law kept it.
    #[error("kept by another version of the program")]
    Program,
    /// Its bytes were changed, or cut.
    #[error("its bytes are damaged")]
    Damaged,
    /// It does not end with an entry of this record.
    #[error("not of this record")]
    Foreign,
}

/// The newest size, at most `size`, at which a record's state is kept; 0 for none. From one such size to the next are an
/// eighth to a sixteenth of the entries, at least [`STEP`]: at most so many are read after it, and for each entry at most
/// sixteen entries' share of a state is written.
#[must_use]
pub fn due(size: u64) -> u64 {
    let step = STEP.max(size.checked_ilog2().map_or(0, |bits| (1 << bits) / 8));
    size - size % step
}

/// A state's bytes. `None` where it can't be written down, which no state is known for.
#[must_use]
pub fn encode(state: &State) -> Option<Vec<u8>> {
    let body = serde_json::to_vec(state).ok()?;
    Some([MARK, &sha256(&[MARK, &body]).0, &body].concat())
}

/// The state in `bytes`, if `last`, the record's own entry at its end, is what it ends with.
///
/// # Errors
/// Why it is not used.
pub fn decode(bytes: &[u8], last: Option<Position>) -> Result<State, Unusable> {
    let body = bytes.strip_prefix(MARK).ok_or(Unusable::Program)?;
    let (sum, body) = body.split_first_chunk().ok_or(Unusable::Damaged)?;
    if sha256(&[MARK, body]) != Digest(*sum) {
        return Err(Unusable::Damaged);
    }
    let state: State = serde_json::from_slice(body).map_err(|_| Unusable::Damaged)?;
    if Some(state.last) == last { Ok(state) } else { Err(Unusable::Foreign) }
}

#[cfg(test)]
mod tests {
    use super::{STEP, due};

    #[test]
    fn sizes_at_which_a_state_is_kept_lie_apart_in_proportion() {
        assert_eq!([0, 63, 64, 127, 511, 512, 561, 1_023].map(due), [0, 0, 64, 64, 448, 512, 512, 960]);
        assert_eq!([1_024, 5_000, 20_000, 1 << 40].map(due), [1_024, 4_608, 18_432, 1 << 40]);
        let mut before = 0;
        for size in 1..100_000 {
            let due = due(size);
            assert!(due == before || due == size, "{size}: kept at a size that the record had just then");
            assert!(size - due < STEP.max(size / 8 + 1), "{size}");
            assert!(due == before || before == 0 || due - before >= STEP.max(before / 16), "{size}");
            before = due;
        }
    }
}
