//! The record's formats, against published vectors, other implementations and altered bytes.

mod checkpoint;
mod district;
mod dsse;
mod entry;
mod evidence;
mod ijson;
mod lawful;
mod note;
mod policy;
mod proof;
mod public;
mod receipt;
mod record;
mod sigset;
mod sigset_published;
mod support;
mod tamper;
mod tile;
mod tree;
mod verify;
mod witness;
