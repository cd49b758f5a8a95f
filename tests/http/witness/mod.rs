//! A witness from outside: over real HTTP, against an honest server and against one that does whatever it likes.

mod desk;
mod faults;
mod follow;
mod forger;
mod history;
mod honest;
mod hostile;
mod kill;
mod rig;
mod seen;
mod vouched;
