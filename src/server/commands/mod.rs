//! Commands of the program other than `serve`: accounts on the machine, backup, restore and verify,
//! and the sample workspace.

pub mod admin;
pub mod backup;
pub mod demo;
