//! Labels of shortcuts: key names, or symbols on a Mac.

use leptos::prelude::*;

use crate::client::browser;

/// Whether Mac symbols are used; known after hydration.
#[derive(Clone, Copy)]
pub struct Keyboard {
    is_mac: RwSignal<bool>,
}

impl Keyboard {
    /// Provides the context.
    pub fn provide() {
        let keyboard = Self { is_mac: RwSignal::new(false) };
        provide_context(keyboard);
        Effect::new(move || {
            if browser::is_mac() {
                keyboard.is_mac.set(true);
            }
        });
    }

    /// The label of a shortcut such as `Ctrl Shift F`.
    #[must_use]
    pub fn shortcut(self, keys: &'static str) -> String {
        if self.is_mac.get() { on_mac(keys) } else { keys.to_owned() }
    }
}

/// In Apple's order: Option, Shift, Command.
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
