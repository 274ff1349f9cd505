//! What the load generator is made of, in reading order: whom it measures and how it speaks to them
//! (`target`, `people`), how it listens to many at once (`ws`, `http`, `wire`, `crowd`), what it
//! measures (`measure`), what came of it (`figures`, `process`, `table`), and what ChatBox is held
//! against (`peer`).

pub mod target;

pub mod people;

pub mod ws;

pub mod http;

pub mod wire;

pub mod crowd;

pub mod measure;

pub mod figures;

pub mod process;

pub mod table;

pub mod peer;
