//! A popover beside an element (`popover` attribute): on top of everything, closed by Escape or an
//! outside press, restores the focus.

use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent, MouseEvent};

use crate::ui::kit::dom::elements;

/// Up to this width it is a bottom sheet, as in the style sheet.
const SHEET_MAX_WIDTH: f64 = 600.0;
/// Distance to the anchor and to the window edges, in pixels.
const GAP: f64 = 4.0;

/// A popover beside its parent element. A press on a menu item closes it.
#[component]
pub fn Popover(
    /// Whether it is there.
    open: RwSignal<bool>,
    /// `menu`, or `dialog` for anything else.
    role: &'static str,
    /// Its name.
    #[prop(into)]
    label: String,
    /// What else it looks like.
    #[prop(default = "")]
    class: &'static str,
    /// The anchor, if it is not the parent element; then it is aligned to the start.
    #[prop(optional)]
    beside: Option<AnchorFinder>,
    /// Content, created anew on each opening.
    children: ChildrenFn,
) -> impl IntoView {
    let children = StoredValue::new(children);
    view! {
        <Show when=move || open.get()>
            <Floating open role label=label.clone() class beside>
                {children.with_value(|children| children())}
            </Floating>
        </Show>
    }
}

/// Finds the anchor.
pub type AnchorFinder = fn() -> Option<Element>;

#[component]
fn Floating(
    open: RwSignal<bool>,
    role: &'static str,
    label: String,
    class: &'static str,
    beside: Option<AnchorFinder>,
    children: Children,
) -> impl IntoView {
    let floating = NodeRef::<html::Div>::new();
    Effect::new(move || {
        if let Some(floating) = floating.get() {
            let floating: HtmlElement = (*floating).clone().unchecked_into();
            let _ = floating.show_popover();
            track_anchor(floating.clone(), beside, false);
            // Unless its content has taken the focus. One with text only is scrolled by arrow keys.
            let is_inside =
                floating.contains(document().active_element().as_ref().map(AsRef::as_ref));
            if !is_inside {
                let _ = items(&floating).first().unwrap_or(&floating).focus();
            }
        }
    });
    let closed = move |_| {
        // May fire after the element is gone.
        let shown = floating
            .try_get_untracked()
            .flatten()
            .is_some_and(|floating| floating.matches(":popover-open").unwrap_or(false));
        if !shown {
            let _ = open.try_set(false);
        }
    };
    let press = move |event: MouseEvent| {
        let item = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok())
            .and_then(|target| target.closest("[role=menuitem]").ok());
        if let (Some(Some(_)), Some(floating)) = (item, floating.get_untracked()) {
            hide(&floating, open);
        }
    };
    let move_focus = move |event: KeyboardEvent| {
        let by = match event.key().as_str() {
            "ArrowDown" | "ArrowRight" => 1,
            "ArrowUp" | "ArrowLeft" => -1,
            _ => return,
        };
        if event.default_prevented() {
            return;
        }
        let Some(floating) = floating.get_untracked() else { return };
        let items = items(floating.unchecked_ref());
        let here = items
            .iter()
            .position(|item| document().active_element().as_ref() == Some(item.as_ref()));
        let (Some(here), Ok(count)) = (here, isize::try_from(items.len())) else { return };
        let next = (isize::try_from(here).unwrap_or(0) + by).rem_euclid(count);
        if let Some(next) = usize::try_from(next).ok().and_then(|next| items.get(next)) {
            event.prevent_default();
            event.stop_propagation();
            let _ = next.focus();
        }
    };
    view! {
        <div
            class=format!("popover {class}")
            popover="auto"
            role=role
            tabindex=(role != "menu").then_some("0")
            aria-label=label
            node_ref=floating
            on:toggle=closed
            on:click=press
            on:keydown=move_focus
        >
            {children()}
        </div>
    }
}

/// Closes the popover around an element; the focus returns to its opener.
pub(in crate::ui::kit) fn hide(inside: &Element, open: RwSignal<bool>) {
    if let Some(floating) = inside.closest(".popover").ok().flatten() {
        let _ = floating.unchecked_ref::<HtmlElement>().hide_popover();
    }
    // The browser's event fires later, and a popover created before it would be open.
    open.set(false);
}

/// Follows its anchor while it is open.
fn track_anchor(floating: HtmlElement, beside: Option<AnchorFinder>, above: bool) {
    if floating.matches(":popover-open").unwrap_or(false) {
        let above = place(&floating, beside, above);
        request_animation_frame(move || track_anchor(floating, beside, above));
    }
}

/// Focusable items.
fn items(floating: &HtmlElement) -> Vec<HtmlElement> {
    elements(floating.query_selector_all("button, a"))
}

/// Positions the popover below its anchor, aligned to the end (or the start beside another
/// element), or above if there is no room. Returns whether it is above.
fn place(floating: &HtmlElement, beside: Option<AnchorFinder>, above: bool) -> bool {
    let side = |length: Result<wasm_bindgen::JsValue, _>| {
        length.ok().and_then(|length| length.as_f64()).unwrap_or_default()
    };
    let (width, height) = (side(window().inner_width()), side(window().inner_height()));
    let from_start = beside.is_some();
    let beside = beside.map_or_else(|| floating.parent_element(), |find| find());
    // Stays where it is when its anchor is gone.
    let Some(beside) = beside.filter(|beside| width > SHEET_MAX_WIDTH && beside.is_connected())
    else {
        return above;
    };
    let (beside, size) = (beside.get_bounding_client_rect(), floating.get_bounding_client_rect());
    let (over, below) = (beside.top() - GAP - size.height(), beside.bottom() + GAP);
    let above = above && over > GAP || below + size.height() > height;
    let top = if above { over } else { below };
    let left = if from_start { beside.left() } else { beside.right() - size.width() };
    let left = left.min(width - size.width() - GAP).max(GAP);
    let style = floating.style();
    // Whole pixels: formatting fractions adds 5 kB to the first load.
    #[expect(clippy::cast_possible_truncation, reason = "a screen's distance")]
    let pixels = |length: f64| format!("{}px", length as i32);
    let _ = style.set_property("top", &pixels(top.min(height - size.height() - GAP).max(GAP)));
    let _ = style.set_property("left", &pixels(left));
    above
}
