//! Fault injection for the guarantees in `docs/proofs.md`: kills, power cuts, full disks and bad
//! networks. A short form runs with the other tests, the full form with `scripts/prove`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::print_stdout, reason = "prints the measurements")]

#[allow(dead_code, reason = "shared with the other tests, which use the rest")]
#[path = "../harness/mod.rs"]
mod harness;

mod browser;
mod crowd;
mod disk;
mod histories;
mod joins;
mod killed;
mod measure;
mod network;
mod pictures;
mod program;
mod proxy;
mod revoked;
mod slow;
mod writers;
