//! The emoji table, loaded on first use and kept for the life of the page.

use std::sync::OnceLock;

use leptos::{prelude::*, task::spawn_local};

use crate::client::browser;

/// Its URL.
const ADDRESS: &str = "/emoji.txt";
/// The same for every user.
static TABLE: OnceLock<String> = OnceLock::new();

/// Loading state of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EmojiTable {
    /// Loading.
    Loading,
    /// Loaded.
    Loaded(&'static str),
    /// Not available.
    Unavailable,
}

/// The table, if loaded.
#[must_use]
pub fn here() -> Option<&'static str> {
    TABLE.get().map(String::as_str)
}

/// Loads the table and calls back; `None` on failure.
pub fn fetch(then: Box<dyn FnOnce(Option<&'static str>)>) {
    spawn_local(async move {
        let text = browser::fetch_text(ADDRESS).await;
        then(text.map(|text| TABLE.get_or_init(|| text).as_str()));
    });
}

/// Loads the table into a signal.
pub(super) fn load(into: RwSignal<EmojiTable>) {
    if let Some(table) = here() {
        return into.set(EmojiTable::Loaded(table));
    }
    into.set(EmojiTable::Loading);
    fetch(Box::new(move |table| {
        // The picker may be closed by now.
        into.try_set(table.map_or(EmojiTable::Unavailable, EmojiTable::Loaded));
    }));
}
