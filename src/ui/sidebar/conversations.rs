//! The conversation list: latest message first, with unread counts.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::{matches_name, matches_person, notification_badge::notification_badge};
use crate::{
    client::{AppState, browser, state::roster::Roster, use_app_state},
    domain::{ConversationId, Kind, LastMessage, NotificationLevel, PersonId, text::excerpt},
    ui::{
        kit::{
            avatar::Avatar,
            dom::elements,
            icon::{Icon, Shape},
            time::{TimeFormat, Timestamp},
        },
        people::{conversation_avatar::ConversationAvatar, person_name::PersonName},
        text,
    },
};

/// What a row shows.
#[derive(Clone, Debug, PartialEq, Eq)]
struct RowView {
    kind: Kind,
    title: String,
    /// The other member of a direct conversation.
    other: Option<PersonId>,
    last: Option<LastMessage>,
    /// Author of the latest message, where it is not obvious.
    author: Option<String>,
    unread: usize,
    /// An unread message mentions the user.
    mentioned: bool,
    /// An unread message notifies the user.
    notifies: bool,
    /// The notification level.
    level: NotificationLevel,
    /// Muted, for a while or for good.
    quiet: bool,
    /// Pinned to the top.
    pinned: bool,
    /// Excerpt of an unsent draft.
    draft: Option<String>,
}

fn row(app: AppState, id: ConversationId, is_open: bool) -> Option<RowView> {
    // Before local storage is read, the server's draft is shown, as in the first frame.
    let local_draft = (app.storage_ready.get() && !is_open).then(|| app.draft(id));
    app.draft_version.track();
    app.conversations.with(|conversations| {
        let summary = conversations.find(id)?;
        let kind = summary.conversation.kind;
        app.roster.with(|roster| {
            let author = summary
                .last
                .as_ref()
                .map(|last| last.author)
                .filter(|author| *author == app.my_id() || kind != Kind::Direct);
            let short =
                |author| roster.handle(author).unwrap_or_else(|| first_name(&roster.name(author)));
            let author = author.map(|author| {
                if author == app.my_id() { text::YOU.to_owned() } else { short(author) }
            });
            Some(RowView {
                kind,
                title: conversations.title(&summary.conversation, &summary.members, roster),
                other: conversations.other(&summary.members).filter(|_| kind == Kind::Direct),
                last: summary.last.clone(),
                author,
                unread: summary.unread.count(),
                mentioned: !summary.unread.mentions.is_empty(),
                notifies: summary.notification_count(app.now.get()) > 0,
                level: summary.level,
                quiet: summary.is_muted(app.now.get()),
                pinned: summary.pinned,
                draft: local_draft
                    .or_else(|| summary.draft.as_ref().map(|draft| draft.body.clone()))
                    .filter(|_| !is_open)
                    .and_then(|draft| draft_excerpt(&draft)),
            })
        })
    })
}

fn draft_excerpt(draft: &str) -> Option<String> {
    let excerpt = excerpt(draft);
    (!excerpt.trim().is_empty()).then_some(excerpt)
}

fn first_name(name: &str) -> String {
    name.split_whitespace().next().unwrap_or(name).to_owned()
}

/// Rows shown at first, and how many more by each press. All that is listed is gone through with
/// each message that comes, by each row that is shown again: with thousands of conversations, the
/// finder is the way to those that nothing happens in.
const PAGE_SIZE: usize = 60;
/// Maximum number of unread rows shown beyond the page size.
const MAX_EXTRA_UNREAD: usize = 60;

