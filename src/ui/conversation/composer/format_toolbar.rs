//! The formatting toolbar and the emoji button. On a phone the tools are behind one button.

use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

use super::markdown_edit::{self, FormatAction};
use crate::ui::{
    kit::{
        button::IconButton,
        icon::{Icon, Shape},
        shortcut::Keyboard,
    },
    lazy::{LazyView, lazy_dialog},
    text,
};

/// Label, shortcut, action and face of each button.
const BUTTONS: [(&str, &str, FormatAction, ButtonFace); 7] = [
    (text::composer::BOLD, "Ctrl B", FormatAction::Wrap("**"), ButtonFace::Letter("B")),
    (text::composer::ITALIC, "Ctrl I", FormatAction::Wrap("_"), ButtonFace::Letter("I")),
    (
        text::composer::STRIKETHROUGH,
        "Ctrl Shift X",
        FormatAction::Wrap("~~"),
        ButtonFace::Letter("S"),
    ),
    (text::composer::CODE, "Ctrl E", FormatAction::Wrap("`"), ButtonFace::Shape(Shape::Code)),
    (text::composer::LINK, "Ctrl Shift U", FormatAction::Link, ButtonFace::Shape(Shape::Link)),
    (
        text::composer::LIST,
        "Ctrl Shift 8",
        FormatAction::PrefixLines("- "),
        ButtonFace::Shape(Shape::List),
    ),
    (
        text::composer::QUOTE,
        "Ctrl Shift 9",
        FormatAction::PrefixLines("> "),
        ButtonFace::Shape(Shape::Quote),
    ),
];

#[derive(Clone, Copy)]
enum ButtonFace {
    Letter(&'static str),
    Shape(Shape),
}

/// The toolbar.
#[component]
pub(in crate::ui::conversation) fn FormatToolbar(field: NodeRef<html::Textarea>) -> impl IntoView {
    let keyboard = expect_context::<Keyboard>();
    let (unfolded, choosing) = (RwSignal::new(false), RwSignal::new(false));
    let button = move |at: usize,
                       (name, keys, action, face): (
        &'static str,
        &'static str,
        FormatAction,
        ButtonFace,
    )| {
        let act = move |_| {
            if let Some(field) = field.get_untracked() {
                markdown_edit::apply(&field, action);
            }
        };
        let face = match face {
            ButtonFace::Letter(letter) => {
                view! { <span aria-hidden="true">{letter}</span> }.into_any()
            }
            ButtonFace::Shape(shape) => view! { <Icon shape /> }.into_any(),
        };
        let stop = if at == 0 { "0" } else { "-1" };
        view! {
            <button
                type="button"
                class="icon-button mark"
                tabindex=stop
                aria-label=name
                title=move || text::kit::with_shortcut(name, &keyboard.shortcut(keys))
                on:click=act
            >
                {face}
            </button>
        }
        .into_any()
    };
    let pick = Callback::new(move |glyph: String| {
        if let Some(field) = field.get_untracked() {
            // The picker restores the focus first.
            request_animation_frame(move || markdown_edit::insert(&field, &glyph));
        }
    });
    view! {
        // Keeps the selection of the field.
        <div
            class="bar"
            class:unfolded=move || unfolded.get()
            on:mousedown=|event| event.prevent_default()
        >
            <IconButton
                shape=Shape::Letters
                label=text::composer::FORMATTING
                press=move || unfolded.update(|on| *on = !*on)
                class="icon-button unfold"
                expanded=unfolded
            />
            <div
                class="bar-marks"
                role="toolbar"
                aria-label=text::composer::FORMATTING_TOOLS
                on:keydown=move |event| {
                    if walk(&event) {
                        event.prevent_default()
                    }
                }
            >
                {BUTTONS
                    .into_iter()
                    .enumerate()
                    .map(|(at, one)| button(at, one))
                    .collect::<Vec<_>>()}
            </div>
        </div>
        <span class="emoji-place">
            <IconButton
                shape=Shape::Smile
                label=text::kit::EMOJI
                press=move || choosing.set(true)
                popup="dialog"
                keeps_focus=true
            />
            {lazy_dialog(LazyView::EmojiPicker {
                open: choosing,
                pick,
            })}
        </span>
    }
}

/// Arrow keys move between buttons: the toolbar is one tab stop. Returns whether the key was
/// handled.
fn walk(event: &KeyboardEvent) -> bool {
    let Some(here) = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok()) else {
        return false;
    };
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
