//! Signs in all waiting tabs when one signs in. Also resolves a race: a tab whose session ended may
//! load before the cookie of the new session is set. The waiting tabs run `ui/pages/auth/auth.js`.

use leptos::prelude::*;

use crate::client::{
    AppState, ConnectionStatus,
    browser::{self, session_storage},
};

/// Not a user's channel: a tab at the sign-in page has no user.
pub const CHANNEL: &str = "chatbox";
/// What a waiting tab asks.
pub const SESSION_QUERY: &str = "is anybody signed in?";
/// What a signed-in tab answers.
pub const SESSION_ANSWER: &str = "somebody is signed in";

/// Session storage key of a tab that was redirected to sign-in.
pub const REDIRECTED: &str = "chatbox-sent-to-sign-in";

/// Goes to the sign-in page, which checks whether another session begins.
pub(in crate::client) fn go_to_sign_in() {
    session_storage::set(REDIRECTED, Some(""));
    browser::replace_location("/sign-in");
}

/// In a signed-in tab: answers the waiting ones.
pub(in crate::client) fn announce_session(app: AppState) {
    let asked = RwSignal::new(());
    let channel = browser::open_channel(CHANNEL, move |text| {
        if text == SESSION_QUERY {
            asked.set(());
        }
    });
    let Some(channel) = channel else { return };
    Effect::new(move || {
        asked.track();
        if app.connection.get() == ConnectionStatus::Live {
            browser::post_message(&channel, SESSION_ANSWER);
        }
    });
}
