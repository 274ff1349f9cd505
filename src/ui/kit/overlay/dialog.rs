//! A modal dialog (`<dialog>`), which traps the focus and restores it.

use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlTextAreaElement};

use crate::ui::{
    kit::{button::IconButton, icon::Shape},
    text,
};

/// A dialog that is there while `open` is set.
#[component]
pub fn Dialog(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// Its name and heading.
    title: &'static str,
    /// Additional CSS class.
    #[prop(default = "")]
    class: &'static str,
    /// Content, created anew on each opening.
    children: ChildrenFn,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |before: Option<Option<Caret>>| {
        let (dialog, caret) = (dialog.get()?, before.flatten());
        if open.get() {
            if dialog.open() {
                return caret;
            }
            let caret = Caret::current();
            let _ = dialog.show_modal();
            return caret;
        }
        if dialog.open() {
            dialog.close();
        }
        caret.inspect(Caret::restore);
        None
    });
    // Escape closes at once, but `close` fires later: a key between the two would find the dialog
    // open.
    let on_cancel = move |event: Event| {
        // A cancelled file chooser fires the same event, and it bubbles.
        if event.target() == event.current_target() {
            open.set(false);
        }
    };
    let on_close = move |_| {
        // A late event: the dialog may be open again, or gone.
        if !dialog.try_get_untracked().flatten().is_some_and(|dialog| dialog.open()) {
            let _ = open.try_set(false);
        }
    };
    view! {
        <dialog
            node_ref=dialog
            class=format!("dialog {class}")
            aria-label=title
            on:cancel=on_cancel
            on:close=on_close
        >
            <Show when=move || open.get()>
                <header class="dialog-head">
                    <h2>{title}</h2>
                    <IconButton
                        shape=Shape::Cross
                        label=text::kit::CLOSE
                        press=move || open.set(false)
                    />
                </header>
                {children()}
            </Show>
        </dialog>
    }
}

/// The caret of a text field. Browsers restore the focus with the caret at the beginning.
pub(in crate::ui::kit) struct Caret {
    field: HtmlTextAreaElement,
    start: u32,
    end: u32,
}

impl Caret {
    pub(in crate::ui::kit) fn current() -> Option<Self> {
        let field = document().active_element()?.dyn_into::<HtmlTextAreaElement>().ok()?;
        let (start, end) = (field.selection_start().ok()??, field.selection_end().ok()??);
        Some(Self { field, start, end })
    }

    pub(in crate::ui::kit) fn restore(&self) {
        let _ = self.field.set_selection_range(self.start, self.end);
    }

    /// Whether it stands at the beginning now.
    pub(in crate::ui::kit) fn is_lost(&self) -> bool {
        self.field.selection_end() == Ok(Some(0))
    }
}
