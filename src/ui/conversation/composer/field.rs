//! The height of the composer's field, and whether the user writes in a field.

use leptos::prelude::*;
use web_sys::{HtmlElement, HtmlTextAreaElement};

/// Whether a text field has the focus.
pub(super) fn is_writing() -> bool {
    document()
        .active_element()
        .is_some_and(|element| matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA"))
}

/// Grows with its text, up to the limit of the style sheet.
pub(super) fn grow(field: &HtmlTextAreaElement) {
    let style = HtmlElement::style(field);
    let _ = style.set_property("height", "auto");
    // A hidden field has no height; it grows on the next input.
    if field.scroll_height() == 0 {
        return;
    }
    let _ = style.set_property("height", &format!("{}px", field.scroll_height()));
}
