//! `@everyone`: it rings all at once, so it asks first; without the right it is plain words, and says so before it is sent.

use leptos::prelude::*;

use crate::{
    client::AppState,
    domain::{ConversationId, mention},
    ui::kit::{overlay::dialog::Dialog, text::plural::pluralize},
};

/// What `@everyone` would do here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::ui::conversation) enum EveryoneMention {
    /// It rings so many people.
    Notifies(usize),
    /// It is plain words, because of this.
    Denied(String),
    /// A name that means all in other products and is nobody's here; and why all cannot be notified either.
    Lookalike(String, Option<String>),
}

/// What this text would do, if it means everyone.
pub(in crate::ui::conversation) fn check(app: AppState, id: ConversationId, body: &str) -> Option<EveryoneMention> {
    let mentions = mention::mentions(body);
    let other = mentions.usernames.into_iter().find(|name| mention::LIKE_EVERYONE.contains(&name.as_str()));
    if !mentions.everyone && other.is_none() {
        return None;
    }
    app.conversations.with(|conversations| {
        let summary = conversations.find(id)?;
        if !mentions.everyone {
            let is_free = |name: &String| !app.roster.with(|roster| roster.by_username(name).is_some());
            let why = summary.conversation.may_ring_everyone(app.my_id()).err().map(|why| why.message);
            return other.filter(is_free).map(|name| EveryoneMention::Lookalike(name, why));
        }
        Some(match summary.conversation.may_ring_everyone(app.my_id()) {
            Ok(()) => EveryoneMention::Notifies(summary.members.len().saturating_sub(1)),
            Err(why) => EveryoneMention::Denied(why.message),
        })
    })
}

/// Asks before it rings.
#[component]
pub(in crate::ui) fn ConfirmMentionEveryone(open: RwSignal<bool>, people: Signal<usize>, confirm: Callback<()>) -> impl IntoView {
    let count = move || pluralize(people.get(), "person", "people");
    view! {
        <Dialog open title="Notify everyone?">
            <p>"This message notifies everyone in this group: "{count}"."</p>
            <div class="dialog-foot">
                <button type="button" class="button quiet" on:click=move |_| open.set(false)>"Cancel"</button>
                <button type="button" class="button" autofocus on:click=move |_| { open.set(false); confirm.run(()); }>"Notify " {count}</button>
            </div>
        </Dialog>
    }
}
