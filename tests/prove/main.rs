//! Fault injection for the guarantees in `docs/proofs.md`: kills, power cuts, full disks and bad
//! networks. A short form runs with the other tests, the full form with `scripts/prove`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::print_stdout, reason = "prints the measurements")]

#[allow(dead_code, reason = "shared with the other tests, which use the rest")]
#[path = "../harness/mod.rs"]
mod harness;

mod browser;
mod disk;
mod histories;
mod images;
mod kills_and_power_cuts;
mod measure;
mod network;
mod page_and_stream;
mod program;
mod proxy;
mod restart;
mod revoked;
mod slow;
mod writers;
