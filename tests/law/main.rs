//! The law, by records that a scribe writes: every step, every edge, every rule.

mod annulment;
mod attacks;
mod boxes;
mod catalogue;
mod edges;
mod figures;
#[cfg(feature = "server")]
mod kept;
mod kinds;
mod kinship;
mod matters;
mod named;
mod papers;
mod people;
mod phases;
mod precision;
mod properties;
mod rules;
mod rules_vote;
mod support;
mod talk;
mod terminals;
mod votes;
mod walk;
mod warnings;
mod witnesses;
mod works;