/// The list.
#[component]
pub(super) fn ConversationList(
    /// The text to filter by.
    query: RwSignal<String>,
) -> impl IntoView {
    let app = use_app_state();
    let path = use_location().pathname;
    let (opened, most) = (RwSignal::new(false), RwSignal::new(PAGE_SIZE));
    let current = Memo::new(move |_| {
        if path.with(|path| path == "/") {
            app.home_conversation()
        } else {
            path.with(|path| path.strip_prefix("/c/")?.parse().ok())
        }
    });
    // The matching rows and, without a filter, the hidden ones.
    let found = Memo::new(move |_| {
        let (here, query) = (current.get(), query.get());
        app.conversations.with(|conversations| {
            let is_found = |id: &ConversationId| {
                let Some(summary) = conversations.find(*id) else { return false };
                // An empty direct conversation is listed only while it is open.
                let is_listed = summary.conversation.kind != Kind::Direct
                    || summary.last.is_some()
                    || here == Some(*id);
                let is_wanted = |roster: &Roster| match conversations
                    .other(&summary.members)
                    .filter(|_| summary.conversation.kind == Kind::Direct)
                {
                    Some(other) => {
                        roster.find(other).is_some_and(|other| matches_person(other, &query))
                    }
                    None => matches_name(
                        &conversations.title(&summary.conversation, &summary.members, roster),
                        &query,
                    ),
                };
                is_listed && (query.is_empty() || app.roster.with(is_wanted))
            };
            let hides = |id: &ConversationId| {
                query.is_empty()
                    && conversations
                        .find(*id)
                        .is_some_and(|summary| summary.level == NotificationLevel::Hidden)
            };
            conversations
                .listed()
                .into_iter()
                .filter(is_found)
                .partition::<Vec<_>, _>(|id| !hides(id))
        })
    });
    let listed = Memo::new(move |_| {
        let (most, here, now) = (most.get(), current.get(), app.now.get());
        let mut beyond = MAX_EXTRA_UNREAD;
        app.conversations.with(|conversations| {
            let is_new = |id: ConversationId| {
                conversations
                    .find(id)
                    .is_some_and(|summary| summary.unread.count() > 0 && !summary.is_muted(now))
            };
            let is_shown = |(n, id): &(usize, ConversationId)| {
                let is_beyond = *n >= most && here != Some(*id);
                if is_beyond && (beyond == 0 || !is_new(*id)) {
                    return false;
                }
                beyond -= usize::from(is_beyond);
                true
            };
            found.with(|(listed, _)| {
                listed
                    .iter()
                    .copied()
                    .enumerate()
                    .filter(is_shown)
                    .map(|(_, id)| id)
                    .collect::<Vec<_>>()
            })
        })
    });
    let hidden = Memo::new(move |_| found.with(|(_, hidden)| hidden.clone()));
    let more = Memo::new(move |_| found.with(|(all, _)| all.len()) - listed.with(Vec::len));
    let show_more = move |_| {
        let first = listed.with_untracked(Vec::len);
        most.update(|most| *most += PAGE_SIZE);
        // Keep the keyboard position: the button may be gone.
        request_animation_frame(move || focus_row(first));
    };
    view! {
        <nav class="conversations" aria-label=text::sidebar::CONVERSATIONS>
            <h2 id="conversations-heading">{text::sidebar::CONVERSATIONS}</h2>
            <ul>
                <For each=move || listed.get() key=|id| *id let:id>
                    <li>
                        <Row id current />
                    </li>
                </For>
            </ul>
            <Show when=move || { more.get() > 0 }>
                <button type="button" class="row more" on:click=show_more>
                    {move || text::sidebar::show_more(more.get())}
                </button>
            </Show>
            <Show when=move || hidden.with(|hidden| !hidden.is_empty())>
                <button
                    type="button"
                    class="row more"
                    aria-expanded=move || opened.get().to_string()
                    on:click=move |_| opened.update(|opened| *opened = !*opened)
                >
                    {move || text::sidebar::hidden(hidden.with(Vec::len))}
                </button>
                <ul>
                    {move || {
                        let shown = if opened.get() { hidden.get() } else { Vec::new() };
                        shown
                            .into_iter()
                            .map(|id| {
                                view! {
                                    <li>
                                        <Row id current />
                                    </li>
                                }
                                    .into_any()
                            })
                            .collect_view()
                    }}
                </ul>
            </Show>
        </nav>
    }
}

