//! Code in its colours and formulas as they are printed.

use leptos::prelude::*;

use super::transport::JsonRpc;
use crate::domain::{
    ChatError,
    typeset::{Piece, Wanted},
};

/// The pieces of each text, in the order of the texts; nothing for one that stays as it was typed, because its language is not
/// known, it is no formula, or it takes too much.
///
/// # Errors
/// `too_large` at `texts` for more than 60 texts or 48 KiB; `too_many` for who asks too often; `busy` where it takes too long.
#[server(endpoint = "typeset", protocol = JsonRpc)]
pub async fn typeset(texts: Vec<Wanted>) -> Result<Vec<Option<Vec<Piece>>>, ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    crate::domain::typeset::may_ask(&texts)?;
    app.limits.render(user.person.id)?;
    app.renderer.render(user.person.id, texts).await
}
