//! The test harness: a server with its users and their sockets, and a fake web outside of it.

pub(crate) mod fake_web;
pub(crate) mod server;
pub(crate) mod socket;
pub(crate) mod sqlite_file;
pub(crate) mod user;
