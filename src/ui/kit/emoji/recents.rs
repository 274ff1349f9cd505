//! Recent emoji and skin tone of a user, in local storage.

use leptos::prelude::*;

use crate::client::browser;

/// Maximum number of recent emoji.
const MAX_RECENT: usize = 27;

/// Preferences by user: several may use one browser. Provided after sign-in.
#[derive(Clone, Copy, Default)]
pub struct EmojiPreferences(StoredValue<String>);

impl EmojiPreferences {
    /// Provides the preferences of a user.
    pub fn provide(owner: String) {
        provide_context(Self(StoredValue::new(owner)));
    }

    /// Recent emoji, latest first.
    #[must_use]
    pub fn recent(self) -> Vec<String> {
        browser::local_storage_get(&self.key("emoji"))
            .unwrap_or_default()
            .split_whitespace()
            .map(str::to_owned)
            .collect()
    }

    /// Records a use.
    pub fn record_use(self, glyph: &str) {
        let mut recent = self.recent();
        recent.retain(|known| known != glyph);
        recent.insert(0, glyph.to_owned());
        recent.truncate(MAX_RECENT);
        browser::local_storage_set(&self.key("emoji"), &recent.join(" "));
    }

    /// The chosen skin tone.
    #[must_use]
    pub fn tone(self) -> Option<char> {
        browser::local_storage_get(&self.key("skin")).and_then(|tone| tone.chars().next())
    }

    /// Sets the skin tone.
    pub fn set_tone(self, tone: Option<char>) {
        browser::local_storage_set(&self.key("skin"), &tone.map(String::from).unwrap_or_default());
    }

    fn key(self, what: &str) -> String {
        self.0.with_value(|owner| format!("{what}:{owner}"))
    }
}