fn focus_row(at: usize) {
    if let Some(row) = elements(document().query_selector_all(".conversations > ul a")).get(at) {
        let _ = row.focus();
    }
}

#[component]
fn Row(id: ConversationId, current: Memo<Option<ConversationId>>) -> impl IntoView {
    let app = use_app_state();
    let path = use_location().pathname;
    // On a phone the list is alone at `/`. Only a page that is awake can ask, and only then there
    // are drafts that the server has not.
    let is_list =
        move || path.with(|path| path == "/") && app.storage_ready.get() && browser::is_narrow();
    let view = Memo::new(move |_| row(app, id, current.get() == Some(id) && !is_list()));
    view! {
        <a
            href=format!("/c/{id}")
            class="row"
            class:unread=move || {
                view.with(|view| view.as_ref().is_some_and(|view| view.unread > 0 && !view.quiet))
            }
            aria-current=move || (current.get() == Some(id)).then_some("page")
        >
            {move || view.get().map(|view| row_view(app, id, view))}
        </a>
    }
}

fn row_view(app: AppState, id: ConversationId, view: RowView) -> impl IntoView {
    let RowView {
        kind,
        title,
        other,
        last,
        author,
        unread,
        mentioned,
        notifies,
        level,
        quiet,
        pinned,
        draft,
    } = view;
    let picture = match (kind, other) {
        (Kind::Direct, Some(other)) => {
            let dot =
                Signal::derive(move || app.roster.with(|roster| roster.presence(other).dot()));
            view! { <Avatar id=other.0 name=title.clone() dot=dot picture=app.avatar_url(other) /> }
                .into_any()
        }
        (Kind::Everyone, _) => view! {
            <span class="avatar square everyone" aria-hidden="true">
                <Icon shape=Shape::Everyone />
            </span>
        }
        .into_any(),
        _ => view! { <ConversationAvatar id name=title.clone() /> }.into_any(),
    };
    let name = match other {
        Some(person) => view! { <PersonName person class="row-title" /> }.into_any(),
        None => view! {
            <span class="row-title" dir="auto" title=title.clone()>
                {title.clone()}
            </span>
        }
        .into_any(),
    };
    let at = last.as_ref().map(|last| last.at);
    let is_draft = draft.is_some();
    let author = if is_draft { Some(text::sidebar::DRAFT.to_owned()) } else { author };
    let excerpt = match last {
        _ if is_draft => draft.unwrap_or_default(),
        None => text::sidebar::NO_MESSAGES_YET.to_owned(),
        Some(last) if last.excerpt.is_empty() => text::MESSAGE_DELETED.to_owned(),
        Some(last) => last.excerpt.clone(),
    };
    view! {
        {picture}
        {name}
        <span class="row-time">
            {pinned
                .then(|| {
                    view! {
                        <span class="sign" title=text::sidebar::PINNED>
                            <Icon shape=Shape::Pin />
                            <span class="hidden">{text::sidebar::PINNED_HIDDEN}</span>
                        </span>
                    }
                })} {notification_badge(level, quiet)}
            {at.map(|at| view! { <Timestamp at format=TimeFormat::Short /> })}
        </span>
        // The message decides the direction, not the name before it; otherwise it would be
        // truncated on the wrong side.
        <span class="row-excerpt" dir="auto">
            {author
                .map(|author| {
                    view! {
                        <bdi class=if is_draft { "draft" } else { "" }>{author}</bdi>
                        {text::sidebar::AUTHOR_SEPARATOR}
                    }
                })}
            {excerpt}
        </span>
        {(unread > 0)
            .then(|| {
                view! {
                    <span class="badge" class:faint=!notifies>
                        {mentioned.then_some("@ ")}
                        {shown_count(unread)}
                        <span class="hidden">
                            {if mentioned {
                                text::sidebar::UNREAD_WITH_MENTION
                            } else {
                                text::sidebar::UNREAD
                            }}
                        </span>
                    </span>
                }
            })}
    }
}

fn shown_count(unread: usize) -> String {
    if unread > 99 { "99+".to_owned() } else { unread.to_string() }
}
