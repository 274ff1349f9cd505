//! Inserts rendered code and math into the page as elements from an allowlist, never as HTML.

use std::rc::Rc;

use leptos::prelude::document;
use web_sys::{Element, EventInit, Node};

use super::BEFORE_SHIFT;
use crate::domain::rendering::{
    MATHML_ATTRIBUTES, MATHML_ELEMENTS, RenderKind, RenderRequest, Span,
};

pub(super) type Answer = Option<Rc<Vec<Span>>>;

/// Announces a size change once per scroll container: measuring after each element would force a
/// layout each time.
pub(super) fn dispatch_before_shift<'p>(elements: impl Iterator<Item = &'p Element>) {
    let mut notified = Vec::<Element>::new();
    for element in elements.filter(|element| element.is_connected()) {
        if notified.iter().any(|log| log.contains(Some(element))) {
            continue;
        }
        let init = EventInit::new();
        init.set_bubbles(true);
        if let Ok(event) = web_sys::Event::new_with_event_init_dict(BEFORE_SHIFT, &init) {
            let _ = element.dispatch_event(&event);
        }
        notified.push(element.closest(".log").ok().flatten().unwrap_or_else(|| element.clone()));
    }
}

/// Replaces the typed text with the rendered one.
pub(super) fn replace_content(element: &Element, request: &RenderRequest, answer: Answer) {
    let Some(spans) = answer.filter(|_| element.is_connected()) else { return };
    if request.kind != RenderKind::Code {
        let _ = element.set_attribute("title", &request.text);
    }
    let all = document().create_document_fragment();
    append_spans(&all, &spans, request.kind == RenderKind::Code);
    element.set_text_content(None);
    let _ = element.append_child(&all);
}

fn append_spans(element: &Node, spans: &[Span], is_code: bool) {
    for span in spans {
        let child = if is_code {
            document().create_element("span")
        } else if MATHML_ELEMENTS.contains(&span.kind.as_str()) {
            document().create_element_ns(Some("http://www.w3.org/1998/Math/MathML"), &span.kind)
        } else {
            continue;
        };
        let Ok(child) = child else { continue };
        if is_code && !span.kind.is_empty() {
            child.set_class_name(&format!("code-{}", span.kind));
        }
        for (attribute, value) in span
            .attributes
            .iter()
            .filter(|(attribute, _)| MATHML_ATTRIBUTES.contains(&attribute.as_str()))
        {
            let _ = child.set_attribute(attribute, value);
        }
        if span.children.is_empty() {
            child.set_text_content(Some(&span.text));
        } else {
            append_spans(&child, &span.children, is_code);
        }
        let _ = element.append_child(&child);
    }
}
