//! The details panel: members, settings and files. Permissions are the rules of `domain`, which the
//! server applies too.

mod notification_settings;
mod pinned_list;
mod shared_files;

use leptos::{prelude::*, task::spawn_local};
use notification_settings::NotificationSettings;
use notification_settings::PinConversation;
use pinned_list::PinnedList;
use shared_files::SharedFiles;

use super::side_panel::SidePanel;
use crate::{
    client::use_app_state,
    domain::{ChatError, Conversation, ConversationId, Kind, PersonId, message::MessageFlag},
    ui::{
        form_drafts::{self, FormId},
        kit::{
            avatar::Avatar,
            button::{IconButton, Submit},
            dom::focus_instead,
            field::{ErrorText, FieldErrors},
            icon::{Icon, Shape},
            overlay::{confirm::Confirm, dialog::Dialog},
            tab_stop::{tab_index, tab_stop},
        },
        people::{
            avatar_editor::AvatarEditor, conversation_avatar::ConversationAvatar,
            person_status::PersonStatus, picker::PeoplePicker,
        },
        text,
    },
};

/// Members shown at first.
const MAX_SHOWN: usize = 200;

/// The panel.
#[component]
pub(in crate::ui) fn Details(id: ConversationId) -> impl IntoView {
    let app = use_app_state();
    let me = app.my_id();
    let conversation = Memo::new(move |_| {
        app.conversations.with(|conversations| {
            conversations.find(id).map(|summary| summary.conversation.clone())
        })
    });
    let members = Memo::new(move |_| {
        let listed = app.conversations.with(|conversations| {
            conversations
                .find(id)
                .filter(|summary| summary.conversation.kind != Kind::Everyone)
                .map(|summary| summary.members.clone())
        });
        app.roster.with(|roster| {
            roster
                .all()
                .map(|person| person.id)
                .filter(|id| listed.as_ref().is_none_or(|listed| listed.contains(id)))
                .collect::<Vec<_>>()
        })
    });
    let may = move |ask: fn(&Conversation, PersonId) -> Result<(), ChatError>| {
        conversation.with(|it| it.as_ref().is_some_and(|it| ask(it, me).is_ok()))
    };
    let shown = Memo::new(move |_| members.get().into_iter().take(MAX_SHOWN).collect::<Vec<_>>());
    let focused = RwSignal::new(None::<PersonId>);
    let stop = tab_stop(focused, || None, shown);
    let more = move || members.with(Vec::len).saturating_sub(MAX_SHOWN);
    let (adding, leaving) = (RwSignal::new(false), RwSignal::new(false));
    let (asking, removed) = (RwSignal::new(false), RwSignal::new(None::<PersonId>));
    let name_of = move |person: PersonId| app.label(person);
    let after_removal = move || {
        let name = removed.get().map(name_of).unwrap_or_default();
        text::details::after_removal(&name)
    };
    let after_leaving = move || {
        let creator = conversation.with(|it| it.as_ref()?.creator).map(name_of).unwrap_or_default();
        text::details::after_leaving(&creator)
    };
    view! {
        <SidePanel id title=text::details::DETAILS opener=super::details_button_selector()>
            <Show when=move || may(Conversation::may_rename)>
                <RenameForm id />
            </Show>
            <Show when=move || may(Conversation::may_change_avatar)>
                <GroupPicture id />
            </Show>
            <NotificationSettings id />
            <PinConversation id />
            <PinnedList id flag=MessageFlag::Pinned />
            <PinnedList id flag=MessageFlag::OpenQuestion />
            <SharedFiles id />
            <button
                type="button"
                class="button quiet"
                on:click=move |_| app.show_go_to_date.set(true)
            >
                <Icon shape=Shape::Clock />
                {text::conversation::GO_TO_DAY}
            </button>
            <section aria-label=text::details::MEMBERS class="members">
                <div class="members-head">
                    <h3>
                        {text::details::MEMBERS} " "
                        <span class="quiet">{move || members.with(Vec::len)}</span>
                    </h3>
                    <Show when=move || may(Conversation::may_add)>
                        <button
                            type="button"
                            class="button quiet small"
                            on:click=move |_| adding.set(true)
                        >
                            {text::details::ADD_PEOPLE}
                        </button>
                    </Show>
                </div>
                // One tab stop; arrows move inside.
                <ul class="rows">
                    <For each=move || shown.get() key=|person| *person let:person>
                        <li>
                            <Member
                                person
                                conversation
                                stop
                                focused
                                remove=move || {
                                    removed.set(Some(person));
                                    asking.set(true);
                                }
                            />
                        </li>
                    </For>
                </ul>
                {move || {
                    (more() > 0)
                        .then(|| view! { <p class="quiet hint">{text::and_more(more())}</p> })
                }}
            </section>
            <Show when=move || may(Conversation::may_leave)>
                <button type="button" class="button danger" on:click=move |_| leaving.set(true)>
                    {text::details::LEAVE_GROUP}
                </button>
            </Show>
            <Dialog open=adding title=text::details::ADD_PEOPLE>
                <AddPeople id open=adding members />
            </Dialog>
            <Confirm
                open=asking
                title=text::details::REMOVE_QUESTION
                consequence=Signal::derive(after_removal)
                label=text::kit::REMOVE
                act=Callback::new(move |()| {
                    if let Some(person) = removed.get_untracked() {
                        app.remove_member(id, person)
                    }
                })
            />
            <Confirm
                open=leaving
                title=text::details::LEAVE_QUESTION
                consequence=Signal::derive(after_leaving)
                label=text::details::LEAVE
                act=Callback::new(move |()| app.leave_group(id))
            />
        </SidePanel>
    }
}

