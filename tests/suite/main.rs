//! Tests of the server through its real router and WebSocket, by subject.

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
