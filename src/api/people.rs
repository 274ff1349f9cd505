//! People, as others see them.

use leptos::prelude::*;

use super::asking::Asking;
use crate::domain::{ChatError, Millis};

/// When somebody was last online, to the minute; nothing while they are, of who would rather not tell, and of who never was.
///
/// # Errors
/// `not_found` when there is nobody.
#[server(endpoint = "last_seen", protocol = Asking)]
pub async fn last_seen(person: String) -> Result<Option<Millis>, ChatError> {
    let (app, _) = crate::server::caller::Caller::required()?;
    let person = crate::domain::PersonId::parse(&person)?;
    let last_seen = app.store.last_seen(person).await?;
    Ok(last_seen.filter(|_| !app.hub.is_online(person)))
}
