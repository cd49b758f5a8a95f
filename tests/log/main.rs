//! The record's formats, against published vectors, other implementations and altered bytes.

mod dsse;
mod entry;
mod ijson;
mod support;
mod tree;
