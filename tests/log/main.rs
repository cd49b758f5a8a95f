//! The record's formats, against published vectors, other implementations and altered bytes.

mod dsse;
mod entry;
mod ijson;
mod sigset;
mod support;
mod tree;
