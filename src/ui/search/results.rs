//! Search results, or help, an error, or the empty state.

use leptos::prelude::*;

use super::message_link::message_link;
use crate::{
    client::{AppState, search::Search, state::conversations::Conversations, use_app_state},
    domain::{
        ConversationId,
        search::{ExcerptSpan, Hit},
    },
    ui::{
        kit::{
            field::ErrorText,
            icon::{Icon, Shape},
        },
        text,
    },
};

/// All of it.
#[component]
pub(super) fn SearchResults() -> impl IntoView {
    let app = use_app_state();
    view! {
        <ul class="rows hits">
            {move || {
                app.search
                    .with(|search| {
                        search.hits.iter().map(|hit| result_row(app, hit)).collect::<Vec<_>>()
                    })
            }}
        </ul>
        <p role="status" class="quiet found">
            {move || app.search.with(summary_text)}
        </p>
        {move || app.search.with(|search| footer(app, search))}
    }
}

/// Status text of the results.
fn summary_text(search: &Search) -> Option<String> {
    let more = search.before.is_some();
    match search.hits.len() {
        _ if search.loading || search.failed.is_some() || search.query.is_empty() => None,
        0 if more => Some(text::search::NO_RECENT_MATCHES.to_owned()),
        0 => Some(text::search::no_matches_for(&search.query)),
        count if more => Some(text::search::matches_so_far(count)),
        count => Some(text::count_of_messages(count)),
    }
}

fn footer(app: AppState, search: &Search) -> AnyView {
    if search.query.is_empty() {
        return search_help();
    }
    if search.loading {
        return view! {
            <div class="skeleton soon" aria-hidden="true">
                <i></i>
                <i></i>
                <i></i>
            </div>
        }
        .into_any();
    }
    let further = search.before.is_some();
    let (wrong, label) = match &search.failed {
        Some(error) => {
            (Some(error.message.clone()), error.is_transient().then_some(text::kit::TRY_AGAIN))
        }
        None => (None, further.then_some(text::search::SHOW_MORE)),
    };
    let query = search.query.clone();
    let press =
        move |_| if further { app.load_more_results() } else { app.run_search(&query, true) };
    let button = label.map(|label| {
        view! {
            <button type="button" class="button quiet" on:click=press>
                {label}
            </button>
        }
    });
    view! {
        <div class="search-below">{wrong.map(|words| view! { <ErrorText words /> })} {button}</div>
    }
    .into_any()
}

fn result_row(app: AppState, found: &Hit) -> AnyView {
    let excerpt_span = |excerpt_span: &ExcerptSpan| {
        let text = excerpt_span.text.clone();
        if excerpt_span.hit { view! { <mark>{text}</mark> }.into_any() } else { text.into_any() }
    };
    let text = found.excerpt.iter().map(excerpt_span).collect();
    view! {
        <li>
            {message_link(
                found.conversation,
                found.seq,
                found.at,
                found.author,
                Some(title(app, found.conversation)),
                text,
            )}
        </li>
    }
    .into_any()
}

fn title(app: AppState, id: ConversationId) -> String {
    let title = |conversations: &Conversations| {
        let summary = conversations.find(id)?;
        Some(app.roster.with_untracked(|roster| {
            conversations.label(&summary.conversation, &summary.members, roster)
        }))
    };
    app.conversations.with_untracked(title).unwrap_or_default()
}

/// The help text.
fn search_help() -> AnyView {
    view! {
        <div class="blank">
            <Icon shape=Shape::Search />
            <h2>{text::search::HELP_HEADING}</h2>
            <p class="quiet">{text::search::HELP}</p>
        </div>
    }
    .into_any()
}
