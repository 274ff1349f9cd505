//! Code highlighting and math rendering, inserted when the text comes near the viewport. This file
//! only records the places; the rest is loaded lazily.

mod dom;
mod render_cache;

use std::cell::{Cell, RefCell};

use leptos::{task::spawn_local, wasm_split::SplitLoaderError};
use web_sys::Element;

use super::browser;
use crate::domain::rendering::RenderRequest;

/// Event that is dispatched before content changes its size, so that the scroll position can be
/// held.
pub const BEFORE_SHIFT: &str = "beforeshift";

/// Texts and their elements, in document order.
type Elements = Vec<(RenderRequest, Element)>;

/// Maximum number of cached texts rendered synchronously; the others follow in later frames.
const SYNC_LIMIT: u32 = 60;
/// Delay before loading the rendering code again, in milliseconds.
const RETRY_DELAY: u32 = 2_000;

/// Renders a text whose result is cached; the first of a batch announces the size change.
type RenderCached = fn(&RenderRequest, &Element, is_first: bool) -> bool;

thread_local! {
    static QUEUED: RefCell<Elements> = RefCell::default();
    /// Set once the lazy code is loaded.
    static RENDER_CACHED: Cell<Option<RenderCached>> = const { Cell::new(None) };
    /// How many texts were rendered synchronously in this batch.
    static SYNC_COUNT: Cell<u32> = const { Cell::new(0) };
}

/// Renders a text in an element when it comes near the viewport. A text that cannot be rendered
/// stays as typed.
pub fn render(request: RenderRequest, typed: &str, element: Element) {
    // The earlier rendering replaced the text node, so an edit would not show.
    if element.text_content().as_deref() != Some(typed) {
        element.set_text_content(Some(typed));
    }
    let rendered_now = SYNC_COUNT.get();
    let is_first = rendered_now == 0 && QUEUED.with_borrow(Vec::is_empty);
    if rendered_now < SYNC_LIMIT
        && RENDER_CACHED
            .get()
            .is_some_and(|render_cached| render_cached(&request, &element, rendered_now == 0))
    {
        SYNC_COUNT.set(rendered_now + 1);
    } else {
        QUEUED.with_borrow_mut(|new| new.push((request, element)));
    }
    if is_first {
        spawn_local(async {
            // Collect all elements of this batch.
            browser::sleep(0).await;
            SYNC_COUNT.set(0);
            let new = QUEUED.take();
            while !new.is_empty() && start_rendering(new.clone()).await.is_err() {
                browser::sleep(RETRY_DELAY).await;
            }
        });
    }
}

/// Split off: code that only this function reaches is loaded lazily.
#[leptos::wasm_split::wasm_split(later, wasm_split_path = leptos::wasm_split, fallible)]
fn start_rendering(new: Elements) -> Result<(), SplitLoaderError> {
    render_cache::watch(new);
    RENDER_CACHED.set(Some(render_cache::render_cached));
    Ok(())
}
