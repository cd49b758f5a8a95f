//! What pages and the API read beside the states: names of places, texts by their commitments, entries by what they
//! are about, and sums over many villages.

pub mod calendar;
pub mod desk;
pub mod figures;
pub mod library;
pub mod places;
pub mod region;
pub mod search;
pub mod talk;
pub mod texts;
pub mod told;
