//! `@everyone`: asks for confirmation, or explains why it notifies nobody.

use leptos::prelude::*;

use crate::{
    client::AppState,
    domain::{ConversationId, markup, mention},
    ui::{kit::overlay::dialog::Dialog, text},
};

/// Effect of `@everyone` in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::ui::conversation) enum EveryoneMention {
    /// Notifies this many users.
    Notifies(usize),
    /// Not permitted, with the reason.
    Denied(String),
    /// A name that other products use for it; and why @everyone is not permitted, if so.
    Lookalike(String, Option<String>),
}

/// The effect of a text that mentions everyone.
pub(in crate::ui::conversation) fn check(
    app: AppState,
    id: ConversationId,
    body: &str,
) -> Option<EveryoneMention> {
    let mentions = markup::mentions(body);
    let other = mentions
        .usernames
        .into_iter()
        .find(|name| mention::EVERYONE_ALIASES.contains(&name.as_str()));
    if !mentions.everyone && other.is_none() {
        return None;
    }
    app.conversations.with(|conversations| {
        let summary = conversations.find(id)?;
        if !mentions.everyone {
            let is_free =
                |name: &String| !app.roster.with(|roster| roster.by_username(name).is_some());
            let why =
                summary.conversation.may_mention_everyone(app.my_id()).err().map(|why| why.message);
            return other.filter(is_free).map(|name| EveryoneMention::Lookalike(name, why));
        }
        Some(match summary.conversation.may_mention_everyone(app.my_id()) {
            Ok(()) => EveryoneMention::Notifies(summary.members.len().saturating_sub(1)),
            Err(why) => EveryoneMention::Denied(why.message),
        })
    })
}

/// The confirmation.
#[component]
pub(in crate::ui) fn ConfirmMentionEveryone(
    open: RwSignal<bool>,
    people: Signal<usize>,
    confirm: Callback<()>,
) -> impl IntoView {
    view! {
        <Dialog open title=text::composer::NOTIFY_QUESTION>
            <p>{move || text::composer::notifies(people.get())}</p>
            <div class="dialog-foot">
                <button type="button" class="button quiet" on:click=move |_| open.set(false)>
                    {text::kit::CANCEL}
                </button>
                <button
                    type="button"
                    class="button"
                    autofocus
                    on:click=move |_| {
                        open.set(false);
                        confirm.run(());
                    }
                >
                    {move || text::composer::notify(people.get())}
                </button>
            </div>
        </Dialog>
    }
}
