//! Formatting of the selection with Markdown; each change can be undone.

use js_sys::JsString;
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlTextAreaElement, InputEvent, KeyboardEvent};

use crate::client::browser;

/// A formatting action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ui::conversation) enum FormatAction {
    /// Wraps the selection in a mark.
    Wrap(&'static str),
    /// Prefixes each line.
    PrefixLines(&'static str),
    /// Makes a link.
    Link,
}

/// The action of a shortcut.
pub(in crate::ui::conversation) fn action_for_key(event: &KeyboardEvent) -> Option<FormatAction> {
    if !(event.ctrl_key() || event.meta_key()) || event.alt_key() {
        return None;
    }
    match (event.shift_key(), event.code().as_str(), event.key().to_lowercase().as_str()) {
        (false, _, "b") => Some(FormatAction::Wrap("**")),
        (false, _, "i") => Some(FormatAction::Wrap("_")),
        (false, _, "e") => Some(FormatAction::Wrap("`")),
        (true, _, "x") => Some(FormatAction::Wrap("~~")),
        (true, _, "u") => Some(FormatAction::Link),
        (true, "Digit8", _) => Some(FormatAction::PrefixLines("- ")),
        (true, "Digit9", _) => Some(FormatAction::PrefixLines("> ")),
        _ => None,
    }
}

/// Applies an action, or reverts it where it is applied already.
pub(in crate::ui::conversation) fn apply(field: &HtmlTextAreaElement, action: FormatAction) {
    let (Ok(Some(start)), Ok(Some(end))) = (field.selection_start(), field.selection_end()) else {
        return;
    };
    let value = JsString::from(field.value());
    let part = |from: u32, to: u32| String::from(value.slice(from, to));
    let selected = part(start, end);
    match action {
        FormatAction::Wrap("`") if selected.contains('\n') => {
            wrap(field, (start, end), ("```\n", &selected, "\n```"))
        }
        FormatAction::Wrap(marker) => {
            let width = utf16_len(marker);
            let is_marked = start >= width
                && part(start - width, start) == marker
                && part(end, end + width) == marker;
            if is_marked {
                replace(field, start - width, end + width, &selected);
                let _ = field.set_selection_range(start - width, end - width);
            } else {
                wrap(field, (start, end), (marker, &selected, marker));
            }
        }
        FormatAction::PrefixLines(marker) => {
            let begin =
                part(0, start).rfind('\n').map_or(0, |at| utf16_len(&part(0, start)[..=at]));
            let lines = part(begin, end);
            let text = toggle_prefix(&lines, marker);
            replace(field, begin, end, &text);
            let _ = field.set_selection_range(
                if start == end { begin + utf16_len(&text) } else { begin },
                begin + utf16_len(&text),
            );
        }
        FormatAction::Link => {
            let is_address = selected.starts_with("http://") || selected.starts_with("https://");
            let (words, address) =
                if is_address { ("", selected.as_str()) } else { (selected.as_str(), "https://") };
            replace(field, start, end, &format!("[{words}]({address})"));
            // Select what is still to be typed.
            let at = if is_address || words.is_empty() {
                (start + 1, start + 1)
            } else {
                (start + 3 + utf16_len(words), start + 3 + utf16_len(words) + 8)
            };
            let _ = field.set_selection_range(at.0, at.1);
        }
    }
}

fn wrap(
    field: &HtmlTextAreaElement,
    (start, end): (u32, u32),
    (open, inside, close): (&str, &str, &str),
) {
    replace(field, start, end, &format!("{open}{inside}{close}"));
    let _ = field.set_selection_range(start + utf16_len(open), end + utf16_len(open));
}

/// Adds a prefix to each line, or removes it if all have it.
fn toggle_prefix(lines: &str, marker: &str) -> String {
    let is_prefixed = lines.split('\n').all(|line| line.starts_with(marker));
    let one = |line: &str| {
        if is_prefixed { line[marker.len()..].to_owned() } else { format!("{marker}{line}") }
    };
    lines.split('\n').map(one).collect::<Vec<_>>().join("\n")
}

/// Replaces a range of the text.
pub(in crate::ui::conversation) fn replace(
    field: &HtmlTextAreaElement,
    from: u32,
    to: u32,
    text: &str,
) {
    let _ = field.focus();
    let _ = field.set_selection_range(from, to);
    browser::insert_text(text);
}

/// Replaces typed text, also if earlier text became shorter meanwhile. Later text and the caret
/// stay.
pub(in crate::ui::conversation) fn replace_typed(
    field: &HtmlTextAreaElement,
    from: u32,
    typed: &str,
    text: &str,
) {
    let Ok(from) = u32::try_from(
        JsString::from(field.value()).last_index_of(typed, i32::try_from(from).unwrap_or(i32::MAX)),
    ) else {
        return;
    };
    let to = from + utf16_len(typed);
    let caret = field.selection_end().ok().flatten().unwrap_or(to);
    replace(field, from, to, text);
    let caret = caret.saturating_sub(to) + from + utf16_len(text);
    let _ = field.set_selection_range(caret, caret);
}

/// Whether an input event inserted text.
pub(in crate::ui::conversation) fn is_insertion(event: &Event) -> bool {
    event.dyn_ref::<InputEvent>().is_some_and(|event| event.input_type().starts_with("insert"))
}

/// Inserts text at the caret.
pub(in crate::ui::conversation) fn insert(field: &HtmlTextAreaElement, text: &str) {
    if let (Ok(Some(start)), Ok(Some(end))) = (field.selection_start(), field.selection_end()) {
        replace(field, start, end, text);
    }
}

/// The text before the caret and its position; `None` with a selection.
pub(in crate::ui::conversation) fn before_caret(
    field: &HtmlTextAreaElement,
) -> Option<(String, u32)> {
    let (start, end) = (field.selection_start().ok()??, field.selection_end().ok()??);
    (start == end).then(|| (String::from(JsString::from(field.value()).slice(0, end)), end))
}

/// Length in UTF-16 units, which the field counts in.
pub(in crate::ui::conversation) fn utf16_len(text: &str) -> u32 {
    u32::try_from(text.chars().map(char::len_utf16).sum::<usize>()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_added_to_or_removed_from_each_line() {
        assert_eq!(toggle_prefix("a\nb", "- "), "- a\n- b");
        assert_eq!(toggle_prefix("- a\n- b", "- "), "a\nb");
        assert_eq!(toggle_prefix("- a\nb", "- "), "- - a\n- b");
        assert_eq!(toggle_prefix("", "> "), "> ");
    }

    #[test]
    fn lengths_are_counted_in_utf16() {
        assert_eq!(utf16_len("a字😀"), 4);
    }
}
