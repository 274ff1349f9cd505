//! Who signs in in one tab of a browser is signed in in all: tabs that wait at a signing page go on by themselves. It also
//! mends a race: a tab that was told that its session ended may ask for a page before the new session's cookie is there.

use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::accounts,
    client::{
        Chat, Link,
        browser::{self, session_storage},
    },
};

/// Not a person's own channel: who waits at a signing page is nobody yet.
const CHANNEL: &str = "chatbox";
const QUESTION: &str = "is anybody signed in?";
const ANSWER: &str = "somebody is signed in";

/// Where a tab notes that it was sent to sign in.
const SENT: &str = "chatbox-sent-to-sign-in";
/// When a tab that was sent here looks whether somebody else is signed in by now, in milliseconds after one another.
const LOOKS: [u32; 3] = [1_000, 2_000, 6_000];

/// The session has ended: to the signing page, which looks whether another one begins.
pub(in crate::client) fn leave() {
    session_storage::note(SENT, Some(""));
    browser::leave_for("/sign-in");
}

/// At a signing page: goes on as soon as somebody is signed in in this browser.
pub fn wait() {
    if session_storage::noted(SENT).is_some() {
        session_storage::note(SENT, None);
        spawn_local(async {
            for wait in LOOKS {
                browser::sleep(wait).await;
                look().await;
            }
        });
    }
    let channel = browser::channel(CHANNEL, |text| {
        if text == ANSWER {
            spawn_local(look());
        }
    });
    let Some(channel) = channel else { return };
    browser::post(&channel, QUESTION);
    browser::on_wake(move || browser::post(&channel, QUESTION));
}

/// Goes on if the server agrees: another tab may believe in a session that this one has no cookie of.
async fn look() {
    if accounts::me().await.is_ok() {
        browser::load_again();
    }
}

/// In a signed-in tab: tells those who wait.
pub(in crate::client) fn announce(chat: Chat) {
    let asked = RwSignal::new(());
    let channel = browser::channel(CHANNEL, move |text| {
        if text == QUESTION {
            asked.set(());
        }
    });
    let Some(channel) = channel else { return };
    Effect::new(move || {
        asked.track();
        if chat.link.get() == Link::Live {
            browser::post(&channel, ANSWER);
        }
    });
}
