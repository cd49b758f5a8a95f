//! Where the record, the private rows and the derived tables are kept: `SQLite` or `PostgreSQL` from one set of SQL texts.
//!
//! Everything goes through `Db::write` and `Db::read`, which hand out a `Tx`; the statements themselves are methods of
//! `Tx`, one file a family of tables. Knows tables and bytes, never what a statement means.

pub mod alike;
pub mod backup;
pub mod board;
pub mod cards;
pub mod copy;
pub mod counts;
pub mod db;
pub mod district;
pub mod documents;
pub mod door;
pub mod drafts;
pub mod engine;
pub mod error;
pub mod fault;
pub mod figures;
pub mod half_signed;
pub mod households;
pub mod identities;
pub mod journal;
pub mod leases;
pub mod naming;
pub mod objects;
pub mod outbox;
pub mod pairings;
pub mod people;
pub mod places;
pub mod plans;
pub mod presence;
pub mod projection;
pub mod reach;
pub mod record;
pub mod schema;
pub mod service;
pub mod sessions;
mod sql;
pub mod steps;
pub mod talk;
pub mod tx;
pub mod vault;
pub mod warnings;
pub mod witness;
