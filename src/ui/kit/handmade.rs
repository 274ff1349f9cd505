//! Elements made by hand, for lists that are made anew as a whole while somebody types.

use leptos::prelude::document;
use web_sys::Element;

/// A new element at the end of another one, with this text and nothing else in it.
pub(super) fn add(to: &Element, tag: &str, class: &str, text: &str) -> Option<Element> {
    let made = document().create_element(tag).ok()?;
    made.set_class_name(class);
    made.set_text_content(Some(text));
    to.append_child(&made).ok()?;
    Some(made)
}
