//! Inserts rendered code and math into the page as elements from an allowlist, never as HTML.

use std::rc::Rc;

use leptos::prelude::document;
use web_sys::{Element, EventInit, Node};

use super::BEFORE_SHIFT;
use crate::domain::typeset::{ELEMENTS, LOOKS, Matter, Piece, Wanted};

pub(super) type Answer = Option<Rc<Vec<Piece>>>;

/// Announces a size change once per scroll container: measuring after each element would force a layout each time.
pub(super) fn dispatch_before_shift<'p>(places: impl Iterator<Item = &'p Element>) {
    let mut told = Vec::<Element>::new();
    for place in places.filter(|place| place.is_connected()) {
        if told.iter().any(|log| log.contains(Some(place))) {
            continue;
        }
        let init = EventInit::new();
        init.set_bubbles(true);
        if let Ok(event) = web_sys::Event::new_with_event_init_dict(BEFORE_SHIFT, &init) {
            let _ = place.dispatch_event(&event);
        }
        told.push(place.closest(".log").ok().flatten().unwrap_or_else(|| place.clone()));
    }
}

/// Replaces the typed text with the rendered one.
pub(super) fn replace_content(place: &Element, wanted: &Wanted, answer: Answer) {
    let Some(pieces) = answer.filter(|_| place.is_connected()) else { return };
    if wanted.matter != Matter::Code {
        let _ = place.set_attribute("title", &wanted.text);
    }
    let all = document().create_document_fragment();
    append_spans(&all, &pieces, wanted.matter == Matter::Code);
    place.set_text_content(None);
    let _ = place.append_child(&all);
}

fn append_spans(place: &Node, pieces: &[Piece], is_code: bool) {
    for piece in pieces {
        let made = if is_code {
            document().create_element("span")
        } else if ELEMENTS.contains(&piece.what.as_str()) {
            document().create_element_ns(Some("http://www.w3.org/1998/Math/MathML"), &piece.what)
        } else {
            continue;
        };
        let Ok(made) = made else { continue };
        if is_code && !piece.what.is_empty() {
            made.set_class_name(&format!("code-{}", piece.what));
        }
        for (look, value) in piece.looks.iter().filter(|(look, _)| LOOKS.contains(&look.as_str())) {
            let _ = made.set_attribute(look, value);
        }
        if piece.inside.is_empty() {
            made.set_text_content(Some(&piece.text));
        } else {
            append_spans(&made, &piece.inside, is_code);
        }
        let _ = place.append_child(&made);
    }
}
