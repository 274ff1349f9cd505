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
    view! { <button type="submit" class="button" class:quiet=quiet aria-busy=move || busy.get().to_string() disabled=move || busy.get()>{children()}</button> }
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
) -> impl IntoView {
    view! {
        <button type="button" class="icon-button" aria-label=move || label.get() title=move || label.get() on:click=move |_| press()>
            <Icon shape/>
        </button>
    }
}
