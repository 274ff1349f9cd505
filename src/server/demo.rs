//! A lifelike workspace.

use super::config::DemoConfig;

/// Fills an empty data folder.
///
/// # Errors
/// One sentence that says what to do.
pub async fn fill(_config: &DemoConfig) -> Result<(), String> {
    Err("not yet".into())
}
