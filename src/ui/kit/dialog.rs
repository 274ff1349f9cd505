//! A dialog: the browser's own, which holds the focus and gives it back.

use leptos::{html, prelude::*};

use super::{button::IconButton, icon::Shape};

/// A dialog that is there while `open` is set.
#[component]
pub fn Dialog(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// Its name and heading.
    title: &'static str,
    /// What is in it; made anew each time it opens.
    children: ChildrenFn,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move || {
        let Some(dialog) = dialog.get() else { return };
        if open.get() && !dialog.open() {
            let _ = dialog.show_modal();
        } else if !open.get() && dialog.open() {
            dialog.close();
        }
    });
    view! {
        <dialog node_ref=dialog class="dialog" aria-label=title on:close=move |_| open.set(false)>
            <Show when=move || open.get()>
                <header class="dialog-head">
                    <h2>{title}</h2>
                    <IconButton shape=Shape::Cross label="Close" press=move || open.set(false)/>
                </header>
                {children()}
            </Show>
        </dialog>
    }
}
