//! Submit buttons and icon buttons.

use leptos::prelude::*;

use super::icon::{Icon, Shape};

/// A submit button.
#[component]
pub fn Submit(
    /// Whether it is secondary.
    #[prop(default = false)]
    quiet: bool,
    /// Whether an operation is in progress.
    #[prop(into, optional)]
    busy: Signal<bool>,
    children: Children,
) -> impl IntoView {
    view! {
        <button
            type="submit"
            class="button"
            class:quiet=quiet
            aria-busy=move || busy.get().to_string()
            disabled=move || busy.get()
        >
            {children()}
        </button>
    }
}

/// A button with an icon; the label is its accessible name and tooltip.
#[component]
pub fn IconButton(
    /// The picture.
    shape: Shape,
    /// Its name.
    #[prop(into)]
    label: String,
    /// What it does.
    press: impl Fn() + 'static,
    /// Its classes.
    #[prop(default = "icon-button")]
    class: &'static str,
    /// Whether it is pressed, if it toggles something.
    #[prop(into, optional)]
    pressed: Option<Signal<bool>>,
    /// Whether what it opens is open.
    #[prop(into, optional)]
    expanded: Option<Signal<bool>>,
    /// Role of the popup that it opens.
    #[prop(optional)]
    popup: Option<&'static str>,
    /// Whether a click leaves the focus where it is, as in a text field that it formats.
    #[prop(default = false)]
    keeps_focus: bool,
) -> impl IntoView {
    let toggle = Toggle { pressed, expanded, popup, keeps_focus };
    icon_button(shape, label, Box::new(press), class, toggle)
}

struct Toggle {
    pressed: Option<Signal<bool>>,
    expanded: Option<Signal<bool>>,
    popup: Option<&'static str>,
    keeps_focus: bool,
}

/// Not generic, and its view is erased: the code of the button is in the first load once.
fn icon_button(
    shape: Shape,
    label: String,
    press: Box<dyn Fn()>,
    class: &'static str,
    toggle: Toggle,
) -> AnyView {
    let Toggle { pressed, expanded, popup, keeps_focus } = toggle;
    let state = |on: Option<Signal<bool>>| on.map(|on| move || on.get().to_string());
    view! {
        <button
            type="button"
            class=class
            aria-label=label.clone()
            title=label
            aria-pressed=state(pressed)
            aria-expanded=state(expanded)
            aria-haspopup=popup
            on:mousedown=move |event| {
                if keeps_focus {
                    event.prevent_default();
                }
            }
            on:click=move |_| press()
        >
            <Icon shape />
        </button>
    }
    .into_any()
}
