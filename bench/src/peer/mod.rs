//! Reference servers: the limit of this machine, and the cost of the framework alone. Their
//! protocol is minimal: `/receive` gets every message, `/send` takes one message per frame and
//! acknowledges it with `ack`.

pub mod bare_axum;
pub mod durable;

use serde_json::json;

/// Sent to a receiver once it is registered.
pub const CURRENT: &str = r#"{"type":"current"}"#;
/// Acknowledges a stored message.
pub const ACK: &str = "ack";

/// The frame that delivers a message.
#[must_use]
pub fn message_frame(seq: u64, body: &str) -> String {
    let body = json!(body);
    format!(r#"{{"seq":{seq},"body":{body}}}"#)
}
