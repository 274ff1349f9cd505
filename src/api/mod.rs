//! What one may ask: server functions, one noun a file, `POST /api/<name>`, JSON in and out. A body is check, do, answer.
//! In the browser the same names are the calls.

pub mod accounts;
pub mod conversations;
mod error;
pub mod groups;
pub mod messages;
