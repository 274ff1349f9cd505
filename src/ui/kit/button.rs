//! Buttons.

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
    label: Signal<String>,
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
) -> impl IntoView {
    let state = |on: Option<Signal<bool>>| move || on.map(|on| on.get().to_string());
    view! {
        <button
            type="button"
            class=class
            aria-label=move || label.get()
            title=move || label.get()
            aria-pressed=state(pressed)
            aria-expanded=state(expanded)
            aria-haspopup=popup
            on:click=move |_| press()
        >
            <Icon shape />
        </button>
    }
}
