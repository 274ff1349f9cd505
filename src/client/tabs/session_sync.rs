//! Who signs in in one tab of a browser is signed in in all: tabs that wait at a signing page go on by themselves. It also
//! mends a race: a tab that was told that its session ended may ask for a page before the new session's cookie is there.

use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::accounts,
    client::{
        AppState, ConnectionStatus,
        browser::{self, session_storage},
    },
};

/// Not a person's own channel: who waits at a signing page is nobody yet.
const CHANNEL: &str = "chatbox";
const SESSION_QUERY: &str = "is anybody signed in?";
const SESSION_ANSWER: &str = "somebody is signed in";

/// Where a tab notes that it was sent to sign in.
const REDIRECTED: &str = "chatbox-sent-to-sign-in";
/// When a tab that was sent here looks whether somebody else is signed in by now, in milliseconds after one another.
const CHECK_DELAYS: [u32; 3] = [1_000, 2_000, 6_000];

/// The session has ended: to the signing page, which looks whether another one begins.
pub(in crate::client) fn go_to_sign_in() {
    session_storage::set(REDIRECTED, Some(""));
    browser::replace_location("/sign-in");
}

/// At a signing page: goes on as soon as somebody is signed in in this browser.
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

/// Goes on if the server agrees: another tab may believe in a session that this one has no cookie of.
async fn reload_if_signed_in() {
    if accounts::me().await.is_ok() {
        browser::reload_as_get();
    }
}

/// In a signed-in tab: tells those who wait.
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
