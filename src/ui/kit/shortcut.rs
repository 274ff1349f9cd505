//! Shortcuts in writing: with the names of keys, and on a Mac with their signs.

use leptos::prelude::*;

use crate::client::browser;

/// Whether keys are written as on a Mac; known once the page is awake.
#[derive(Clone, Copy)]
pub struct Keyboard {
    is_mac: RwSignal<bool>,
}

impl Keyboard {
    /// Provides it to the page.
    pub fn provide() {
        let keyboard = Self { is_mac: RwSignal::new(false) };
        provide_context(keyboard);
        Effect::new(move || {
            if browser::is_mac() {
                keyboard.is_mac.set(true);
            }
        });
    }

    /// A shortcut, from how it is written elsewhere: `Ctrl Shift F`.
    #[must_use]
    pub fn shortcut(self, keys: &'static str) -> String {
        if self.is_mac.get() { on_mac(keys) } else { keys.to_owned() }
    }
}

/// Apple's order of the signs: Option, Shift, Command.
fn on_mac(keys: &str) -> String {
    let signs = [("Ctrl Shift ", "⇧⌘"), ("Ctrl ", "⌘"), ("Alt ", "⌥"), ("Shift ", "⇧")];
    signs.into_iter().fold(keys.to_owned(), |keys, (name, sign)| keys.replace(name, sign))
}

#[cfg(test)]
mod tests {
    use super::on_mac;

    #[test]
    fn shortcuts_use_symbols_on_a_mac() {
        for (keys, signs) in [
            ("Ctrl K", "⌘K"),
            ("Ctrl Shift F", "⇧⌘F"),
            ("Alt ↑ / Alt ↓", "⌥↑ / ⌥↓"),
            ("Alt Shift ↑ / ↓", "⌥⇧↑ / ↓"),
            ("Shift Enter", "⇧Enter"),
            ("Ctrl B / Ctrl I", "⌘B / ⌘I"),
            ("Esc", "Esc"),
        ] {
            assert_eq!(on_mac(keys), signs);
        }
    }
}
