//! The list of users with their presence; a press opens the direct conversation.

use leptos::{prelude::*, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};

use super::matches_person;
use crate::{
    client::{AppState, use_app_state},
    domain::{ConversationId, PersonId},
    ui::{
        kit::avatar::Avatar,
        people::{person_name::PersonName, person_status::PersonStatus},
        text,
        type_ahead::{PendingTarget, use_type_ahead},
    },
};

/// Rows shown at first; with thousands of users, the filter is used.
const PAGE_SIZE: usize = 100;

/// The list.
#[component]
pub(super) fn PeopleList(
    /// The text to filter by.
    query: RwSignal<String>,
) -> impl IntoView {
    let app = use_app_state();
    let all = RwSignal::new(false);
    let listed = Memo::new(move |_| {
        let (query, me) = (query.get(), app.my_id());
        app.roster.with(|roster| {
            let found =
                roster.all().filter(|person| person.id != me && matches_person(person, &query));
            found.map(|person| person.id).collect::<Vec<_>>()
        })
    });
    let rows = Memo::new(move |_| {
        let listed = listed.get();
        let shown = if all.get() { listed.len() } else { PAGE_SIZE };
        listed.into_iter().take(shown).collect::<Vec<_>>()
    });
    let more = Memo::new(move |_| listed.with(Vec::len) - rows.with(Vec::len));
    view! {
        <nav class="people" aria-label=text::sidebar::PEOPLE>
            <h2>{text::sidebar::PEOPLE}</h2>
            <ul>
                <For each=move || rows.get() key=|id| *id let:id>
                    <li>
                        <Row id />
                    </li>
                </For>
            </ul>
            <Show when=move || listed.with(Vec::is_empty)>
                <p class="quiet hint">
                    {move || {
                        if query.with(String::is_empty) {
                            text::sidebar::NO_ONE_ELSE
                        } else {
                            text::kit::NO_MATCHES
                        }
                    }}
                </p>
            </Show>
            <Show when=move || { more.get() > 0 }>
                <p class="more">
                    <a
                        href="#"
                        on:click=move |event| {
                            event.prevent_default();
                            all.set(true);
                        }
                    >
                        {move || text::sidebar::show_people(more.get())}
                    </a>
                </p>
            </Show>
        </nav>
    }
}

#[component]
fn Row(id: PersonId) -> impl IntoView {
    let app = use_app_state();
    let open = use_open_direct(app);
    let presence = Memo::new(move |_| app.roster.with(|roster| roster.presence(id)));
    let name = app.roster.with_untracked(|roster| roster.name(id));
    view! {
        <button type="button" class="row person" on:click=move |_| open(id)>
            <Avatar
                id=id.0
                name=name.clone()
                picture=app.avatar_url(id)
                dot=Signal::derive(move || presence.get().dot())
            />
            <PersonName person=id class="row-title" />
            <span class="hidden">", " {move || text::people::presence(presence.get())} " "</span>
            <PersonStatus person=id />
        </button>
    }
}

/// Returns a function that opens the direct conversation with a user.
pub fn use_open_direct(app: AppState) -> impl Fn(PersonId) + Clone {
    let (go, type_ahead) = (use_navigate(), use_type_ahead());
    let go = move |conversation: ConversationId| {
        go(&format!("/c/{conversation}"), NavigateOptions::default())
    };
    move |person| {
        if let Some(known) =
            app.conversations.with_untracked(|conversations| conversations.direct_with(person))
        {
            return go(known);
        }
        let (go, target) = (go.clone(), PendingTarget::new(type_ahead, None));
        spawn_local(async move {
            match app.open_direct(person).await {
                Ok(conversation) if target.is_wanted() => target.arrive(|| go(conversation)),
                // The user went elsewhere; the conversation is in the list now.
                Ok(_) => {}
                Err(error) => {
                    target.cancel();
                    app.show_error(error.message);
                }
            }
        });
    }
}
