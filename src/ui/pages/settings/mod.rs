//! The settings: sections with addresses of their own.

mod account;
mod general;
mod password;
mod profile_form;
mod recovery;
mod sessions;
mod status_form;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use crate::{
    client::use_app_state,
    ui::{conversation::BackLink, kit::dom::reveal, text, workspace::page_title},
};

/// A section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Section {
    General,
    Password,
    Sessions,
    Recovery,
    Account,
}

impl Section {
    const ALL: [Self; 5] =
        [Self::General, Self::Password, Self::Sessions, Self::Recovery, Self::Account];

    /// The last part of its address.
    const fn path(self) -> &'static str {
        match self {
            Self::General => "",
            Self::Password => "password",
            Self::Sessions => "sessions",
            Self::Recovery => "recovery",
            Self::Account => "account",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::General => text::settings::GENERAL,
            Self::Password => text::settings::PASSWORD,
            Self::Sessions => text::settings::SESSIONS,
            Self::Recovery => text::settings::RECOVERY,
            Self::Account => text::settings::ACCOUNT,
        }
    }

    fn of(path: &str) -> Self {
        Self::ALL.into_iter().find(|section| section.path() == path).unwrap_or(Self::General)
    }
}

/// The page, in the main pane.
#[component]
pub fn Settings() -> impl IntoView {
    let app = use_app_state();
    let params = use_params_map();
    let section = Memo::new(move |_| {
        Section::of(&params.with(|params| params.get("section").unwrap_or_default()))
    });
    // On a phone the links are wider than the screen.
    Effect::new(move || {
        section.track();
        reveal(".sections [aria-current]");
    });
    let link = move |this: Section| {
        let address = match this.path() {
            "" => "/settings".to_owned(),
            path => format!("/settings/{path}"),
        };
        view! {
            <a href=address aria-current=move || (section.get() == this).then_some("page")>
                {this.name()}
            </a>
        }
    };
    view! {
        <Title text=page_title(app, || Some(text::settings::SETTINGS.to_owned())) />
        <section class="pane settings" aria-label=text::settings::SETTINGS>
            <header class="pane-head">
                <BackLink />
                <h1>{text::settings::SETTINGS}</h1>
            </header>
            <nav class="sections" aria-label=text::settings::SECTIONS>
                {Section::ALL.map(link).collect_view()}
            </nav>
            <div class="pane-body">
                {move || match section.get() {
                    Section::General => view! { <general::General /> }.into_any(),
                    Section::Password => view! { <password::PasswordForm /> }.into_any(),
                    Section::Sessions => view! { <sessions::Sessions /> }.into_any(),
                    Section::Recovery => view! { <recovery::Recovery /> }.into_any(),
                    Section::Account => view! { <account::Account /> }.into_any(),
                }}
            </div>
        </section>
    }
}
