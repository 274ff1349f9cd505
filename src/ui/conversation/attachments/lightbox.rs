//! The lightbox: images in full size, one after the other.

use leptos::prelude::*;
use web_sys::{KeyboardEvent, MouseEvent};

use crate::{
    client::{AppState, use_app_state},
    ui::{
        kit::{
            button::IconButton,
            icon::{Icon, Shape},
            overlay::dialog::Dialog,
        },
        text,
    },
};

/// Whether the lightbox is open, for the dialog.
pub(in crate::ui::conversation) fn is_open(app: AppState) -> RwSignal<bool> {
    let open = RwSignal::new(false);
    let any = Memo::new(move |_| app.lightbox.with(Option::is_some));
    Effect::new(move || open.set(any.get()));
    Effect::new(move |before: Option<bool>| {
        let now = open.get();
        // The two effects trigger each other: pass on changes only.
        if before == Some(true) && !now {
            app.lightbox.set(None);
        }
        now
    });
    open
}

/// The dialog; there while pictures are looked at.
#[component]
pub(in crate::ui) fn Lightbox(open: RwSignal<bool>) -> impl IntoView {
    let app = use_app_state();
    let actual = RwSignal::new(false);
    let count = move || {
        app.lightbox.with(|lightbox| lightbox.as_ref().map_or(0, |(pictures, _)| pictures.len()))
    };
    let several = move || count() > 1;
    let step = move |by: usize| {
        actual.set(false);
        app.lightbox.update(|lightbox| {
            if let Some((pictures, at)) = lightbox {
                *at = (*at + by) % pictures.len();
            }
        });
    };
    let back = move || step(count().saturating_sub(1));
    // It belongs to the conversation in which it was opened.
    on_cleanup(move || drop(app.lightbox.try_set(None)));
    let keys = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        match event.key().as_str() {
            // Arrow keys scroll an image larger than the window.
            "ArrowRight" | "ArrowLeft" if actual.get_untracked() => return,
            "ArrowRight" => step(1),
            "ArrowLeft" => back(),
            "+" | "-" | "z" => actual.update(|on| *on = !*on),
            _ => return,
        }
        event.prevent_default();
    };
    let picture = move || {
        let (pictures, at) = app.lightbox.get()?;
        let file = pictures.get(at)?.clone();
        let (id, name, width) = (file.id, file.name, file.width);
        let is_see_through = file.blur.is_empty();
        let place = text::files::position(at, pictures.len());
        // Actual size maps image pixels to screen pixels, so it needs the original file. An unsent
        // image is shown from this tab.
        let here = StoredValue::new(app.preview_url(id));
        let address = move || {
            here.get_value().unwrap_or_else(|| {
                if actual.get() { format!("/files/{id}") } else { format!("/files/{id}/large") }
            })
        };
        let wide = move || {
            width
                .filter(|_| actual.get())
                .map(|width| format!("{}px", f64::from(width) / window().device_pixel_ratio()))
        };
        let beside = move |event: MouseEvent| {
            if event.target() == event.current_target() {
                open.set(false);
            }
        };
        Some(
            view! {
                <p class="lightbox-name">
                    <span dir="auto">{name.clone()}</span>
                    <span class="quiet place">{place}</span>
                </p>
                <div class="lightbox-tools">
                    <button
                        type="button"
                        class="icon-button"
                        aria-label=text::files::ACTUAL_SIZE
                        title=text::files::ACTUAL_SIZE_TITLE
                        aria-pressed=move || actual.get().to_string()
                        on:click=move |_| actual.update(|on| *on = !*on)
                    >
                        {text::files::ACTUAL_SIZE_FACE}
                    </button>
                    <a
                        class="icon-button"
                        href=format!("/files/{id}")
                        download=name.clone()
                        rel="external"
                        aria-label=text::files::DOWNLOAD
                        title=text::files::DOWNLOAD
                    >
                        <Icon shape=Shape::Down />
                    </a>
                </div>
                // Focusable, so that arrow keys scroll it.
                <div
                    class="lightbox-room"
                    class:actual=move || actual.get()
                    tabindex="0"
                    role="group"
                    aria-label=text::files::PICTURE
                    on:click=beside
                >
                    <img
                        src=address
                        class:see-through=is_see_through
                        alt=name
                        style:width=wide
                        on:click=move |_| actual.update(|on| *on = !*on)
                    />
                </div>
            }
            .into_any(),
        )
    };
    view! {
        <div class="lightbox-keys" on:keydown=keys>
            <Dialog open title=text::files::PICTURE class="lightbox">
                {picture}
                <Show when=several>
                    <div class="lightbox-steps">
                        <IconButton
                            shape=Shape::Back
                            label=text::files::PREVIOUS_PICTURE
                            press=back
                        />
                        <IconButton
                            shape=Shape::Next
                            label=text::files::NEXT_PICTURE
                            press=move || step(1)
                        />
                    </div>
                </Show>
            </Dialog>
        </div>
    }
}
