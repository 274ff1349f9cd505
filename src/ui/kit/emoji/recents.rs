//! What this browser keeps of a person's way with emoji: those used lately, and the skin tone.

use leptos::prelude::*;

use crate::client::browser;

/// Most that are kept.
const MAX_RECENT: usize = 27;

/// Whose habits they are: several people may use one browser. Provided once somebody is signed in.
#[derive(Clone, Copy, Default)]
pub struct EmojiPreferences(StoredValue<String>);

impl EmojiPreferences {
    /// The habits of this person.
    pub fn provide(owner: String) {
        provide_context(Self(StoredValue::new(owner)));
    }

    /// Those used lately, the latest first.
    #[must_use]
    pub fn recent(self) -> Vec<String> {
        browser::local_storage_get(&self.key("emoji")).unwrap_or_default().split_whitespace().map(str::to_owned).collect()
    }

    /// One is used now.
    pub fn record_use(self, glyph: &str) {
        let mut recent = self.recent();
        recent.retain(|known| known != glyph);
        recent.insert(0, glyph.to_owned());
        recent.truncate(MAX_RECENT);
        browser::local_storage_set(&self.key("emoji"), &recent.join(" "));
    }

    /// The skin tone that was chosen.
    #[must_use]
    pub fn tone(self) -> Option<char> {
        browser::local_storage_get(&self.key("skin")).and_then(|tone| tone.chars().next())
    }

    /// Another skin tone is chosen.
    pub fn set_tone(self, tone: Option<char>) {
        browser::local_storage_set(&self.key("skin"), &tone.map(String::from).unwrap_or_default());
    }

    fn key(self, what: &str) -> String {
        self.0.with_value(|owner| format!("{what}:{owner}"))
    }
}
