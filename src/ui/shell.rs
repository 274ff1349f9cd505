//! The document around the app.
use leptos::prelude::*;
/// What the page's head needs.
#[derive(Clone, Debug, Default)]
pub struct Head {
    /// js
    pub script: String,
    /// wasm
    pub wasm: String,
    /// css
    pub style: String,
    /// theme
    pub theme: String,
}
/// The document
pub fn shell(_head: Head) -> impl IntoView {
    view! { <html><body><p>"x"</p></body></html> }
}
