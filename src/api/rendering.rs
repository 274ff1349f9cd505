//! Code highlighting and math rendering.

use leptos::prelude::*;

use super::transport::JsonRpc;
use crate::domain::{
    ChatError,
    rendering::{RenderRequest, Span},
};

/// Renders texts. Returns the spans of each, in the same order; `None` for a text that stays as
/// typed: an unknown language, an invalid formula, or one that takes too long.
///
/// # Errors
/// `too_large` at `texts` above 60 texts or 48 KiB; `too_many`; `busy` if rendering takes too long.
#[server(endpoint = "typeset", protocol = JsonRpc)]
pub async fn render(texts: Vec<RenderRequest>) -> Result<Vec<Option<Vec<Span>>>, ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    crate::domain::rendering::check_size(&texts)?;
    app.limits.render(user.person.id)?;
    app.renderer.render(user.person.id, texts).await
}
