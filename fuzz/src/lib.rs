//! The judges of the fuzz targets, which the ordinary tests share, and the kept inputs.

#[path = "../judges.rs"]
mod judges;

pub use judges::{JUDGES, judge};
