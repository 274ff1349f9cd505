//! The buttons under the field: marks for what is selected, and an emoji. On a phone the marks stand behind one button.

use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

use super::markdown_edit::{self, Deed};
use crate::ui::{
    kit::{
        icon::{Icon, Shape},
        shortcut::Keyboard,
    },
    lazy::{Part, once},
};

/// What each button does: its name, its keys, and how it looks.
const BUTTONS: [(&str, &str, Deed, Look); 7] = [
    ("Bold", "Ctrl B", Deed::Around("**"), Look::Letter("B")),
    ("Italic", "Ctrl I", Deed::Around("_"), Look::Letter("I")),
    ("Strikethrough", "Ctrl Shift X", Deed::Around("~~"), Look::Letter("S")),
    ("Code", "Ctrl E", Deed::Around("`"), Look::Shape(Shape::Code)),
    ("Link", "Ctrl Shift U", Deed::Link, Look::Shape(Shape::Link)),
    ("List", "Ctrl Shift 8", Deed::Before("- "), Look::Shape(Shape::List)),
    ("Quote", "Ctrl Shift 9", Deed::Before("> "), Look::Shape(Shape::Quote)),
];

#[derive(Clone, Copy)]
enum Look {
    Letter(&'static str),
    Shape(Shape),
}

/// The bar.
#[component]
pub(in crate::ui::conversation) fn Bar(field: NodeRef<html::Textarea>) -> impl IntoView {
    let keyboard = expect_context::<Keyboard>();
    let (unfolded, choosing) = (RwSignal::new(false), RwSignal::new(false));
    let button = move |at: usize, (name, keys, deed, look): (&'static str, &'static str, Deed, Look)| {
        let act = move |_| {
            if let Some(field) = field.get_untracked() {
                markdown_edit::act(&field, deed);
            }
        };
        let look = match look {
            Look::Letter(letter) => view! { <span aria-hidden="true">{letter}</span> }.into_any(),
            Look::Shape(shape) => view! { <Icon shape/> }.into_any(),
        };
        let stop = if at == 0 { "0" } else { "-1" };
        view! { <button type="button" class="icon-button mark" tabindex=stop aria-label=name title=move || format!("{name} ({})", keyboard.shortcut(keys)) on:click=act>{look}</button> }.into_any()
    };
    let pick = Callback::new(move |glyph: String| {
        if let Some(field) = field.get_untracked() {
            // The picker gives the focus back first.
            request_animation_frame(move || markdown_edit::insert(&field, &glyph));
        }
    });
    view! {
        // What is selected in the field stays selected.
        <div class="bar" class:unfolded=move || unfolded.get() on:mousedown=|event| event.prevent_default()>
            <button
                type="button"
                class="icon-button unfold"
                aria-label="Formatting"
                title="Formatting"
                aria-expanded=move || unfolded.get().to_string()
                on:click=move |_| unfolded.update(|on| *on = !*on)
            >
                <Icon shape=Shape::Letters/>
            </button>
            <div class="bar-marks" role="toolbar" aria-label="Formatting tools" on:keydown=move |event| if walk(&event) { event.prevent_default() }>
                {BUTTONS.into_iter().enumerate().map(|(at, one)| button(at, one)).collect::<Vec<_>>()}
            </div>
        </div>
        <span class="emoji-place">
            <button
                type="button"
                class="icon-button"
                aria-label="Emoji"
                title="Emoji"
                aria-haspopup="dialog"
                on:mousedown=|event| event.prevent_default()
                on:click=move |_| choosing.set(true)
            >
                <Icon shape=Shape::Smile/>
            </button>
            {once(Part::EmojiPicker { open: choosing, pick })}
        </span>
    }
}

/// Arrows walk from button to button: the bar is one stop for Tab. Whether the key was taken.
fn walk(event: &KeyboardEvent) -> bool {
    let Some(here) = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok()) else { return false };
    let next = match event.key().as_str() {
        "ArrowRight" => here.next_element_sibling(),
        "ArrowLeft" => here.previous_element_sibling(),
        _ => return false,
    };
    let Some(next) = next.and_then(|next| next.dyn_into::<HtmlElement>().ok()) else { return true };
    let _ = here.set_attribute("tabindex", "-1");
    let _ = next.set_attribute("tabindex", "0");
    next.focus().is_ok()
}
