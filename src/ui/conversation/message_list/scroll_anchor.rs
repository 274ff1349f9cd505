//! Holds the view still while what is shown changes: a row is measured just before the change and put back just after it.
//!
//! Measured at the last scroll, it would be too early or too late: a change that makes the history shorter moves the
//! scroller by itself, and says so before the next frame.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{HtmlDivElement, HtmlElement};

/// The rows that are seen, and where each ends on the screen. Its end, because its beginning changes when the message before it
/// turns out to be of the same author. All of them, because the topmost may become part of another: people who joined are one row.
pub(in crate::ui::conversation) struct ScrollAnchor {
    rows: Vec<(String, f64)>,
}

impl ScrollAnchor {
    /// The rows with a name that end within what is seen, from the top, if there are any.
    pub(in crate::ui::conversation) fn capture(log: &HtmlDivElement) -> Option<Self> {
        let rows = log.first_element_child()?.children();
        let seen = log.get_bounding_client_rect();
        let end = |index: u32| rows.item(index).map_or(f64::MAX, |row| row.get_bounding_client_rect().bottom());
        let (mut first, mut beyond) = (0, rows.length());
        while first < beyond {
            let middle = u32::midpoint(first, beyond);
            if end(middle) > seen.top() { beyond = middle } else { first = middle + 1 }
        }
        let named = (first..rows.length()).filter_map(|index| rows.item(index)).filter(|row| !row.id().is_empty());
        let ends = named.map(|row| (row.id(), row.get_bounding_client_rect().bottom()));
        // At least one, also where a single message is longer than the screen.
        let rows: Vec<_> = ends.scan(false, |beyond, row| (!std::mem::replace(beyond, row.1 > seen.bottom())).then_some(row)).collect();
        (!rows.is_empty()).then_some(Self { rows })
    }

    /// Puts the topmost row that is still there back where it was.
    pub(in crate::ui::conversation) fn restore(&self, log: &HtmlDivElement) {
        let there = |(id, end): &(String, f64)| document().get_element_by_id(id).map(|row| (row, *end));
        let Some((row, end)) = self.rows.iter().find_map(there) else { return };
        let Some(rows) = log.first_element_child().and_then(|rows| rows.dyn_into::<HtmlElement>().ok()) else { return };
        let moved = || row.get_bounding_client_rect().bottom() - end;
        let _ = rows.style().remove_property("top");
        // Not by setting `scrollTop`, whose fraction is lost on the way through this binding.
        let by = moved();
        if by != 0.0 {
            log.scroll_by_with_x_and_y(0.0, by);
        }
        // Engines scroll by whole pixels of the screen, and lines have fractions. At an end of the history more than that can be left.
        let left = moved();
        if left != 0.0 && left.abs() < 1.0 {
            let _ = rows.style().set_property("top", &format!("{}px", -left));
        }
    }
}
