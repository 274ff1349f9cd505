//! Reference servers: the limit of this machine, and the cost of the framework alone. Their
//! protocol is minimal: `/ear` receives every message, `/mouth` sends one message per frame and
//! gets `kept` as acknowledgement.

pub mod bare_axum;
pub mod durable;

use serde_json::json;

/// Sent to a listener once it is registered.
pub const CURRENT: &str = r#"{"type":"current"}"#;
/// Acknowledges a stored message.
pub const KEPT: &str = "kept";

/// The frame that delivers a message.
#[must_use]
pub fn message(seq: u64, body: &str) -> String {
    let body = json!(body);
    format!(r#"{{"seq":{seq},"body":{body}}}"#)
}
