//! The table of emoji, fetched when somebody first wants one, and then kept as long as the page lives.

use std::sync::OnceLock;

use leptos::{prelude::*, task::spawn_local};

use crate::client::browser;

/// Where it is served.
const ADDRESS: &str = "/emoji.txt";
/// The same for everybody and for ever, so it needs no owner.
static TABLE: OnceLock<String> = OnceLock::new();

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EmojiTable {
    /// It is on its way.
    Loading,
    /// Here it is.
    Loaded(&'static str),
    /// It did not come.
    Unavailable,
}

/// The table, if it is here.
#[must_use]
pub fn here() -> Option<&'static str> {
    TABLE.get().map(String::as_str)
}

/// Fetches the table, and hands it on; `None` when it did not come.
pub fn fetch(then: Box<dyn FnOnce(Option<&'static str>)>) {
    spawn_local(async move {
        let text = browser::fetch_text(ADDRESS).await;
        then(text.map(|text| TABLE.get_or_init(|| text).as_str()));
    });
}

/// Shows how far it has come, and asks for it where it is not here.
pub(super) fn load(into: RwSignal<EmojiTable>) {
    if let Some(table) = here() {
        return into.set(EmojiTable::Loaded(table));
    }
    into.set(EmojiTable::Loading);
    fetch(Box::new(move |table| {
        // The dialog may be closed by then.
        into.try_set(table.map_or(EmojiTable::Unavailable, EmojiTable::Loaded));
    }));
}
