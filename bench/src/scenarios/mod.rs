//! The scenarios, one per file.

pub mod connections;
pub mod deliver;
pub mod group_operations;
pub mod lone;
pub mod open;
pub mod search;
pub mod sign_ins;
pub mod uploads;
