//! The village log: encoding, tree, notes, checkpoints, proofs and verification of a whole record.
