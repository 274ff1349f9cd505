//! What one says of oneself, to be changed: an emoji and a few words.

use leptos::{prelude::*, task::spawn_local};

use crate::{
    client::use_chat,
    domain::ChatError,
    ui::kit::{
        button::Submit,
        emoji::EmojiPicker,
        field::Wrong,
        icon::{Icon, Shape},
    },
};

/// The form; what it starts with is what the server holds.
#[component]
pub(super) fn StatusForm() -> impl IntoView {
    let chat = use_chat();
    let me = chat.my_id();
    let (emoji, text) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (choosing, saved, error) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(None::<ChatError>));
    let now = Memo::new(move |_| chat.roster.with(|roster| roster.status(me)));
    Effect::new(move || {
        now.get();
        let status = chat.roster.with_untracked(|roster| roster.find(me).and_then(|me| me.status.clone())).unwrap_or_default();
        emoji.set(status.emoji.unwrap_or_default());
        text.set(status.text.unwrap_or_default());
    });
    let save = move || {
        spawn_local(async move {
            let refused = chat.set_status(emoji.get_untracked(), text.get_untracked()).await.err();
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
        <form class="status-form" method="dialog" on:submit=move |event| { event.prevent_default(); save(); }>
            <div class="side-by-side">
                <button type="button" class="icon-button" aria-label="Emoji" title="Emoji" on:click=move |_| choosing.set(true)>
                    {move || if emoji.with(String::is_empty) { view! { <Icon shape=Shape::Smile/> }.into_any() } else { emoji.get().into_any() }}
                </button>
                <input
                    type="text"
                    aria-label="Status"
                    placeholder="On holiday until Monday"
                    autocomplete="off"
                    dir="auto"
                    prop:value=move || text.get()
                    on:input=move |event| { saved.set(false); text.set(event_target_value(&event)); }
                />
                <Submit quiet=true>"Save"</Submit>
                <button type="button" class="button quiet" on:click=clear>"Clear"</button>
            </div>
            <p class="hint" role="status">{move || if saved.get() { "Saved." } else { "Shown beside your name, to everybody here." }}</p>
            {move || error.get().map(|error| view! { <Wrong words=error.message/> })}
        </form>
        <EmojiPicker open=choosing pick/>
    }
}
