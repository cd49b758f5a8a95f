//! How the database carries out each query. Only tests look: of a list over all villages, no plan may read all of them.

use std::sync::{Arc, Mutex, PoisonError};

/// A query and the lines of its plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The statement.
    pub sql: String,
    /// The engine's words for how it goes about it.
    pub plan: Vec<String>,
}

/// Notes the plans of queries, if asked to. Clones share what is noted.
#[derive(Clone, Debug, Default)]
pub struct Plans(Option<Arc<Mutex<Vec<Planned>>>>);

impl Plans {
    /// Notes the plan of every query from here on.
    #[must_use]
    pub fn noting() -> Self {
        Self(Some(Arc::default()))
    }

    /// What was noted.
    #[must_use]
    pub fn noted(&self) -> Vec<Planned> {
        self.0.as_ref().map(|noted| noted.lock().unwrap_or_else(PoisonError::into_inner).clone()).unwrap_or_default()
    }

    pub(in crate::store) fn are_wanted(&self) -> bool {
        self.0.is_some()
    }

    pub(in crate::store) fn note(&self, sql: &str, plan: Vec<String>) {
        if let Some(noted) = &self.0 {
            let planned = Planned { sql: sql.to_owned(), plan };
            noted.lock().unwrap_or_else(PoisonError::into_inner).push(planned);
        }
    }
}
