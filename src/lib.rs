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

/// Hydrates the page that the server has rendered; `needs_lazy`: its first frame may contain a lazy
/// view. Called by the page's script.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate(needs_lazy: bool) {
    console_error_panic_hook::set_once();
    ui::lazy::hydrate_when_ready(needs_lazy, || leptos::mount::hydrate_body(ui::app::App));
}
