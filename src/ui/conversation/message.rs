//! One message, kept or on its way: the same view for both. And the other rows of the timeline.

use leptos::prelude::*;

use super::rows::Row;
use crate::{
    client::{
        Chat,
        outbox::{Pending, Stage},
        use_chat,
    },
    domain::{Change, ConversationId, Entry, Millis, Person, PersonId},
    ui::kit::{
        avatar::Avatar,
        icon::{Icon, Shape},
        markup::RichText,
        time::{Clock, Form, Moment},
    },
};

/// Names of arrivals that are said one by one.
const NAMED: usize = 3;

/// A row of the timeline.
pub(super) fn row(id: ConversationId, row: Row) -> AnyView {
    match row {
        Row::Day(at) => view! { <p class="day"><Moment at form=Form::Day/></p> }.into_any(),
        Row::New(_) => view! { <p class="new-line"><span>"New"</span></p> }.into_any(),
        Row::Notice(entry) => view! { <p class="notice" id=format!("m{}", entry.seq) dir="auto"><Notice entry=(*entry).clone()/></p> }.into_any(),
        Row::Arrivals(seq, people) => view! { <p class="notice" id=format!("m{seq}") dir="auto">{arrivals(&people)}</p> }.into_any(),
        Row::Message { entry, author, lead, last_own } => {
            let Change::Posted { body, .. } = &entry.change else { return ().into_any() };
            let state = last_own.then_some(Stage::Sent(entry.seq));
            view! { <Message anchor=format!("m{}", entry.seq) author at=entry.at body=body.clone() lead state/> }.into_any()
        }
        Row::Pending { pending, lead } => {
            let Pending { id: client_id, body, at, stage, .. } = pending;
            let chat = use_chat();
            let choices = matches!(stage, Stage::Failed(_)).then(|| {
                view! {
                    <span class="state-choices">
                        <button type="button" class="button quiet small" on:click=move |_| chat.retry(id, client_id)>"Try again"</button>
                        <button type="button" class="button quiet small" on:click=move |_| chat.edit(id, client_id)>"Edit"</button>
                        <button type="button" class="button quiet small" on:click=move |_| chat.discard(id, client_id)>"Discard"</button>
                    </span>
                }
            });
            view! { <Message anchor=format!("p{client_id}") author=chat.my_id() at body lead state=Some(stage)>{choices}</Message> }.into_any()
        }
    }
}

#[component]
fn Message(
    anchor: String,
    author: PersonId,
    at: Millis,
    body: String,
    lead: bool,
    state: Option<Stage>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let chat = use_chat();
    let clock = expect_context::<Clock>();
    let (waiting, failed) = (state == Some(Stage::Waiting), matches!(state, Some(Stage::Failed(_))));
    let name = chat.roster.with_untracked(|roster| roster.name(author));
    let label = {
        let name = name.clone();
        move || format!("{name}, {}", clock.words(at, Form::Time))
    };
    view! {
        <article
            id=anchor
            class="message"
            class:lead=lead
            class:own=author == chat.my_id()
            class:waiting=waiting
            class:failed=failed
            aria-label=label
        >
            <div class="message-side">
                {if lead { view! { <Avatar id=author.0 name=name.clone()/> }.into_any() } else { view! { <Moment at form=Form::Time/> }.into_any() }}
            </div>
            <div class="message-main">
                {lead.then(|| view! { <p class="message-head"><strong dir="auto">{name}</strong> <Moment at form=Form::Time/></p> })}
                <RichText text=body/>
                {state.map(|state| view! { <State state/> })}
                {children.map(|children| children())}
            </div>
        </article>
    }
}

/// How far a message of one's own has come.
#[component]
fn State(state: Stage) -> impl IntoView {
    let (shape, word, why) = match state {
        Stage::Waiting => (Shape::Clock, "Waiting", None),
        Stage::Sent(_) => (Shape::Check, "Sent", None),
        Stage::Failed(why) => (Shape::Alert, "Not sent", Some(why)),
    };
    view! {
        <p class="state"><Icon shape/> <span role="status">{word}</span> {why.map(|why| view! { <span class="state-why">"· " {why}</span> })}</p>
    }
}

/// What happened, in a sentence.
#[component]
fn Notice(entry: Entry) -> impl IntoView {
    let chat = use_chat();
    let who = |person: PersonId| person_in_words(chat, person);
    match entry.change {
        Change::Created { by } => format!("{} created the group", who(by)),
        Change::Renamed { by, name } => format!("{} named the group “{name}”", who(by)),
        Change::MemberAdded { by, person } => format!("{} added {}", who(by), who(person)),
        Change::MemberRemoved { by, person } => format!("{} removed {}", who(by), who(person)),
        Change::MemberLeft { person } => format!("{} left", who(person)),
        Change::Posted { .. }
        | Change::Registered { .. }
        | Change::ConversationAdded { .. }
        | Change::ConversationRemoved { .. }
        | Change::ReadMoved { .. } => String::new(),
    }
}

fn person_in_words(chat: Chat, person: PersonId) -> String {
    if person == chat.my_id() { "you".to_owned() } else { chat.roster.with_untracked(|roster| roster.name(person)) }
}

fn arrivals(people: &[Person]) -> String {
    let named: Vec<&str> = people.iter().take(NAMED).map(|person| person.display_name.as_str()).collect();
    match people.len().saturating_sub(NAMED) {
        0 => format!("{} joined", named.join(", ")),
        more => format!("{} and {more} more joined", named.join(", ")),
    }
}
