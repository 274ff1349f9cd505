//! Session storage of this tab: survives a reload, but not the tab.

use leptos::prelude::window;

/// Sets a value; `None` removes it.
pub(in crate::client) fn set(name: &str, value: Option<&str>) {
    if let Ok(Some(storage)) = window().session_storage() {
        let _ = match value {
            Some(value) => storage.set_item(name, value),
            None => storage.remove_item(name),
        };
    }
}

/// A stored value.
#[must_use]
pub(in crate::client) fn get(name: &str) -> Option<String> {
    window().session_storage().ok()??.get_item(name).ok()?
}

/// Removes all values on sign-out.
pub(in crate::client) fn clear() {
    if let Ok(Some(storage)) = window().session_storage() {
        let _ = storage.clear();
    }
}
