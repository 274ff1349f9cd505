//! Commands of the program other than `serve`: backup, restore and verify, and the sample
//! workspace.

pub mod backup;
pub mod demo;
