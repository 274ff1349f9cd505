//! Code's colours and printed formulas, put in the place of what was typed once somebody looks at them. Here is only what notes the
//! places; the rest is a part of the code that comes later.

mod dom;
mod render_cache;

use std::cell::{Cell, RefCell};

use leptos::{task::spawn_local, wasm_split::SplitLoaderError};
use web_sys::Element;

use super::browser;
use crate::domain::typeset::Wanted;

/// Told to whoever holds the view still, just before something changes its size.
pub const BEFORE_SHIFT: &str = "beforeshift";

/// Texts and where they stand, in the order in which they came to the page.
type Places = Vec<(Wanted, Element)>;

/// How many texts whose answers are known are set at once, without a frame with what was typed between; the others follow.
const SYNC_LIMIT: u32 = 60;
/// How long until the code that sets them is asked for again, in milliseconds.
const RETRY_DELAY: u32 = 2_000;

/// Sets a text whose answer is known; the first of those that are shown in one go holds the view still.
type RenderCached = fn(&Wanted, &Element, is_first: bool) -> bool;

thread_local! {
    static QUEUED: RefCell<Places> = RefCell::default();
    /// There once the code that comes later is.
    static RENDER_CACHED: Cell<Option<RenderCached>> = const { Cell::new(None) };
    /// How many of those that are shown in this go were set at once.
    static SYNC_COUNT: Cell<u32> = const { Cell::new(0) };
}

/// Sets this text in this place, when it is near to what is seen; what cannot be set stays as it was typed.
pub fn render(wanted: Wanted, typed: &str, place: Element) {
    // What was set there before has taken the place of the page's own text, and an edit would not show.
    if place.text_content().as_deref() != Some(typed) {
        place.set_text_content(Some(typed));
    }
    let rendered_now = SYNC_COUNT.get();
    let is_first = rendered_now == 0 && QUEUED.with_borrow(Vec::is_empty);
    if rendered_now < SYNC_LIMIT && RENDER_CACHED.get().is_some_and(|render_cached| render_cached(&wanted, &place, rendered_now == 0)) {
        SYNC_COUNT.set(rendered_now + 1);
    } else {
        QUEUED.with_borrow_mut(|new| new.push((wanted, place)));
    }
    if is_first {
        spawn_local(async {
            // Those that are shown in one go are taken in one go.
            browser::sleep(0).await;
            SYNC_COUNT.set(0);
            let new = QUEUED.take();
            while !new.is_empty() && start_rendering(new.clone()).await.is_err() {
                browser::sleep(RETRY_DELAY).await;
            }
        });
    }
}

/// Whatever only this function reaches is split off.
#[leptos::wasm_split::wasm_split(later, wasm_split_path = leptos::wasm_split, fallible)]
fn start_rendering(new: Places) -> Result<(), SplitLoaderError> {
    render_cache::watch(new);
    RENDER_CACHED.set(Some(render_cache::render_cached));
    Ok(())
}
