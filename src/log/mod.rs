//! The village log: encoding, tree, notes, checkpoints, proofs and verification of a whole record.
//!
//! Everything here works on bytes that anyone can have; nothing knows of tables, HTTP or a network.

pub mod anchor;
pub mod ceremony;
pub mod checkpoint;
pub mod district;
pub mod dsse;
pub mod entry;
pub mod evidence;
pub mod follow;
pub mod ijson;
pub mod ledger;
pub mod note;
pub mod policy;
pub mod proof;
pub mod receipt;
pub mod record;
pub mod refusal;
pub mod scribe;
pub mod signed;
pub mod sigset;
pub mod text;
pub mod tile;
pub mod tree;
pub mod verify;
pub mod witness;
