//! Planned failures, for tests that ask what is left behind when a step of a write fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::store::error::StoreError;

/// Which step fails, and how. A step is one changing statement, one commit or one document put; steps count from 1 on.
/// A plan without a failing step only counts, so a test can first learn how many steps there are.
#[derive(Clone, Debug, Default)]
pub struct FaultPlan {
    fails: Option<(u64, Fault)>,
    steps: Arc<AtomicU64>,
}

/// How a step fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// Nothing of the step is carried out.
    NotWritten,
    /// The step is carried out, then reported as failed: an answer lost on its way.
    ButWritten,
}

impl FaultPlan {
    /// A plan in which step `step` fails once.
    #[must_use]
    pub fn at(step: u64, fault: Fault) -> Self {
        Self { fails: Some((step, fault)), steps: Arc::default() }
    }

    /// How many steps were begun so far.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.steps.load(Ordering::SeqCst)
    }

    /// Begins the next step and says whether and how it is to fail.
    pub(in crate::store) fn begin(&self) -> Option<Fault> {
        let step = self.steps.fetch_add(1, Ordering::SeqCst) + 1;
        self.fails.and_then(|(at, fault)| (at == step).then_some(fault))
    }
}

/// What a planned failure looks like from outside: the same as a real one.
pub(in crate::store) fn planned(may_be_written: bool) -> StoreError {
    StoreError::Unavailable { may_be_written, reason: "planned failure".to_owned() }
}
