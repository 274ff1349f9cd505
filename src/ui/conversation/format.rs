//! Marks around what is selected in the field, put there and taken away by keys.

use js_sys::JsString;
use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{HtmlDocument, HtmlTextAreaElement, KeyboardEvent};

/// The mark that these keys stand for: strong, stressed, code, struck out.
pub(super) fn mark_of(event: &KeyboardEvent) -> Option<&'static str> {
    if !(event.ctrl_key() || event.meta_key()) || event.alt_key() {
        return None;
    }
    match (event.shift_key(), event.key().to_lowercase().as_str()) {
        (false, "b") => Some("**"),
        (false, "i") => Some("_"),
        (false, "e") => Some("`"),
        (true, "x") => Some("~~"),
        _ => None,
    }
}

/// Sets the mark around what is selected, or takes it away where it stands already. Undone like anything that is typed.
pub(super) fn toggle(field: &HtmlTextAreaElement, mark: &str) {
    let (Ok(Some(start)), Ok(Some(end))) = (field.selection_start(), field.selection_end()) else { return };
    // Places in a field are counted in UTF-16, as JavaScript does.
    let value = JsString::from(field.value());
    let part = |from: u32, to: u32| String::from(value.slice(from, to));
    let length = u32::try_from(mark.len()).unwrap_or_default();
    let selected = part(start, end);
    let is_marked = start >= length && part(start - length, start) == mark && part(end, end + length) == mark;
    let (from, to, text, begin) = if is_marked {
        (start - length, end + length, selected, start - length)
    } else {
        (start, end, format!("{mark}{selected}{mark}"), start + length)
    };
    let _ = field.set_selection_range(from, to);
    // The only way to change a field that the browser can undo.
    let typed =
        document().dyn_into::<HtmlDocument>().is_ok_and(|page| page.exec_command_with_show_ui_and_value("insertText", false, &text).unwrap_or(false));
    if typed {
        let _ = field.set_selection_range(begin, begin + (end - start));
    }
}
