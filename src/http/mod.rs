//! Pages, the JSON API and the log endpoints.
