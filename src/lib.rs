//! ChatBox: one crate with two builds, the server (`ssr`) and the web application (`hydrate`).
//!
//! In reading order: data types and rules ([`domain`]), WebSocket frames ([`protocol`]), server
//! functions ([`api`]), the server (`server`), the client's state ([`client`]), and the views
//! ([`ui`]). `docs/architecture.md` describes them and which may use which; `tests/house_rules.rs`
//! checks it. Feature gates are in this file and `main.rs` only.

#![recursion_limit = "256"]

pub mod api;
pub mod client;
pub mod domain;
pub mod protocol;
#[cfg(feature = "ssr")]
pub mod server;
#[expect(unreachable_pub, reason = "the component macro makes every component public")]
pub mod ui;

/// Decodes the initial state of the page, so that hydration finds it ready. Called by the page's
/// script, in a task of its own.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn decode_initial_state(json: &str) {
    console_error_panic_hook::set_once();
    api::hydration::decode_ahead::<Option<api::conversations::InitialState>>(json);
}

/// Hydrates the page that the server has rendered; `needs_lazy`: its first frame may contain a lazy
/// view. Called by the page's script.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate(needs_lazy: bool) {
    console_error_panic_hook::set_once();
    ui::lazy::hydrate_when_ready(needs_lazy, || leptos::mount::hydrate_body(ui::app::App));
}
