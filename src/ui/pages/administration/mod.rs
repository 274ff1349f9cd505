//! The administration: sections with addresses of their own, for administrators and moderators.

mod audit_log;
mod invitations;
mod next_steps;
mod people;
mod person_actions;
mod settings;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use crate::{
    client::use_app_state,
    domain::Right,
    ui::{conversation::BackLink, kit::dom::reveal, text, workspace::page_title},
};

/// A section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Section {
    People,
    Invitations,
    AuditLog,
    Settings,
}

impl Section {
    const ALL: [Self; 4] = [Self::People, Self::Invitations, Self::AuditLog, Self::Settings];

    /// The last part of its address.
    const fn path(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Invitations => "invitations",
            Self::AuditLog => "audit-log",
            Self::Settings => "settings",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::People => text::administration::PEOPLE,
            Self::Invitations => text::administration::INVITATIONS,
            Self::AuditLog => text::administration::AUDIT_LOG,
            Self::Settings => text::administration::SETTINGS,
        }
    }

    /// The right that it needs.
    const fn right(self) -> Right {
        match self {
            Self::People => Right::ViewAdministration,
            Self::Invitations => Right::Invite,
            Self::AuditLog => Right::ReadAuditLog,
            Self::Settings => Right::ManageWorkspace,
        }
    }

    fn of(path: &str) -> Self {
        Self::ALL.into_iter().find(|section| section.path() == path).unwrap_or(Self::People)
    }
}

/// The page, in the main pane.
#[component]
pub fn Administration() -> impl IntoView {
    let app = use_app_state();
    let params = use_params_map();
    let section = Memo::new(move |_| {
        Section::of(&params.with(|params| params.get("section").unwrap_or_default()))
    });
    let may = move |right| app.my_role().may(right);
    // On a phone the links are wider than the screen.
    Effect::new(move || {
        section.track();
        reveal(".sections [aria-current]");
    });
    let link = move |this: Section| {
        (move || {
            may(this.right()).then(|| {
                view! {
                    <a
                        href=format!("/admin/{}", this.path())
                        aria-current=move || (section.get() == this).then_some("page")
                    >
                        {this.name()}
                    </a>
                }
            })
        })
        .into_any()
    };
    view! {
        <Title text=page_title(app, || Some(text::administration::ADMINISTRATION.to_owned())) />
        <section class="pane settings wide" aria-label=text::administration::ADMINISTRATION>
            <header class="pane-head">
                <BackLink />
                <h1>{text::administration::ADMINISTRATION}</h1>
            </header>
            <nav class="sections" aria-label=text::administration::ADMINISTRATION>
                {Section::ALL.map(link).collect_view()}
            </nav>
            <div class="pane-body">
                {move || {
                    may(Right::ManageWorkspace).then(|| view! { <next_steps::NextSteps /> })
                }}
                {move || match section.get() {
                    this if !may(this.right()) => {
                        view! { <p class="blank">{text::administration::NO_RIGHT}</p> }.into_any()
                    }
                    Section::People => view! { <people::People /> }.into_any(),
                    Section::Invitations => view! { <invitations::Invitations /> }.into_any(),
                    Section::AuditLog => view! { <audit_log::AuditLog /> }.into_any(),
                    Section::Settings => view! { <settings::Settings /> }.into_any(),
                }}
            </div>
        </section>
    }
}
