//! The quick switcher: goes to a conversation or person by a part of its name.

use std::collections::HashSet;

use leptos::{ev::KeyboardEvent, html, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};

use crate::{
    client::{
        AppState, browser,
        state::{conversations::Conversations, roster::Roster},
        use_app_state,
    },
    domain::{ConversationId, Kind, Person, PersonId, Summary},
    ui::{
        kit::{
            fuzzy_match,
            overlay::dialog::Dialog,
            suggestion_list::{KeyOutcome, Suggestion, SuggestionList, Suggestions},
        },
        people::conversation_avatar::{conversation_avatar, person_avatar},
        sidebar::people::use_open_direct,
        text,
    },
};

/// Maximum number of results.
const MAX_RESULTS: usize = 30;

/// A possible destination.
struct Target {
    to: Destination,
    /// Username and title, without case and accents.
    names: [String; 2],
}

#[derive(Clone, Copy)]
enum Destination {
    Conversation(ConversationId),
    Person(PersonId),
}

/// The dialog.
#[component]
pub fn Switcher() -> impl IntoView {
    let open = use_app_state().show_switcher;
    view! {
        <Dialog open title=text::workspace::GO_TO class="switcher">
            <SearchField open />
        </Dialog>
    }
}

#[component]
fn SearchField(open: RwSignal<bool>) -> impl IntoView {
    let app = use_app_state();
    let (go, open_direct) = (use_navigate(), use_open_direct(app));
    // Fixed while the dialog is open, so that results do not move.
    let targets = StoredValue::new(targets(app));
    let suggestions = Suggestions::new("places");
    let shown = StoredValue::new(Vec::<Destination>::new());
    let query = RwSignal::new(String::new());
    let search = move || {
        let query = browser::fold_name(query.get_untracked().trim().trim_start_matches('@'));
        let (found, rows) = targets.with_value(|targets| {
            let score = |target: &&Target| {
                target.names.iter().filter_map(|name| fuzzy_match::score(name, &query)).min()
            };
            let best = fuzzy_match::best_matches(targets.iter(), MAX_RESULTS, score).into_iter();
            best.filter_map(|target| Some((target.to, suggestion(app, target.to)?))).unzip()
        });
        shown.set_value(found);
        suggestions.show(rows);
    };
    let field = NodeRef::<html::Input>::new();
    Effect::new(move || {
        if let Some(field) = field.get() {
            let _ = field.focus();
            search();
        }
    });
    let accept = Callback::new(move |at: usize| {
        let Some(to) = shown.with_value(|shown| shown.get(at).copied()) else { return };
        open.set(false);
        match to {
            Destination::Conversation(id) => go(&format!("/c/{id}"), NavigateOptions::default()),
            Destination::Person(id) => open_direct(id),
        }
    });
    let press = move |event: KeyboardEvent| match suggestions.handle_key(&event, false) {
        // The dialog closes by itself. Text typed in the list goes to the field.
        KeyOutcome::Ignored if event.key().chars().count() == 1 => {
            drop(field.get_untracked().map(|field| field.focus()))
        }
        KeyOutcome::Ignored | KeyOutcome::Dismissed => {}
        KeyOutcome::Moved => event.prevent_default(),
        KeyOutcome::Accepted(at) => {
            event.prevent_default();
            accept.run(at);
        }
    };
    view! {
        <div class="switcher-body" on:keydown=press>
            <input
                node_ref=field
                type="text"
                class="switcher-field"
                aria-label=text::workspace::SWITCHER_FIELD
                placeholder=text::workspace::SWITCHER_FIELD
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                aria-autocomplete="list"
                aria-controls=move || suggestions.active().map(|_| suggestions.id)
                aria-activedescendant=move || suggestions.active()
                on:input=move |event| {
                    query.set(event_target_value(&event));
                    search();
                }
            />
            <SuggestionList suggestions label=text::workspace::RESULTS accept focusable=true />
        </div>
        <Show when=move || suggestions.active().is_none() && !query.with(String::is_empty)>
            <p class="quiet hint">{text::kit::NO_MATCHES}</p>
        </Show>
    }
}

/// Conversations by latest message, then the users without a direct conversation.
fn targets(app: AppState) -> Vec<Target> {
    app.conversations.with_untracked(|conversations| {
        app.roster.with_untracked(|roster| {
            let mut listed = HashSet::from([app.my_id()]);
            let conversation = |id: ConversationId| {
                let summary = conversations.find(id)?;
                let title = browser::fold_name(&conversations.title(
                    &summary.conversation,
                    &summary.members,
                    roster,
                ));
                let other = other(conversations, roster, summary);
                listed.extend(other.map(|other| other.id));
                Some(Target {
                    to: Destination::Conversation(id),
                    names: [
                        other.map_or_else(|| title.clone(), |other| other.username.clone()),
                        title,
                    ],
                })
            };
            let mut targets: Vec<Target> =
                conversations.listed().into_iter().filter_map(conversation).collect();
            targets.extend(roster.all().filter(|person| !listed.contains(&person.id)).map(
                |person| {
                    let names = [person.username.clone(), browser::fold_name(&person.display_name)];
                    Target { to: Destination::Person(person.id), names }
                },
            ));
            targets
        })
    })
}

/// The row of a destination.
fn suggestion(app: AppState, to: Destination) -> Option<Suggestion> {
    app.conversations.with_untracked(|conversations| {
        app.roster.with_untracked(|roster| match to {
            Destination::Conversation(id) => {
                let summary = conversations.find(id)?;
                let title = conversations.title(&summary.conversation, &summary.members, roster);
                let picture = conversation_avatar(app.my_id(), roster, summary, &title);
                let hint = other(conversations, roster, summary)
                    .map(|other| format!("@{}", other.username))
                    .unwrap_or_default();
                Some(Suggestion { picture, title, hint, unread: summary.unread.count() > 0 })
            }
            Destination::Person(id) => {
                let person = roster.find(id)?;
                let hint = format!("@{}", person.username);
                Some(Suggestion {
                    picture: person_avatar(roster, id),
                    title: person.display_name.clone(),
                    hint,
                    unread: false,
                })
            }
        })
    })
}

/// The other member of a direct conversation.
fn other<'roster>(
    conversations: &Conversations,
    roster: &'roster Roster,
    summary: &Summary,
) -> Option<&'roster Person> {
    conversations
        .other(&summary.members)
        .filter(|_| summary.conversation.kind == Kind::Direct)
        .and_then(|other| roster.find(other))
}
