//! Pages, the JSON API and the log endpoints.

pub mod i18n;
pub mod pages;
