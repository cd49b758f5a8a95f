//! The law: pure functions that judge statements and the state they build. Knows nothing of logs, tables or HTTP.

pub mod clock;
pub mod ids;
