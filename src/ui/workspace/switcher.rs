//! Going to a conversation or a person by a part of the name, from anywhere.

use std::collections::HashSet;

use leptos::{ev::KeyboardEvent, html, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};

use crate::{
    client::{
        Chat, browser,
        state::{conversations::Book, roster::Roster},
        use_chat,
    },
    domain::{ConversationId, Kind, Person, PersonId, Summary},
    ui::{
        kit::{
            overlay::dialog::Dialog,
            suggestion_list::{Offer, OfferList, Offers, Press},
            text::fuzzy_match,
        },
        people::conversation_avatar::{person_now, picture_now},
        sidebar::people::opener,
    },
};

/// Most that are shown: one types on rather than read so many.
const MOST: usize = 30;

/// Where one can go.
struct Place {
    to: To,
    /// The username, if it is a person, and the title, without case and accents.
    names: [String; 2],
}

#[derive(Clone, Copy)]
enum To {
    Conversation(ConversationId),
    Person(PersonId),
}

/// The dialog.
#[component]
pub fn Switcher() -> impl IntoView {
    let open = use_chat().show_switcher;
    view! { <Dialog open title="Go to" class="switcher"><Search open/></Dialog> }
}

#[component]
fn Search(open: RwSignal<bool>) -> impl IntoView {
    let chat = use_chat();
    let (go, meet) = (use_navigate(), opener(chat));
    // As it is when the dialog opens: nothing moves under the hand.
    let places = StoredValue::new(places(chat));
    let offers = Offers::new("places");
    let shown = StoredValue::new(Vec::<To>::new());
    let wanted = RwSignal::new(String::new());
    let look = move || {
        let wanted = browser::folded(wanted.get_untracked().trim().trim_start_matches('@'));
        let (found, rows) = places.with_value(|places| {
            let fit = |place: &&Place| place.names.iter().filter_map(|name| fuzzy_match::fits(name, &wanted)).min();
            let best = fuzzy_match::best(places.iter(), MOST, fit).into_iter();
            best.filter_map(|place| Some((place.to, offer(chat, place.to)?))).unzip()
        });
        shown.set_value(found);
        offers.show(rows);
    };
    let field = NodeRef::<html::Input>::new();
    Effect::new(move || {
        if let Some(field) = field.get() {
            let _ = field.focus();
            look();
        }
    });
    let take = Callback::new(move |at: usize| {
        let Some(to) = shown.with_value(|shown| shown.get(at).copied()) else { return };
        open.set(false);
        match to {
            To::Conversation(id) => go(&format!("/c/{id}"), NavigateOptions::default()),
            To::Person(id) => meet(id),
        }
    });
    let press = move |event: KeyboardEvent| match offers.press(&event, false) {
        // The dialog closes by itself. What is typed in the list is looked for.
        Press::Other if event.key().chars().count() == 1 => drop(field.get_untracked().map(|field| field.focus())),
        Press::Other | Press::Shut => {}
        Press::Walked => event.prevent_default(),
        Press::Taken(at) => {
            event.prevent_default();
            take.run(at);
        }
    };
    view! {
        <div class="switcher-body" on:keydown=press>
        <input
            node_ref=field
            type="text"
            class="switcher-field"
            aria-label="Conversation or person"
            placeholder="Conversation or person"
            autocomplete="off"
            autocapitalize="none"
            spellcheck="false"
            aria-autocomplete="list"
            aria-controls=move || offers.active().map(|_| offers.id)
            aria-activedescendant=move || offers.active()
            on:input=move |event| { wanted.set(event_target_value(&event)); look(); }
        />
        <OfferList offers label="Results" take focusable=true/>
        </div>
        <Show when=move || offers.active().is_none() && !wanted.with(String::is_empty)>
            <p class="quiet hint">"No matches"</p>
        </Show>
    }
}

/// The conversations, the one with the latest message first; then the people with whom there is none yet.
fn places(chat: Chat) -> Vec<Place> {
    chat.book.with_untracked(|book| {
        chat.roster.with_untracked(|roster| {
            let mut met = HashSet::from([chat.my_id()]);
            let conversation = |id: ConversationId| {
                let summary = book.find(id)?;
                let title = browser::folded(&book.title(&summary.conversation, &summary.members, roster));
                let other = other(book, roster, summary);
                met.extend(other.map(|other| other.id));
                Some(Place { to: To::Conversation(id), names: [other.map_or_else(|| title.clone(), |other| other.username.clone()), title] })
            };
            let mut places: Vec<Place> = book.listed().into_iter().filter_map(conversation).collect();
            places.extend(roster.all().filter(|person| !met.contains(&person.id)).map(|person| {
                let names = [person.username.clone(), browser::folded(&person.display_name)];
                Place { to: To::Person(person.id), names }
            }));
            places
        })
    })
}

/// How a place looks now.
fn offer(chat: Chat, to: To) -> Option<Offer> {
    chat.book.with_untracked(|book| {
        chat.roster.with_untracked(|roster| match to {
            To::Conversation(id) => {
                let summary = book.find(id)?;
                let title = book.title(&summary.conversation, &summary.members, roster);
                let picture = picture_now(chat.my_id(), roster, summary, &title);
                let hint = other(book, roster, summary).map(|other| format!("@{}", other.username)).unwrap_or_default();
                Some(Offer { picture, title, hint, unread: summary.unread.count() > 0 })
            }
            To::Person(id) => {
                let person = roster.find(id)?;
                let hint = format!("@{}", person.username);
                Some(Offer { picture: person_now(roster, id), title: person.display_name.clone(), hint, unread: false })
            }
        })
    })
}

/// Of two, the one who is not me.
fn other<'roster>(book: &Book, roster: &'roster Roster, summary: &Summary) -> Option<&'roster Person> {
    book.other(&summary.members).filter(|_| summary.conversation.kind == Kind::Direct).and_then(|other| roster.find(other))
}
