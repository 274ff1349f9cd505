//! The proofs that delivery can be trusted: each promise of `docs/proofs.md` is broken at by what
//! breaks it in the world. They run short with every other test, and as large as promised by
//! `scripts/prove`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::print_stdout, reason = "what was measured is told")]

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
