//! Pages and calls by which people act: log in, see what waits, fill a form, sign, vote, enrol.

pub mod begin;
pub mod cards;
pub mod count;
pub mod deliveries;
pub mod demo;
pub mod door;
pub mod draft;
pub mod enrol;
pub mod facts;
pub mod fields;
pub mod form;
pub mod labels;
pub mod login;
pub mod order;
pub mod pairing;
pub mod prefill;
mod publish;
pub mod received;
pub mod refers;
pub mod rehearsal;
pub mod service;
pub mod statements;
pub mod tasks;
pub mod upload;
pub mod vote;
pub mod who;
