//! Signs in all waiting tabs when one signs in. Also resolves a race: a tab whose session ended may
//! load before the cookie of the new session is set.

use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::accounts,
    client::{
        AppState, ConnectionStatus,
        browser::{self, session_storage},
    },
};

/// Not a user's channel: a tab at the sign-in page has no user.
const CHANNEL: &str = "chatbox";
const SESSION_QUERY: &str = "is anybody signed in?";
const SESSION_ANSWER: &str = "somebody is signed in";

/// Session storage key of a tab that was redirected to sign-in.
const REDIRECTED: &str = "chatbox-sent-to-sign-in";
/// Delays between checks for a new session, in milliseconds.
const CHECK_DELAYS: [u32; 3] = [1_000, 2_000, 6_000];

/// Goes to the sign-in page, which checks whether another session begins.
pub(in crate::client) fn go_to_sign_in() {
    session_storage::set(REDIRECTED, Some(""));
    browser::replace_location("/sign-in");
}

/// On a sign-in page: continues as soon as a user is signed in in this browser.
pub fn wait_for_session() {
    if session_storage::get(REDIRECTED).is_some() {
        session_storage::set(REDIRECTED, None);
        spawn_local(async {
            for delay in CHECK_DELAYS {
                browser::sleep(delay).await;
                reload_if_signed_in().await;
            }
        });
    }
    let channel = browser::open_channel(CHANNEL, |text| {
        if text == SESSION_ANSWER {
            spawn_local(reload_if_signed_in());
        }
    });
    let Some(channel) = channel else { return };
    browser::post_message(&channel, SESSION_QUERY);
    browser::on_wake(move || browser::post_message(&channel, SESSION_QUERY));
}

/// Continues if the server agrees: another tab may use a session whose cookie this one does not
/// have.
async fn reload_if_signed_in() {
    if accounts::me().await.is_ok() {
        browser::reload_as_get();
    }
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
