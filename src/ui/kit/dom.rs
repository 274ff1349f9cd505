//! Direct DOM helpers, for lists that are rebuilt while the user types.

use leptos::prelude::{document, request_animation_frame};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlElement, NodeList, ScrollIntoViewOptions, ScrollLogicalPosition};

/// Appends a new element with a text.
pub(super) fn add(to: &Element, tag: &str, class: &str, text: &str) -> Option<Element> {
    let made = document().create_element(tag).ok()?;
    made.set_class_name(class);
    made.set_text_content(Some(text));
    to.append_child(&made).ok()?;
    Some(made)
}

/// Focuses this selector if the focused element is being removed. Otherwise the next key would
/// start at the top of the page.
pub(in crate::ui) fn focus_instead(selector: String) {
    let focus = move || {
        let is_lost =
            document().active_element().is_none_or(|element| element.tag_name() == "BODY");
        let instead = document().query_selector(&selector).ok().flatten().filter(|_| is_lost);
        if let Some(instead) = instead.and_then(|instead| instead.dyn_into::<HtmlElement>().ok()) {
            let _ = instead.focus();
        }
    };
    // The element is removed in this frame.
    request_animation_frame(move || request_animation_frame(focus));
}

/// Query results as elements, in document order.
pub(in crate::ui) fn elements(found: Result<NodeList, JsValue>) -> Vec<HtmlElement> {
    let Ok(list) = found else { return Vec::new() };
    (0..list.length()).filter_map(|at| list.get(at)?.dyn_into().ok()).collect()
}

/// Scrolls the first element with this selector into view, in the next frame and no further than
/// needed.
pub(in crate::ui) fn reveal(selector: &'static str) {
    request_animation_frame(move || {
        if let Ok(Some(element)) = document().query_selector(selector) {
            let into = ScrollIntoViewOptions::new();
            into.set_block(ScrollLogicalPosition::Nearest);
            into.set_inline(ScrollLogicalPosition::Nearest);
            element.scroll_into_view_with_scroll_into_view_options(&into);
        }
    });
}
