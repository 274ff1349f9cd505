//! A dialog that asks before an irreversible action.

use leptos::prelude::*;

use super::dialog::Dialog;
use crate::ui::text;

/// Asks while `open` is set. Escape, the close button and "Cancel" only close it.
#[component]
pub fn Confirm(
    /// Whether it asks.
    open: RwSignal<bool>,
    /// The question; the dialog's name.
    title: &'static str,
    /// The consequence.
    #[prop(into)]
    consequence: Signal<String>,
    /// Label of the confirming button.
    label: &'static str,
    /// The action.
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
                // The safe choice has the focus, so a second Enter does nothing.
                <button
                    type="button"
                    class="button quiet"
                    autofocus
                    on:click=move |_| open.set(false)
                >
                    {text::kit::CANCEL}
                </button>
                <button type="button" class="button danger" on:click=confirmed>
                    {label}
                </button>
            </div>
        </Dialog>
    }
}
