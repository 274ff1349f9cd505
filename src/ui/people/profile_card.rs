//! The profile card: identity, presence, groups in common, and a message button.

use leptos::prelude::*;

use super::profile_link::anchor;
use crate::{
    client::use_app_state,
    domain::{ConversationId, Kind, PersonId},
    ui::{
        conversation::PresenceText,
        kit::{
            avatar::Avatar,
            dom::focus_instead,
            icon::{Icon, Shape},
            overlay::popover::{AnchorFinder, Popover},
        },
        sidebar::people::use_open_direct,
        text,
    },
};

/// Maximum number of groups listed.
const MAX_SHOWN: usize = 5;

/// The card, while it is open.
#[component]
pub(in crate::ui) fn ProfileCard() -> impl IntoView {
    let app = use_app_state();
    let open = app.show_profile;
    let beside: AnchorFinder = anchor;
    // The opener may be gone.
    Effect::new(move |was: Option<bool>| {
        let now = open.get();
        if was == Some(true) && !now {
            focus_instead(".log".to_owned());
        }
        now
    });
    move || {
        app.profile.get().map(|person| {
            let name = app.roster.with_untracked(|roster| roster.name(person));
            view! {
                <Popover open role="dialog" label=name beside>
                    <Profile person open />
                </Popover>
            }
        })
    }
}

#[component]
fn Profile(person: PersonId, open: RwSignal<bool>) -> impl IntoView {
    let app = use_app_state();
    let is_me = person == app.my_id();
    let username = app
        .roster
        .with_untracked(|roster| roster.find(person).map(|person| person.username.clone()));
    let status = move || {
        Some(app.roster.with(|roster| roster.status(person))).filter(|words| !words.is_empty())
    };
    let picture = Signal::derive(move || {
        app.avatar_url(person).get().map(|address| address.replace("/96", "/256"))
    });
    let open_direct = use_open_direct(app);
    let write = move |_| {
        open.set(false);
        open_direct(person);
    };
    view! {
        <div class="profile-card">
            <div class="profile-head">
                <Avatar id=person.0 name=app.name(person) picture />
                <div>
                    <h2 dir="auto">{move || app.name(person)}</h2>
                    <p class="quiet">
                        {username.map(|username| format!("@{username}"))}
                        {is_me.then_some(text::YOU_SUFFIX)}
                    </p>
                    <p class="profile-presence quiet">
                        <PresenceText person />
                    </p>
                </div>
            </div>
            {move || {
                status()
                    .map(|words| {
                        view! {
                            <p class="profile-status" dir="auto">
                                {words}
                            </p>
                        }
                    })
            }}
            {if is_me {
                view! {
                    <a class="button quiet" href="/settings" on:click=move |_| open.set(false)>
                        <Icon shape=Shape::Pencil />
                        {text::people::EDIT_PROFILE}
                    </a>
                }
                    .into_any()
            } else {
                view! {
                    <button type="button" class="button" on:click=write>
                        {text::people::MESSAGE}
                    </button>
                }
                    .into_any()
            }}
            {(!is_me).then(|| view! { <CommonGroups person open /> })}
        </div>
    }
}

/// The groups that both users are in.
#[component]
fn CommonGroups(person: PersonId, open: RwSignal<bool>) -> impl IntoView {
    let app = use_app_state();
    let groups = Memo::new(move |_| {
        app.conversations.with(|conversations| {
            let shared = conversations.all().filter(|summary| {
                summary.conversation.kind == Kind::Group && summary.members.contains(&person)
            });
            let mut groups: Vec<(String, ConversationId)> = shared
                .map(|summary| {
                    (summary.conversation.name.clone().unwrap_or_default(), summary.conversation.id)
                })
                .collect();
            groups.sort_unstable();
            groups
        })
    });
    move || {
        let groups = groups.get();
        let more = groups.len().saturating_sub(MAX_SHOWN);
        (!groups.is_empty()).then(|| {
            let link = |(name, id): (String, ConversationId)| {
                let title = name.clone();
                view! {
                    <li>
                        <a
                            href=format!("/c/{id}")
                            dir="auto"
                            title=title
                            on:click=move |_| open.set(false)
                        >
                            {name}
                        </a>
                    </li>
                }
            };
            view! {
                <section aria-label=text::people::GROUPS_IN_COMMON>
                    <h3 class="quiet">{text::people::count_in_common(groups.len())}</h3>
                    <ul>{groups.into_iter().take(MAX_SHOWN).map(link).collect_view()}</ul>
                    {(more > 0).then(|| view! { <p class="quiet hint">{text::and_more(more)}</p> })}
                </section>
            }
        })
    }
}
