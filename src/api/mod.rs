//! Server functions, `POST /api/<name>`, JSON in and out. One file per noun. A body checks its
//! arguments, calls the server and returns. In the browser the same functions send the request.

#[expect(
    missing_docs,
    reason = "the fields that the framework makes are the arguments of the functions"
)]
pub mod accounts;
#[expect(
    missing_docs,
    reason = "the fields that the framework makes are the arguments of the functions"
)]
pub mod administration;
#[expect(
    missing_docs,
    reason = "the fields that the framework makes are the arguments of the functions"
)]
pub mod conversations;
#[expect(
    missing_docs,
    reason = "the fields that the framework makes are the arguments of the functions"
)]
pub mod credentials;
mod error;
#[expect(
    missing_docs,
    reason = "the fields that the framework makes are the arguments of the functions"
)]
pub mod files;
#[expect(
    missing_docs,
    reason = "the fields that the framework makes are the arguments of the functions"
)]
pub mod groups;
pub mod hydration;
#[expect(
    missing_docs,
    reason = "the fields that the framework makes are the arguments of the functions"
)]
pub mod invitations;
#[expect(
    missing_docs,
    reason = "the fields that the framework makes are the arguments of the functions"
)]
pub mod messages;
#[expect(
    missing_docs,
    reason = "the fields that the framework makes are the arguments of the functions"
)]
pub mod people;
#[expect(
    missing_docs,
    reason = "the fields that the framework makes are the arguments of the functions"
)]
pub mod rendering;
#[expect(
    missing_docs,
    reason = "the fields that the framework makes are the arguments of the functions"
)]
pub mod search;
pub mod transport;
