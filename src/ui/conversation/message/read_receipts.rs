//! Status of the last own message: sent, delivered, read by.

use leptos::prelude::*;

use crate::{
    client::use_app_state,
    domain::{ConversationId, PersonId, Seq},
    ui::{
        kit::{
            avatar::Avatar,
            icon::{Icon, Shape},
            overlay::popover::Popover,
        },
        lazy::{LazyView, lazy_dialog},
        people::person_name::PersonName,
        text,
    },
};

/// The status; a press lists the readers.
#[component]
pub(in crate::ui::conversation) fn ReadReceipts(id: ConversationId, seq: Seq) -> impl IntoView {
    let app = use_app_state();
    let open = RwSignal::new(false);
    let me = app.my_id();
    let people = Memo::new(move |_| {
        let mut read_by = app.ephemeral.with(|ephemeral| ephemeral.read_by(id, seq));
        read_by.retain(|person| *person != me);
        read_by
    });
    let delivered =
        Memo::new(move |_| app.ephemeral.with(|ephemeral| ephemeral.is_delivered(id, seq)));
    view! {
        <div class="state action-place">
            {move || match people.with(Vec::len) {
                0 => {
                    let (shape, word) = if delivered.get() {
                        (Shape::Checks, text::message::DELIVERED)
                    } else {
                        (Shape::Check, text::message::SENT)
                    };
                    view! {
                        <Icon shape />
                        <span role="status">{word}</span>
                    }
                        .into_any()
                }
                n => {
                    view! {
                        <span role="status">
                            <button
                                type="button"
                                class="seen"
                                aria-haspopup="dialog"
                                on:click=move |_| open.set(true)
                            >
                                <Icon shape=Shape::Eye />
                                {text::message::seen_by(n)}
                            </button>
                        </span>
                    }
                        .into_any()
                }
            }}
            {lazy_dialog(LazyView::ReadBy { open, people })}
        </div>
    }
}

/// The list of readers.
#[component]
pub(in crate::ui) fn ReadBy(open: RwSignal<bool>, people: Memo<Vec<PersonId>>) -> impl IntoView {
    let app = use_app_state();
    let who = move |person: PersonId| {
        let name = app.roster.with_untracked(|roster| roster.name(person));
        view! {
            <button type="button" class="seen-person" data-person=person.to_string()>
                <Avatar id=person.0 name picture=app.avatar_url(person) />
                <PersonName person />
            </button>
        }
    };
    view! {
        <Popover open role="dialog" label=text::message::SEEN_BY>
            {move || people.get().into_iter().map(who).collect_view()}
        </Popover>
    }
}
