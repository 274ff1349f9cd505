//! Holds the view still while what is shown changes: a row is measured just before the change and put back just after it.
//!
//! Measured at the last scroll, it would be too early or too late: a change that makes the history shorter moves the
//! scroller by itself, and says so before the next frame.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDivElement};

/// A row that is seen, and where it ends on the screen. Its end, because its beginning changes when the message before it
/// turns out to be of the same author.
pub(super) struct Anchor {
    row: String,
    end: f64,
}

impl Anchor {
    /// The topmost row with a name that ends within what is seen, if there is one.
    pub(super) fn take(log: &HtmlDivElement) -> Option<Self> {
        let rows = log.first_element_child()?.children();
        let top = log.get_bounding_client_rect().top();
        let end = |index: u32| rows.item(index).map_or(f64::MAX, |row| row.get_bounding_client_rect().bottom());
        let (mut first, mut beyond) = (0, rows.length());
        while first < beyond {
            let middle = u32::midpoint(first, beyond);
            if end(middle) > top { beyond = middle } else { first = middle + 1 }
        }
        let row = (first..rows.length()).filter_map(|index| rows.item(index)).find(|row| !row.id().is_empty())?;
        Some(Self { row: row.id(), end: row.get_bounding_client_rect().bottom() })
    }

    /// Puts the row back where it was, if it is still there.
    pub(super) fn hold(self, log: &HtmlDivElement) {
        let Some(row) = document().get_element_by_id(&self.row).and_then(|row| row.dyn_into::<Element>().ok()) else { return };
        #[expect(clippy::cast_possible_truncation, reason = "a screen's distance")]
        let moved = (row.get_bounding_client_rect().bottom() - self.end).round() as i32;
        if moved != 0 {
            log.set_scroll_top(log.scroll_top() + moved);
        }
    }
}
