//! Reference peers: what this machine can do at most, and what the framework alone costs. They
//! speak the least that a group of listeners needs: `/ear` hears every message, `/mouth` sends one
//! with each frame and is told `kept`.

pub mod durable;
pub mod framework;

use serde_json::json;

/// What a listener is told once it is there.
pub const CURRENT: &str = r#"{"type":"current"}"#;
/// What a sender is told once its message is kept.
pub const KEPT: &str = "kept";

/// A message as listeners hear it.
#[must_use]
pub fn message(seq: u64, body: &str) -> String {
    let body = json!(body);
    format!(r#"{{"seq":{seq},"body":{body}}}"#)
}
