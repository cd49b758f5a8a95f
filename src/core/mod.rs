//! The law: pure functions that judge statements and the state they build. Knows nothing of logs, tables or HTTP.

pub mod act;
pub mod calendar;
pub mod catalogue;
pub mod clock;
pub mod commit;
pub mod defaults;
pub mod figures;
pub mod ids;
pub mod judge;
pub mod keys;
pub mod looks;
pub mod model;
pub mod offers;
pub mod privacy;
pub mod reject;
pub mod rules;
pub mod state;
pub mod statement;
pub mod table;
pub mod tally;
pub mod tasks;
pub mod warnings;
