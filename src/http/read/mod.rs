//! Pages that everyone can read: one file a page, each filling its struct of `crate::http::pages` from states, entries and
//! documents. Who is logged in may see more, by the levels of documents and the roles held in the village.

pub mod accesses;
pub mod acts;
pub mod ballots;
pub mod calendar;
pub mod catalogue;
pub mod check;
pub mod context;
pub mod deliveries;
pub mod desk;
pub mod district;
pub mod document;
pub mod door;
pub mod embed;
pub mod events;
pub mod feed;
pub mod figures;
pub mod find;
pub mod frame;
pub mod funds;
pub mod matter;
pub mod notices;
pub mod opinions;
pub mod people;
pub mod receipt;
pub mod record;
pub mod rows;
pub mod screen;
pub mod search;
pub mod session;
pub mod share;
pub mod sheet;
pub mod steps;
pub mod talk;
pub mod terminal;
pub mod village;
