//! How far the last message of one's own has come: sent, of two delivered, and seen by whom.

use leptos::prelude::*;

use crate::{
    client::use_chat,
    domain::{ConversationId, PersonId, Seq},
    ui::{
        kit::{
            avatar::Avatar,
            icon::{Icon, Shape},
            overlay::popover::Popover,
        },
        lazy::{Part, once},
        people::person_name::PersonName,
    },
};

/// The line under the message; a press says who.
#[component]
pub(in crate::ui::conversation) fn Seen(id: ConversationId, seq: Seq) -> impl IntoView {
    let chat = use_chat();
    let open = RwSignal::new(false);
    let me = chat.my_id();
    let people = Memo::new(move |_| {
        let mut seen = chat.knowing.with(|knowing| knowing.seen_by(id, seq));
        seen.retain(|person| *person != me);
        seen
    });
    let come = Memo::new(move |_| chat.knowing.with(|knowing| knowing.is_delivered(id, seq)));
    view! {
        <div class="state action-place">
            {move || match people.with(Vec::len) {
                0 => {
                    let (shape, word) = if come.get() { (Shape::Checks, "Delivered") } else { (Shape::Check, "Sent") };
                    view! { <Icon shape/> <span role="status">{word}</span> }.into_any()
                }
                n => view! {
                    <span role="status">
                        <button type="button" class="seen" aria-haspopup="dialog" on:click=move |_| open.set(true)>
                            <Icon shape=Shape::Eye/> {format!("Seen by {n}")}
                        </button>
                    </span>
                }
                .into_any(),
            }}
            {once(Part::SeenBy { open, people })}
        </div>
    }
}

/// Who.
#[component]
pub(in crate::ui) fn SeenBy(open: RwSignal<bool>, people: Memo<Vec<PersonId>>) -> impl IntoView {
    let chat = use_chat();
    let who = move |person: PersonId| {
        let name = chat.roster.with_untracked(|roster| roster.name(person));
        view! {
            <button type="button" class="seen-person" data-person=person.to_string()>
                <Avatar id=person.0 name picture=chat.picture(person)/>
                <PersonName person/>
            </button>
        }
    };
    view! { <Popover open role="dialog" label="Seen by">{move || people.get().into_iter().map(who).collect_view()}</Popover> }
}
