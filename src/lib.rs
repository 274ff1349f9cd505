//! ChatBox, the plan of the house. One crate, two builds: the server (`ssr`) and the browser's half (`hydrate`).
//!
//! In reading order: what ChatBox is about ([`domain`]), what travels on the socket ([`protocol`]), what one may ask
//! ([`api`]), what only the server has ([`server`]), what the browser remembers ([`client`]), what one sees ([`ui`]).
//! Which module may use which is described in `docs/architecture.md` and checked by `tests/house_rules.rs`. Features are asked for here and nowhere else.

#![recursion_limit = "256"]

pub mod api;
pub mod client;
pub mod domain;
pub mod protocol;
#[cfg(feature = "ssr")]
pub mod server;
#[expect(unreachable_pub, reason = "the component macro makes every component public")]
pub mod ui;

/// Wakes up the page that the server has rendered; `shows_part` when its first frame needs the code that comes later. Called by
/// the page's script.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate(shows_part: bool) {
    console_error_panic_hook::set_once();
    ui::lazy::hydrate_when_ready(shows_part, || leptos::mount::hydrate_body(ui::app::App));
}
