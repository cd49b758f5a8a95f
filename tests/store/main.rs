//! The store's conformance suite: every case runs on `SQLite` and on `PostgreSQL`.

#[path = "../support/postgres.rs"]
mod postgres;

mod alike;
mod append;
mod backup;
mod bed;
mod conformance;
mod copy;
mod counts;
mod derived;
mod district;
mod documents;
mod durability;
mod handed_in;
mod held;
mod households;
mod leases;
mod outbox;
mod places;
mod private;
mod reach;
mod schema;
mod service;
mod steps;
mod talk;
mod vault;
mod witness;
