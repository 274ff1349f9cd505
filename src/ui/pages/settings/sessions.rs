//! The section that lists the sessions of the current user and ends them.

use leptos::{prelude::*, task::spawn_local};

use crate::{
    client::use_app_state,
    domain::account::Session,
    ui::{
        kit::time::{Clock, TimeFormat, Timestamp},
        text,
    },
};

/// The section.
#[component]
pub(super) fn Sessions() -> impl IntoView {
    let app = use_app_state();
    let sessions = RwSignal::new(None::<Vec<Session>>);
    let load = move || {
        spawn_local(async move {
            match app.sessions().await {
                Ok(list) => drop(sessions.try_set(Some(list))),
                Err(error) => app.show_error(error.message),
            }
        });
    };
    Effect::new(load);
    let end = move |only: Option<String>| {
        spawn_local(async move {
            match app.end_sessions(only).await {
                Ok(()) => load(),
                Err(error) => app.show_error(error.message),
            }
        });
    };
    let has_others = move || sessions.with(|list| list.as_ref().is_some_and(|list| list.len() > 1));
    let row = move |session: Session| {
        let id = session.id.clone();
        view! {
            <li class="session">
                <div>
                    <strong>{session.device}</strong>
                    {session
                        .current
                        .then(|| view! { <span class="tag">{text::settings::THIS_DEVICE}</span> })}
                    <p class="quiet hint">
                        {text::settings::SIGNED_IN.0}
                        <Timestamp at=session.created format=TimeFormat::Short />
                        {text::settings::SIGNED_IN.1} <LastUsed at=session.last_used />
                    </p>
                </div>
                <button
                    type="button"
                    class="button quiet small"
                    on:click=move |_| end(Some(id.clone()))
                >
                    {text::settings::END_SESSION}
                </button>
            </li>
        }
    };
    view! {
        <h2>{text::settings::SESSIONS}</h2>
        <p class="quiet">{text::settings::SESSIONS_LEAD}</p>
        <ul class="list" aria-label=text::settings::SESSIONS aria-busy=move || {
            sessions.with(Option::is_none).to_string()
        }>{move || sessions.get().unwrap_or_default().into_iter().map(row).collect_view()}</ul>
        <Show when=has_others>
            <button type="button" class="button quiet" on:click=move |_| end(None)>
                {text::settings::END_OTHER_SESSIONS}
            </button>
        </Show>
    }
}

/// When something was last used, in words.
#[component]
pub(in crate::ui) fn LastUsed(at: crate::domain::Millis) -> impl IntoView {
    let clock = expect_context::<Clock>();
    move || clock.ago(at)
}
