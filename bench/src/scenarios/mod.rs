//! The scenarios, one per file.

pub mod connections;
pub mod deliver;
pub mod group_operations;
pub mod open;
pub mod search;
pub mod uploads;
