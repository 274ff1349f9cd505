//! `@everyone`: it rings all at once, so it asks first; without the right it is plain words, and says so before it is sent.

use leptos::prelude::*;

use crate::{
    client::Chat,
    domain::{ConversationId, mention},
    ui::kit::{overlay::dialog::Dialog, text::plural::counted},
};

/// What `@everyone` would do here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::ui::conversation) enum Ring {
    /// It rings so many people.
    People(usize),
    /// It is plain words, because of this.
    Nobody(String),
    /// A name that means all in other products and is nobody's here; and why all cannot be notified either.
    Otherwise(String, Option<String>),
}

/// What this text would do, if it means everyone.
pub(in crate::ui::conversation) fn of(chat: Chat, id: ConversationId, body: &str) -> Option<Ring> {
    let mentions = mention::mentions(body);
    let other = mentions.usernames.into_iter().find(|name| mention::LIKE_EVERYONE.contains(&name.as_str()));
    if !mentions.everyone && other.is_none() {
        return None;
    }
    chat.book.with(|book| {
        let summary = book.find(id)?;
        if !mentions.everyone {
            let is_free = |name: &String| !chat.roster.with(|roster| roster.by_username(name).is_some());
            let why = summary.conversation.may_ring_everyone(chat.my_id()).err().map(|why| why.message);
            return other.filter(is_free).map(|name| Ring::Otherwise(name, why));
        }
        Some(match summary.conversation.may_ring_everyone(chat.my_id()) {
            Ok(()) => Ring::People(summary.members.len().saturating_sub(1)),
            Err(why) => Ring::Nobody(why.message),
        })
    })
}

/// Asks before it rings.
#[component]
pub(in crate::ui) fn AskToRing(open: RwSignal<bool>, people: Signal<usize>, ring: Callback<()>) -> impl IntoView {
    let count = move || counted(people.get(), "person", "people");
    view! {
        <Dialog open title="Notify everyone?">
            <p>"This message notifies everyone in this group: "{count}"."</p>
            <div class="dialog-foot">
                <button type="button" class="button quiet" on:click=move |_| open.set(false)>"Cancel"</button>
                <button type="button" class="button" autofocus on:click=move |_| { open.set(false); ring.run(()); }>"Notify " {count}</button>
            </div>
        </Dialog>
    }
}
