//! The application without HTTP: nothing acknowledged is lost when it is killed, and tables made anew are the same.

mod alike;
mod anchor;
mod bed;
mod cards;
mod crowd;
mod due;
mod faults;
mod flight;
mod found;
mod kept;
mod kill;
mod lost;
#[expect(dead_code, reason = "only the store's tests crash it")]
#[path = "../support/postgres.rs"]
mod postgres;
mod projector;
mod publish;
mod rebuild;
mod recount;
mod recover;
mod rehearsal;
mod servers;
#[path = "../support/sheets.rs"]
mod sheets;
mod shown;
mod terminals;
#[path = "../http/village.rs"]
mod village;
