//! The server as a whole, told in sentences: the real router on a real port, people with cookies,
//! ears on sockets.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod accounts;
mod conversations;
mod data;
mod files;
#[path = "../harness/mod.rs"]
mod harness;
mod http;
mod messages;
mod realtime;
