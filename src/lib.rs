//! Sunvote: village decisions in six open steps, on a record that anyone can check.
//!
//! Imports run one way: `main → cli → witness → http → app → {store, log} → core`. `core` judges, `log` keeps, `store` remembers,
//! `app` carries out a use case, `http` and `cli` are thin. See docs/ARCHITECTURE.md.

#[cfg(feature = "server")]
pub mod app;
pub mod cli;
#[cfg(feature = "server")]
pub mod config;
pub mod core;
#[cfg(feature = "server")]
pub mod http;
pub mod log;
#[cfg(feature = "server")]
pub mod store;
#[cfg(feature = "server")]
pub mod witness;
