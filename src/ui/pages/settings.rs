//! The settings page: profile, appearance, privacy and reading.

use leptos::{prelude::*, task::spawn_local};
use leptos_meta::Title;

use super::status_form::StatusForm;
use crate::{
    client::{state::conversations::Conversations, use_app_state},
    domain::person::Privacy,
    ui::{
        conversation::BackLink,
        kit::{
            avatar::Avatar,
            button::Submit,
            icon::{Icon, Shape},
        },
        people::avatar_editor::AvatarEditor,
        text,
        workspace::page_title,
    },
};

/// The page, in the main pane.
#[component]
pub fn Settings() -> impl IntoView {
    let app = use_app_state();
    let me = app.me.get_value();
    view! {
        <Title text=page_title(app, || Some(text::settings::SETTINGS.to_owned())) />
        <section class="pane settings" aria-label=text::settings::SETTINGS>
            <header class="pane-head">
                <BackLink />
                <h1>{text::settings::SETTINGS}</h1>
            </header>
            <div class="pane-body">
                <h2>{text::settings::PROFILE}</h2>
                <div class="profile">
                    <Avatar id=me.id.0 name=me.display_name.clone() picture=app.avatar_url(me.id) />
                    <div>
                        <strong dir="auto">{me.display_name}</strong>
                        <span class="quiet">"@" {me.username}</span>
                    </div>
                </div>
                <AvatarEditor owner=None />
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
            </div>
        </section>
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
