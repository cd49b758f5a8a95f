//! One typed struct a page: plain data in, HTML out. Nothing here reads a database or judges anything; the handlers fill
//! these structs. Every page has a `sample` that the render tests show in both languages.

pub mod accesses;
pub mod account;
pub mod act;
pub mod calendar;
pub mod cards;
pub mod catalogue;
pub mod chrome;
pub mod count;
pub mod deliveries;
pub mod desk;
pub mod district;
pub mod door;
pub mod embed;
pub mod feed;
pub mod figures;
pub mod filings;
pub mod funds;
pub mod matter;
pub mod parts;
pub mod people;
pub mod printed;
pub mod reach;
pub mod received;
pub mod record;
pub mod rehearsal;
pub mod samples;
pub mod screen;
pub mod service;
pub mod session;
pub mod strokes;
pub mod styles;
pub mod terminal;
pub mod village;
pub mod vote;
pub mod witness;
