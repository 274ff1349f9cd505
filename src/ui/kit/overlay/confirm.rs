//! A dialog that asks before something that cannot be undone.

use leptos::prelude::*;

use super::dialog::Dialog;

/// Asks while `open` is set. Escape, the close button and "Cancel" do nothing further.
#[component]
pub fn Confirm(
    /// Whether it asks.
    open: RwSignal<bool>,
    /// The question; the dialog's name.
    title: &'static str,
    /// What follows from it.
    #[prop(into)]
    consequence: Signal<String>,
    /// The button that does it.
    label: &'static str,
    /// What is done.
    act: Callback<()>,
) -> impl IntoView {
    let confirmed = move |_| {
        open.set(false);
        act.run(());
    };
    view! {
        <Dialog open title>
            <p dir="auto">{move || consequence.get()}</p>
            <div class="dialog-foot">
                // The safe choice has the focus: a second Enter must not do it.
                <button type="button" class="button quiet" autofocus on:click=move |_| open.set(false)>"Cancel"</button>
                <button type="button" class="button danger" on:click=confirmed>{label}</button>
            </div>
        </Dialog>
    }
}
