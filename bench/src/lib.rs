//! What the load generator is made of, in reading order: whom it measures and how it speaks to them (`target`, `people`), how
//! it listens to many at once (`ws`, `http`, `wire`, `crowd`), what it measures (`deliver`, `standing`, `search`, `open`, `share`, `long`), what came of it
//! (`figures`, `process`, `table`), and what ChatBox is held against (`peer`).

pub mod target;

pub mod people;

pub mod ws;

pub mod http;

pub mod wire;

pub mod crowd;

pub mod deliver;

pub mod standing;

pub mod search;

pub mod open;

pub mod long;

pub mod share;

pub mod figures;

pub mod process;

pub mod table;

pub mod peer;
