//! The server as a whole, told in sentences: the real router on a real port, people with cookies, ears on sockets.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod accounts;
mod alterations;
mod authorisation;
mod backup;
mod bucket;
mod conversations;
mod delivered;
mod delivery;
mod errors;
mod files;
#[path = "../harness/mod.rs"]
mod harness;
mod hostile_files;
mod killed;
mod knowing;
mod large_groups;
mod levels;
mod logging;
mod names;
mod one_browser;
mod outside;
mod own;
mod pages;
mod pinned_conversations;
mod presence;
mod previews;
mod protocol_doc;
mod requests;
mod restored;
mod returning;
mod safety;
mod search;
mod search_pages;
mod sockets;
mod typeset;
