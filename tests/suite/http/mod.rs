//! HTTP: errors, requests, connections, hosts, pages, logging, security, and the documented
//! protocol.

mod connections;
pub(crate) mod errors;
mod hosts;
pub(crate) mod logging;
pub(crate) mod pages;
pub(crate) mod protocol_doc;
pub(crate) mod requests;
pub(crate) mod security;
