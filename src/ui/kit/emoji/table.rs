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
pub(super) enum Table {
    /// It is on its way.
    Coming,
    /// Here it is.
    Here(&'static str),
    /// It did not come.
    Missing,
}

/// The table, if it is here.
#[must_use]
pub fn here() -> Option<&'static str> {
    TABLE.get().map(String::as_str)
}

/// Fetches the table, and hands it on; `None` when it did not come.
pub fn fetch(then: Box<dyn FnOnce(Option<&'static str>)>) {
    spawn_local(async move {
        let text = browser::text_at(ADDRESS).await;
        then(text.map(|text| TABLE.get_or_init(|| text).as_str()));
    });
}

/// Shows how far it has come, and asks for it where it is not here.
pub(super) fn load(into: RwSignal<Table>) {
    if let Some(table) = here() {
        return into.set(Table::Here(table));
    }
    into.set(Table::Coming);
    fetch(Box::new(move |table| {
        // The dialog may be closed by then.
        into.try_set(table.map_or(Table::Missing, Table::Here));
    }));
}
