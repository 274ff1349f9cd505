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
const AT_ONCE: u32 = 60;
/// How long until the code that sets them is asked for again, in milliseconds.
const AGAIN: u32 = 2_000;

/// Sets a text whose answer is known; the first of those that are shown in one go holds the view still.
type SetKnown = fn(&Wanted, &Element, is_first: bool) -> bool;

thread_local! {
    static NEW: RefCell<Places> = RefCell::default();
    /// There once the code that comes later is.
    static SET_KNOWN: Cell<Option<SetKnown>> = const { Cell::new(None) };
    /// How many of those that are shown in this go were set at once.
    static AT_ONCE_NOW: Cell<u32> = const { Cell::new(0) };
}

/// Sets this text in this place, when it is near to what is seen; what cannot be set stays as it was typed.
pub fn set(wanted: Wanted, typed: &str, place: Element) {
    // What was set there before has taken the place of the page's own text, and an edit would not show.
    if place.text_content().as_deref() != Some(typed) {
        place.set_text_content(Some(typed));
    }
    let set_now = AT_ONCE_NOW.get();
    let is_first = set_now == 0 && NEW.with_borrow(Vec::is_empty);
    if set_now < AT_ONCE && SET_KNOWN.get().is_some_and(|set_known| set_known(&wanted, &place, set_now == 0)) {
        AT_ONCE_NOW.set(set_now + 1);
    } else {
        NEW.with_borrow_mut(|new| new.push((wanted, place)));
    }
    if is_first {
        spawn_local(async {
            // Those that are shown in one go are taken in one go.
            browser::sleep(0).await;
            AT_ONCE_NOW.set(0);
            let new = NEW.take();
            while !new.is_empty() && take(new.clone()).await.is_err() {
                browser::sleep(AGAIN).await;
            }
        });
    }
}

/// Whatever only this function reaches is split off.
#[leptos::wasm_split::wasm_split(later, wasm_split_path = leptos::wasm_split, fallible)]
fn take(new: Places) -> Result<(), SplitLoaderError> {
    render_cache::watch(new);
    SET_KNOWN.set(Some(render_cache::set_known));
    Ok(())
}
