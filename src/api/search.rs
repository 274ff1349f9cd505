//! Searching the messages of all one's conversations.

use leptos::prelude::*;

use super::transport::JsonRpc;
use crate::domain::{ChatError, search::Found};

/// The messages that one may read and that have everything that was typed, the best first. `ahead` is how many minutes the asker's
/// clock is ahead of UTC.
///
/// # Errors
/// `invalid` at `query`, naming the piece that cannot be taken, or at `before`; `too_many` for who searches too fast.
#[server(endpoint = "search", protocol = JsonRpc)]
pub async fn search(
    query: String,
    #[server(default)] before: Option<String>,
    #[server(default)] limit: Option<u32>,
    #[server(default)] ahead: Option<i32>,
) -> Result<Found, ChatError> {
    use crate::domain::search::{LARGEST_PAGE, PAGE, Query};
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    app.limits.search(user.person.id)?;
    let query = Query::parse(&query)?;
    // No place on earth is further from UTC.
    let ahead = ahead.unwrap_or(0).clamp(-24 * 60, 24 * 60);
    let limit = limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE) as usize;
    Ok(app.store.search(user.person.id, crate::server::store::SearchRequest { query, utc_offset_minutes: ahead, before, limit }).await?)
}
