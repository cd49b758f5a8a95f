//! What the directory lists of a village, and what its entries' times must be by when the witness read that.

use crate::core::clock::Time;
use crate::log::checkpoint::Checkpoint;
use crate::log::follow::Window;
use crate::log::note::Note;
use crate::store::district::DistrictLeaf;
use crate::witness::district::SKEW_MS;

/// A checkpoint of the directory.
#[derive(Debug, Clone)]
pub struct Signed {
    /// What it says.
    pub checkpoint: Checkpoint,
    /// As it is signed.
    pub note: Note,
    /// When this witness read it.
    pub read: Time,
}

impl Signed {
    /// A leaf of the copied directory; `None` for one that is no checkpoint.
    #[must_use]
    pub fn of(leaf: &DistrictLeaf) -> Option<Self> {
        let note = Note::parse(&leaf.bytes).ok()?;
        Some(Self { checkpoint: Checkpoint::parse(&note.text).ok()?, note, read: leaf.time })
    }
}

/// Between which times entry `seq` must lie: not after what lists it was read, nor before what doesn't list it yet was (2
/// minutes of difference between clocks apart). `whole` is the window of all that is listed and not read yet: without this a
/// server that withholds some entries for a while could date others back meanwhile.
#[must_use]
pub fn window(listed: &[Signed], whole: Window, seq: u64) -> Window {
    let Some(place) = listed.iter().position(|one| one.checkpoint.size > seq) else { return whole };
    let read = listed[place].read;
    // What was read at once says nothing of the order in which it came.
    let before = listed[..place].iter().map(|one| one.read).filter(|before| *before < read).max();
    let from = whole.from.map(|from| before.map_or(from, |before| from.max(before.plus_ms(-SKEW_MS))));
    Window { from, to: whole.to.min(read.plus_ms(SKEW_MS)) }
}
