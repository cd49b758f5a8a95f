//! The law, by records that a scribe writes: every step, every edge, every rule.

mod edges;
mod oracle;
mod support;
mod walk;
