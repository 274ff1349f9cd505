//! The load generator, in reading order: the measured servers and their protocols (`target`,
//! `people`), connections (`ws`, `http`, `connection`, `receivers`), `scenarios`, results
//! (`figures`, `process`, `table`) and reference servers (`peer`).

pub mod target;

pub mod people;

pub mod ws;

pub mod http;

pub mod connection;

pub mod receivers;

pub mod scenarios;

pub mod figures;

pub mod process;

pub mod table;

pub mod peer;
