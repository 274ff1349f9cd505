//! What one may ask: server functions, one noun a file, `POST /api/<name>`, JSON in and out. A body is check, do, answer.
//! In the browser the same names are the calls.

#[expect(missing_docs, reason = "the fields that the framework makes are the arguments of the functions")]
pub mod accounts;
#[expect(missing_docs, reason = "the fields that the framework makes are the arguments of the functions")]
pub mod conversations;
mod error;
#[expect(missing_docs, reason = "the fields that the framework makes are the arguments of the functions")]
pub mod files;
#[expect(missing_docs, reason = "the fields that the framework makes are the arguments of the functions")]
pub mod groups;
pub mod hydration;
#[expect(missing_docs, reason = "the fields that the framework makes are the arguments of the functions")]
pub mod messages;
#[expect(missing_docs, reason = "the fields that the framework makes are the arguments of the functions")]
pub mod people;
#[expect(missing_docs, reason = "the fields that the framework makes are the arguments of the functions")]
pub mod search;
pub mod transport;
#[expect(missing_docs, reason = "the fields that the framework makes are the arguments of the functions")]
pub mod typeset;
