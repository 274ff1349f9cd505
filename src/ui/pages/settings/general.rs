//! The general section: profile, status, privacy, reading, appearance, and signing out.

use leptos::{prelude::*, task::spawn_local};

use super::{profile_form::ProfileForm, status_form::StatusForm};
use crate::{
    client::{state::conversations::Conversations, use_app_state},
    domain::person::Privacy,
    ui::{
        kit::{
            avatar::Avatar,
            button::Submit,
            icon::{Icon, Shape},
        },
        people::avatar_editor::AvatarEditor,
        text,
    },
};

/// The section.
#[component]
pub(super) fn General() -> impl IntoView {
    let app = use_app_state();
    let me = app.my_id();
    let username =
        move || app.roster.with(|roster| roster.find(me).map(|me| format!("@{}", me.username)));
    view! {
                <h2>{text::settings::PROFILE}</h2>
                <div class="profile">
                    <Avatar id=me.0 name=app.name(me) picture=app.avatar_url(me) />
                    <div>
                        <strong dir="auto">{move || app.name(me)}</strong>
                        <span class="quiet">{username}</span>
                    </div>
                </div>
                <AvatarEditor owner=None />
                <ProfileForm />
                <h2>{text::settings::STATUS}</h2>
                <StatusForm />
                <h2>{text::settings::PRIVACY}</h2>
                <PrivacyChoices />
                <h2>{text::settings::READING}</h2>
                <label class="check">
                    <input
                        type="checkbox"
                        prop:checked=move || app.conversations.with(Conversations::manual_read)
                        on:change=move |event| app.set_manual_read(event_target_checked(&event))
                    />
                    <span>{text::settings::MANUAL_READ}</span>
                </label>
                <h2>{text::settings::APPEARANCE}</h2>
                <p class="quiet">{text::settings::APPEARANCE_HINT}</p>
                <form method="post" action="/theme" class="choices">
                    <Choice theme="system" label=text::settings::THEME_SYSTEM shape=Shape::System />
                    <Choice theme="light" label=text::settings::THEME_LIGHT shape=Shape::Sun />
                    <Choice theme="dark" label=text::settings::THEME_DARK shape=Shape::Moon />
                </form>
                <h2>{text::settings::SESSION}</h2>
                <form method="post" action="/sign-out" on:submit=move |_| app.clear_local_data()>
                    <Submit quiet=true>{text::settings::SIGN_OUT}</Submit>
                </form>
    }
}

/// Each takes effect at once; what is shown is what the server holds.
#[component]
fn PrivacyChoices() -> impl IntoView {
    let app = use_app_state();
    let now = move || app.conversations.with(Conversations::privacy);
    let set = move |privacy: Privacy| {
        spawn_local(async move {
            if let Err(error) = app.set_privacy(privacy).await {
                app.show_error(error.message);
                // The box goes back to what holds.
                app.conversations.update(|_| {});
            }
        });
    };
    view! {
        <label class="check">
            <input
                type="checkbox"
                prop:checked=move || now().shows_reading
                on:change=move |event| set(Privacy {
                    shows_reading: event_target_checked(&event),
                    ..now()
                })
            />
            <span>{text::settings::SHARE_READ_RECEIPTS}</span>
        </label>
        <label class="check">
            <input
                type="checkbox"
                prop:checked=move || now().shows_typing
                on:change=move |event| set(Privacy {
                    shows_typing: event_target_checked(&event),
                    ..now()
                })
            />
            <span>{text::settings::SHARE_TYPING}</span>
        </label>
        <label class="check">
            <input
                type="checkbox"
                aria-describedby="presence-hint"
                prop:checked=move || now().shows_presence
                on:change=move |event| set(Privacy {
                    shows_presence: event_target_checked(&event),
                    ..now()
                })
            />
            <span>{text::settings::SHARE_PRESENCE}</span>
        </label>
        <p class="hint" id="presence-hint">
            {text::settings::SHARE_PRESENCE_HINT}
        </p>
    }
}

#[component]
fn Choice(theme: &'static str, label: &'static str, shape: Shape) -> impl IntoView {
    let chosen = RwSignal::new(None::<String>);
    Effect::new(move || {
        chosen.set(document().document_element().and_then(|page| page.get_attribute("data-theme")))
    });
    let is_chosen = move || (chosen.get()? == theme).then_some("true");
    view! {
        <button
            class="button quiet"
            name="theme"
            value=theme
            aria-pressed=move || is_chosen().unwrap_or("false")
        >
            <Icon shape />
            {label}
        </button>
    }
}
