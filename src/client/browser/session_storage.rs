//! What this tab notes for its next page: it outlives a reload, and not the tab.

use leptos::prelude::window;

/// Notes something for the next page of this tab; nothing forgets it.
pub(in crate::client) fn set(name: &str, value: Option<&str>) {
    if let Ok(Some(storage)) = window().session_storage() {
        let _ = match value {
            Some(value) => storage.set_item(name, value),
            None => storage.remove_item(name),
        };
    }
}

/// What a page of this tab noted.
#[must_use]
pub(in crate::client) fn get(name: &str) -> Option<String> {
    window().session_storage().ok()??.get_item(name).ok()?
}

/// Forgets all of it: somebody else may sit down here.
pub(in crate::client) fn clear() {
    if let Ok(Some(storage)) = window().session_storage() {
        let _ = storage.clear();
    }
}