#[component]
fn Member(
    person: PersonId,
    conversation: Memo<Option<Conversation>>,
    stop: Memo<Option<PersonId>>,
    focused: RwSignal<Option<PersonId>>,
    remove: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let app = use_app_state();
    let me = app.my_id();
    let known = app.roster.with_untracked(|roster| roster.find(person).cloned());
    let name = known.as_ref().map(|person| person.display_name.clone()).unwrap_or_default();
    let username = known.map(|person| person.username).unwrap_or_default();
    let dot = Signal::derive(move || app.roster.with(|roster| roster.presence(person).dot()));
    let is_creator =
        move || conversation.with(|it| it.as_ref().is_some_and(|it| it.creator == Some(person)));
    let removable = move || {
        conversation.with(|it| it.as_ref().is_some_and(|it| it.may_remove(me, person).is_ok()))
    };
    let label = move || text::remove(&app.label(person));
    // When the row is removed. Not on the server.
    Effect::new(|| on_cleanup(|| focus_instead(".details".to_owned())));
    view! {
        <div class="member">
            <span data-person=person.to_string()>
                <Avatar id=person.0 name=name.clone() dot=dot picture=app.avatar_url(person) />
            </span>
            <div class="member-name">
                <button
                    type="button"
                    data-person=person.to_string()
                    tabindex=tab_index(stop, person)
                    title=name.clone()
                    on:focus=move |_| focused.set(Some(person))
                >
                    <span dir="auto">{name.clone()}</span>
                    {(person == me).then_some(text::YOU_SUFFIX)}
                </button>
                <span class="quiet">
                    "@" {username} {move || is_creator().then_some(text::details::CREATOR_SUFFIX)}
                </span>
                <PersonStatus person />
            </div>
            {move || {
                removable().then(|| view! { <IconButton shape=Shape::Cross label=label() press=remove /> })
            }}
        </div>
    }
}

#[component]
fn RenameForm(id: ConversationId) -> impl IntoView {
    let app = use_app_state();
    let current = Memo::new(move |_| {
        app.conversations.with(|conversations| {
            conversations
                .find(id)
                .and_then(|summary| summary.conversation.name.clone())
                .unwrap_or_default()
        })
    });
    let draft = FormId::GroupName(id);
    let name =
        RwSignal::new(form_drafts::saved_text(draft).unwrap_or_else(|| current.get_untracked()));
    let error = RwSignal::new(None::<ChatError>);
    Effect::new(move |before: Option<String>| {
        let now = current.get();
        if before.is_some_and(|before| before != now) {
            name.set(now.clone());
        }
        now
    });
    Effect::new(move || {
        form_drafts::save_text(draft, Some(name.get()).filter(|name| *name != current.get()))
    });
    let rename = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        spawn_local(
            async move { error.set(app.rename_group(id, name.get_untracked()).await.err()) },
        );
    };
    view! {
        <form class="rename" method="dialog" on:submit=rename>
            <label for="new-name">{text::details::NAME}</label>
            <div class="side-by-side">
                <input
                    id="new-name"
                    type="text"
                    autocomplete="off"
                    prop:value=move || name.get()
                    on:input=move |event| name.set(event_target_value(&event))
                />
                <Show when=move || name.get() != current.get()>
                    <Submit quiet=true>{text::details::RENAME}</Submit>
                </Show>
            </div>
            {move || error.get().map(|error| view! { <ErrorText words=error.message /> })}
        </form>
    }
}

/// The group's avatar and its editor.
#[component]
fn GroupPicture(id: ConversationId) -> impl IntoView {
    let app = use_app_state();
    let name = app.conversations.with_untracked(|conversations| {
        conversations
            .find(id)
            .and_then(|summary| summary.conversation.name.clone())
            .unwrap_or_default()
    });
    view! {
        <section aria-label=text::details::PICTURE class="profile">
            <ConversationAvatar id name />
            <AvatarEditor owner=Some(id) />
        </section>
    }
}

#[component]
fn AddPeople(
    id: ConversationId,
    open: RwSignal<bool>,
    members: Memo<Vec<PersonId>>,
) -> impl IntoView {
    let app = use_app_state();
    let (name, chosen) = form_drafts::fields(FormId::AddPeople(id));
    let done = move || {
        form_drafts::clear(FormId::AddPeople(id), (name, chosen));
        open.try_set(false);
    };
    let error = RwSignal::new(None::<ChatError>);
    let busy = RwSignal::new(false);
    let add = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let people = chosen.get_untracked();
        if people.is_empty() {
            return error.set(Some(ChatError::invalid("people", text::details::CHOOSE_PEOPLE)));
        }
        busy.set(true);
        spawn_local(async move {
            match app.add_members(id, people).await {
                Ok(()) => done(),
                Err(refused) => drop(error.try_set(Some(refused))),
            }
            busy.try_set(false);
        });
    };
    let errors = move || error.with(|error| FieldErrors::of(error.as_ref()));
    view! {
        <form class="stack" on:submit=add>
            {move || errors().general()}
            <PeoplePicker chosen without=Signal::derive(move || members.get()) focus=true />
            {move || errors().at("people").map(|words| view! { <ErrorText words /> })}
            <div class="dialog-foot">
                <button type="button" class="button quiet" on:click=move |_| done()>
                    {text::kit::CANCEL}
                </button>
                <Submit busy=busy>{text::details::ADD}</Submit>
            </div>
        </form>
    }
}
