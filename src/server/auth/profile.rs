//! The current user's profile.

use super::current_user::CurrentUser;
use crate::{
    domain::{Person, person},
    server::{App, error::AppError, names, store::ProfileChange},
};

impl App {
    /// Changes the profile of the current user; `None` stays as it is, and an empty title or time
    /// zone is removed. Returns the profile.
    ///
    /// # Errors
    /// `invalid` or `conflict` at the field at fault.
    pub async fn set_profile(
        &self,
        user: &CurrentUser,
        display_name: Option<String>,
        username: Option<String>,
        title: Option<String>,
        time_zone: Option<String>,
    ) -> Result<Person, AppError> {
        let mut change = ProfileChange::default();
        if let Some(typed) = username {
            let username = person::username(&typed)?;
            let key = names::username_key(&username);
            if username != user.person.username {
                names::check_username_reserved(&key)?;
            }
            change.username = Some((username, key));
        }
        if let Some(typed) = display_name {
            let name = person::display_name(&typed)?;
            if name != user.person.display_name {
                names::check_display_name_reserved(&name)?;
            }
            change.display_name = Some(name);
        }
        change.title = title.map(|typed| person::title(&typed)).transpose()?;
        change.time_zone = time_zone.map(|typed| person::time_zone(&typed)).transpose()?;
        self.store.set_profile(user.actor(), change).await?;
        self.store.person(user.person.id).await
    }
}
