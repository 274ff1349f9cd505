//! The form for the user's status: an emoji and a short text.

use leptos::{prelude::*, task::spawn_local};

use crate::{
    client::use_app_state,
    domain::ChatError,
    ui::{
        form_drafts::{self, FormId},
        kit::{
            button::Submit,
            emoji::EmojiPicker,
            field::ErrorText,
            icon::{Icon, Shape},
        },
        text,
    },
};

/// The form; what it starts with is what the server holds.
#[component]
pub(super) fn StatusForm() -> impl IntoView {
    let app = use_app_state();
    let me = app.my_id();
    let (emoji, text) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (choosing, saved, error) =
        (RwSignal::new(false), RwSignal::new(false), RwSignal::new(None::<ChatError>));
    let now = Memo::new(move |_| {
        let status = app
            .roster
            .with(|roster| roster.find(me).and_then(|me| me.status.clone()))
            .unwrap_or_default();
        [status.emoji, status.text].map(Option::unwrap_or_default)
    });
    // Also what was written here and not saved, when the page was left.
    Effect::new(move |before: Option<[String; 2]>| {
        let stored = now.get();
        let [mut glyph, mut words] = stored.clone();
        if before.is_none() {
            glyph = form_drafts::saved_text(FormId::StatusEmoji).unwrap_or(glyph);
            words = form_drafts::saved_text(FormId::StatusText).unwrap_or(words);
        }
        if before.as_ref() != Some(&stored) {
            emoji.set(glyph);
            text.set(words);
        }
        stored
    });
    let is_unsaved = Memo::new(move |_| {
        now.with(|[glyph, words]| {
            emoji.with(|now| now != glyph) || text.with(|now| now.trim() != words)
        })
    });
    Effect::new(move |before: Option<()>| {
        let left = [(FormId::StatusEmoji, emoji.get()), (FormId::StatusText, text.get())];
        // In its first run the fields are not filled yet.
        if before.is_some() {
            left.into_iter().for_each(|(form, left)| {
                form_drafts::save_text(form, Some(left).filter(|_| is_unsaved.get()))
            });
        }
    });
    let save = move || {
        spawn_local(async move {
            let refused = app.set_status(emoji.get_untracked(), text.get_untracked()).await.err();
            saved.try_set(refused.is_none());
            error.try_set(refused);
        });
    };
    let clear = move |_| {
        emoji.set(String::new());
        text.set(String::new());
        save();
    };
    let pick = Callback::new(move |glyph: String| emoji.set(glyph));
    view! {
        <form
            class="status-form"
            method="dialog"
            on:submit=move |event| {
                event.prevent_default();
                save();
            }
        >
            <div class="side-by-side">
                <span class="emoji-place">
                    <button
                        type="button"
                        class="icon-button"
                        aria-label=text::kit::EMOJI
                        title=text::kit::EMOJI
                        aria-haspopup="dialog"
                        on:click=move |_| choosing.set(true)
                    >
                        {move || {
                            if emoji.with(String::is_empty) {
                                view! { <Icon shape=Shape::Smile /> }.into_any()
                            } else {
                                emoji.get().into_any()
                            }
                        }}
                    </button>
                    <EmojiPicker open=choosing pick />
                </span>
                <input
                    type="text"
                    aria-label=text::settings::STATUS
                    placeholder=text::settings::STATUS_PLACEHOLDER
                    autocomplete="off"
                    dir="auto"
                    prop:value=move || text.get()
                    on:input=move |event| {
                        saved.set(false);
                        text.set(event_target_value(&event));
                    }
                />
                <Submit quiet=true>{text::settings::STATUS_SAVE}</Submit>
                <button type="button" class="button quiet" on:click=clear>
                    {text::kit::CLEAR}
                </button>
            </div>
            <p class="hint" role="status">
                {move || match (is_unsaved.get(), saved.get()) {
                    (true, _) => text::settings::STATUS_UNSAVED,
                    (false, true) => text::settings::STATUS_SAVED,
                    (false, false) => text::settings::STATUS_HINT,
                }}
            </p>
            {move || error.get().map(|error| view! { <ErrorText words=error.message /> })}
        </form>
    }
}
