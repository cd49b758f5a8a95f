//! Pages, the JSON API and the log endpoints.

pub mod access;
pub mod act;
pub mod address;
pub mod api;
pub mod assets;
pub mod cluster;
pub mod gate;
pub mod i18n;
pub mod limits;
pub mod logs;
pub mod metrics;
pub mod observe;
pub mod openapi;
pub mod ops;
pub mod package;
pub mod pages;
pub mod print;
pub mod problem;
pub mod problem_page;
pub mod read;
pub mod router;
pub mod security;
pub mod server;
pub mod session;
pub mod settings;
pub mod state;
