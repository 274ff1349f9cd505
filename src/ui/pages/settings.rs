//! Settings: who one is here, and how it looks.

use leptos::{prelude::*, task::spawn_local};
use leptos_meta::Title;

use super::status_form::StatusForm;
use crate::{
    client::{state::conversations::Book, use_chat},
    domain::person::Privacy,
    ui::{
        conversation::BackLink,
        kit::{
            avatar::Avatar,
            button::Submit,
            icon::{Icon, Shape},
        },
        people::avatar_editor::FaceForm,
        workspace::page_title,
    },
};

/// The page, in the main pane.
#[component]
pub fn Settings() -> impl IntoView {
    let chat = use_chat();
    let me = chat.me.get_value();
    view! {
        <Title text=page_title(chat, || Some("Settings".to_owned()))/>
        <section class="pane settings" aria-label="Settings">
            <header class="pane-head"><BackLink/> <h1>"Settings"</h1></header>
            <div class="pane-body">
                <h2>"You"</h2>
                <div class="profile">
                    <Avatar id=me.id.0 name=me.display_name.clone() picture=chat.picture(me.id)/>
                    <div><strong dir="auto">{me.display_name}</strong><span class="quiet">"@" {me.username}</span></div>
                </div>
                <FaceForm whose=None/>
                <h2>"Status"</h2>
                <StatusForm/>
                <h2>"Privacy"</h2>
                <PrivacyChoices/>
                <h2>"Reading"</h2>
                <label class="check">
                    <input
                        type="checkbox"
                        prop:checked=move || chat.book.with(Book::reads_by_hand)
                        on:change=move |event| chat.set_reading(event_target_checked(&event))
                    />
                    <span>"Mark messages as read manually"</span>
                </label>
                <h2>"Appearance"</h2>
                <p class="quiet">"Saved in this browser."</p>
                <form method="post" action="/theme" class="choices">
                    <Choice theme="system" label="System" shape=Shape::System/>
                    <Choice theme="light" label="Light" shape=Shape::Sun/>
                    <Choice theme="dark" label="Dark" shape=Shape::Moon/>
                </form>
                <h2>"Session"</h2>
                <form method="post" action="/sign-out" on:submit=move |_| chat.leave_nothing()><Submit quiet=true>"Sign out of this browser"</Submit></form>
            </div>
        </section>
    }
}

/// Each takes effect at once; what is shown is what the server holds.
#[component]
fn PrivacyChoices() -> impl IntoView {
    let chat = use_chat();
    let now = move || chat.book.with(Book::privacy);
    let set = move |privacy: Privacy| {
        spawn_local(async move {
            if let Err(error) = chat.set_privacy(privacy).await {
                chat.tell_trouble(error.message);
                // The box goes back to what holds.
                chat.book.update(|_| {});
            }
        });
    };
    view! {
        <label class="check">
            <input
                type="checkbox"
                prop:checked=move || now().shows_reading
                on:change=move |event| set(Privacy { shows_reading: event_target_checked(&event), ..now() })
            />
            <span>"Share read receipts"</span>
        </label>
        <label class="check">
            <input
                type="checkbox"
                prop:checked=move || now().shows_typing
                on:change=move |event| set(Privacy { shows_typing: event_target_checked(&event), ..now() })
            />
            <span>"Share typing indicators"</span>
        </label>
        <label class="check">
            <input
                type="checkbox"
                aria-describedby="presence-hint"
                prop:checked=move || now().shows_presence
                on:change=move |event| set(Privacy { shows_presence: event_target_checked(&event), ..now() })
            />
            <span>"Share online status and last seen"</span>
        </label>
        <p class="hint" id="presence-hint">"If this is off, you appear offline to everyone and nobody sees you typing."</p>
    }
}

#[component]
fn Choice(theme: &'static str, label: &'static str, shape: Shape) -> impl IntoView {
    let chosen = RwSignal::new(None::<String>);
    Effect::new(move || chosen.set(document().document_element().and_then(|page| page.get_attribute("data-theme"))));
    let is_chosen = move || (chosen.get()? == theme).then_some("true");
    view! { <button class="button quiet" name="theme" value=theme aria-pressed=move || is_chosen().unwrap_or("false")><Icon shape/> {label}</button> }
}
