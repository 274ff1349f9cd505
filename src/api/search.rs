//! Search in the messages of the current user's conversations.

use leptos::prelude::*;

use super::transport::JsonRpc;
use crate::domain::{ChatError, search::SearchResults};

/// Returns the messages that match the query and that the current user may read, best first.
/// `ahead` is the UTC offset of the client in minutes; `before` the cursor of the previous page.
///
/// # Errors
/// `invalid` at `query`, naming the token at fault, or at `before`; `too_many`.
#[server(endpoint = "search", protocol = JsonRpc)]
pub async fn search(
    query: String,
    #[server(default)] before: Option<String>,
    #[server(default)] limit: Option<u32>,
    #[server(default)] ahead: Option<i32>,
) -> Result<SearchResults, ChatError> {
    use crate::domain::search::{MAX_PAGE, PAGE, Query};
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    app.limits.search(user.person.id)?;
    let query = Query::parse(&query)?;
    // No UTC offset is larger.
    let ahead = ahead.unwrap_or(0).clamp(-24 * 60, 24 * 60);
    let limit = limit.unwrap_or(PAGE).clamp(1, MAX_PAGE) as usize;
    Ok(app
        .store
        .search(
            user.person.id,
            crate::server::store::SearchRequest { query, utc_offset_minutes: ahead, before, limit },
        )
        .await?)
}
