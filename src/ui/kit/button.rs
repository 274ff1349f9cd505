//! Buttons.

use leptos::prelude::*;

use super::icon::{Icon, Shape};

/// The button that sends a form.
#[component]
pub fn Submit(
    /// Not the main thing on its screen.
    #[prop(default = false)]
    quiet: bool,
    /// Something is under way.
    #[prop(into, optional)]
    busy: Signal<bool>,
    children: Children,
) -> impl IntoView {
    view! { <button type="submit" class="button" class:quiet=quiet aria-busy=move || busy.get().to_string() disabled=move || busy.get()>{children()}</button> }
}

/// A button that shows only a picture; its name is for the pointer and for assistive technology.
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
