//! Elements by hand: made, for lists that are made anew as a whole while somebody types, and found.

use leptos::prelude::{document, request_animation_frame};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlElement, NodeList};

/// A new element at the end of another one, with this text and nothing else in it.
pub(super) fn add(to: &Element, tag: &str, class: &str, text: &str) -> Option<Element> {
    let made = document().create_element(tag).ok()?;
    made.set_class_name(class);
    made.set_text_content(Some(text));
    to.append_child(&made).ok()?;
    Some(made)
}

/// Where what has the focus goes away, this gets it, by its selector: else the next key would begin at the top of the page.
pub(in crate::ui) fn focus_instead(selector: String) {
    let focus = move || {
        let is_lost = document().active_element().is_none_or(|element| element.tag_name() == "BODY");
        let instead = document().query_selector(&selector).ok().flatten().filter(|_| is_lost);
        if let Some(instead) = instead.and_then(|instead| instead.dyn_into::<HtmlElement>().ok()) {
            let _ = instead.focus();
        }
    };
    // In this frame it goes.
    request_animation_frame(move || request_animation_frame(focus));
}

/// Those that were found, in the order of the page.
pub(in crate::ui) fn elements(found: Result<NodeList, JsValue>) -> Vec<HtmlElement> {
    let Ok(list) = found else { return Vec::new() };
    (0..list.length()).filter_map(|at| list.get(at)?.dyn_into().ok()).collect()
}
