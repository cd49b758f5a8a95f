//! The server from outside: a real one on a port of its own, asked over HTTP.

mod access;
mod api;
mod cards;
mod deliveries;
mod desk;
mod drafts;
mod events;
mod forms;
mod harness;
mod intruders;
mod limits;
mod logs;
mod pairing;
mod papers;
mod places;
mod reading;
mod refused;
mod screen;
mod server;
mod surroundings;
mod tls;
mod told;
mod trouble;
mod village;
mod witness;
mod writing;
