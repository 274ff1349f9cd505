//! HTTP: errors, requests, pages, logging, security, and the documented protocol.

pub(crate) mod errors;
pub(crate) mod logging;
pub(crate) mod pages;
pub(crate) mod protocol_doc;
pub(crate) mod requests;
pub(crate) mod security;
