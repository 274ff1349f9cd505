//! Holds the scroll position: measures rows just before a change and restores them just after it.
//!
//! Measuring at the last scroll event would be wrong: a shorter history moves the scroller before
//! the next event.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{HtmlDivElement, HtmlElement};

/// The rows that are seen, and where each ends on the screen. Its end, because its beginning
/// changes when the message before it turns out to be of the same author. All of them, because the
/// topmost may become part of another: people who joined are one row.
pub(in crate::ui::conversation) struct ScrollAnchor {
    rows: Vec<(String, f64)>,
}

impl ScrollAnchor {
    /// The identified rows that end within the viewport, if there are any.
    pub(in crate::ui::conversation) fn capture(log: &HtmlDivElement) -> Option<Self> {
        let rows = log.first_element_child()?.children();
        let seen = log.get_bounding_client_rect();
        let end = |index: u32| {
            rows.item(index).map_or(f64::MAX, |row| row.get_bounding_client_rect().bottom())
        };
        let (mut first, mut beyond) = (0, rows.length());
        while first < beyond {
            let middle = u32::midpoint(first, beyond);
            if end(middle) > seen.top() { beyond = middle } else { first = middle + 1 }
        }
        let named = (first..rows.length())
            .filter_map(|index| rows.item(index))
            .filter(|row| !row.id().is_empty());
        let ends = named.map(|row| (row.id(), row.get_bounding_client_rect().bottom()));
        // At least one, even if a message is taller than the viewport.
        let rows: Vec<_> = ends
            .scan(false, |beyond, row| {
                (!std::mem::replace(beyond, row.1 > seen.bottom())).then_some(row)
            })
            .collect();
        (!rows.is_empty()).then_some(Self { rows })
    }

    /// Restores the topmost row that still exists.
    pub(in crate::ui::conversation) fn restore(&self, log: &HtmlDivElement) {
        let there =
            |(id, end): &(String, f64)| document().get_element_by_id(id).map(|row| (row, *end));
        let Some((row, end)) = self.rows.iter().find_map(there) else { return };
        let Some(rows) =
            log.first_element_child().and_then(|rows| rows.dyn_into::<HtmlElement>().ok())
        else {
            return;
        };
        let moved = || row.get_bounding_client_rect().bottom() - end;
        let _ = rows.style().remove_property("top");
        // Not with `scrollTop`, whose fraction this binding drops.
        let by = moved();
        if by != 0.0 {
            log.scroll_by_with_x_and_y(0.0, by);
        }
        // Engines scroll by whole device pixels, but rows have fractions. At an end of the history
        // more can remain.
        let left = moved();
        if left != 0.0 && left.abs() < 1.0 {
            let _ = rows.style().set_property("top", &format!("{}px", -left));
        }
    }
}
