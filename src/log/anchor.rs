//! Time anchors: that a witness signed a checkpoint of the district's log at the time that an entry says (PROTOCOL 6). The law
//! judges when an anchor may come; the signature is checked here, since the law knows no cryptography.

use std::fmt::Display;
use std::slice::from_ref;

use crate::core::act::Act;
use crate::core::act::voting::TimeAnchored;
use crate::core::clock::Time;
use crate::core::ids::SignatureBytes;
use crate::core::reject::{Rejection, Rule};
use crate::core::state::State;
use crate::core::statement::Statement;
use crate::log::checkpoint::Checkpoint;
use crate::log::note::{Note, VerifierKey, cosigned_text};
use crate::log::sigset::{Item, Key, verify_one};

/// Bytes of a cosignature's time, before the signature.
const TIME_BYTES: usize = 8;

/// The anchor that a witness's cosignature of a district's checkpoint makes. Nothing where the note has none that fits, or
/// the checkpoint has extension lines, which an anchor can't carry.
#[must_use]
pub fn of(note: &Note, witness: &VerifierKey) -> Option<TimeAnchored> {
    let checkpoint = Checkpoint::parse(&note.text).ok().filter(|checkpoint| checkpoint.extensions.is_empty())?;
    let seconds = note.verify(from_ref(witness)).ok()?.first()?.time?;
    let line = note.signatures.iter().find(|line| line.name == witness.name() && line.id == witness.id())?;
    let signature = line.bytes.get(TIME_BYTES..)?.try_into().ok()?;
    Some(TimeAnchored {
        size: checkpoint.size,
        root: checkpoint.root,
        witness: *witness.public(),
        cosigned_at: Time::from_ms(i64::try_from(seconds).ok()?.checked_mul(1_000)?)?,
        signature: SignatureBytes(signature),
    })
}

/// Checks the cosignature of a time anchor against the key it names; other statements carry none. Whether that key is a
/// witness to be trusted is for the reader to say.
///
/// # Errors
/// `statement.signature`.
pub fn check(state: &State, statement: &Statement) -> Result<(), Rejection> {
    let Act::TimeAnchored(act) = &statement.act else { return Ok(()) };
    let bad = |fault: &dyn Display| Rejection::new(Rule::StatementSignature, "a good cosignature", fault);
    let key = Key::check(&act.witness).map_err(|fault| bad(&fault))?;
    let text = Checkpoint::new(&state.district_origin(), act.size, act.root).to_string();
    let seconds = act.cosigned_at.ms().unsigned_abs() / 1_000;
    let message = cosigned_text(&text, seconds);
    verify_one(&Item { key: &key, message: message.as_bytes(), signature: &act.signature.0 })
        .map_err(|fault| bad(&fault))
}
