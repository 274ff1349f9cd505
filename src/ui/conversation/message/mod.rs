//! One message, kept or on its way: the same view for both. And the other rows of the timeline.

pub(super) mod actions;
pub(super) mod edit_history;
pub(super) mod link_preview;
pub(super) mod mention_names;
mod reactions;
pub(super) mod read_receipts;

use std::sync::Arc;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, FocusEvent, KeyboardEvent};

use super::{
    attachments,
    message_list::{notice, timeline_rows::Row},
    thread,
};
use crate::{
    client::{
        send_queue::outbox::{Pending, Stage},
        use_chat,
    },
    domain::{
        Change, ConversationId, Entry, Millis, PersonId, Seq,
        message::{Quote, State},
    },
    ui::{
        kit::{
            avatar::Avatar,
            icon::{Icon, Shape},
            time::{Clock, Form, Moment},
        },
        lazy::{Part, later},
        markup::RichText,
        people::person_name::PersonName,
        workspace::shortcuts::is_focused_by_keys,
    },
};
use actions::About;
use reactions::Reactions;
use read_receipts::Seen;

/// A row of the timeline.
pub(super) fn row(id: ConversationId, row: Row, last_own: Memo<Option<Seq>>) -> AnyView {
    match row {
        Row::Day(at) => {
            let chat = use_chat();
            let press = move |_| chat.show_days.set(true);
            view! { <p class="day"><button type="button" title="Go to a day" on:click=press><Moment at form=Form::Day/></button></p> }.into_any()
        }
        Row::New(_) => view! { <p class="new-line"><span>"New"</span></p> }.into_any(),
        Row::Notice(entry) => notice::notice(&entry),
        Row::Moved { seq, came, people, .. } => notice::moved(seq, came, people),
        Row::Message { entry, author, lead } => view! { <Posted id entry author lead last_own/> }.into_any(),
        Row::Pending { pending, lead } => {
            let Pending { id: client_id, body, answers, files: carries, at, stage, .. } = pending;
            let chat = use_chat();
            let stage = Memo::new(move |before: Option<&Stage>| {
                let now = chat.outbox.with(|outbox| outbox.pending(id).iter().find(|pending| pending.id == client_id).map(|it| it.stage.clone()));
                now.or_else(|| before.cloned()).unwrap_or_else(|| stage.clone())
            });
            let failed = Memo::new(move |_| stage.with(|stage| matches!(stage, Stage::Failed(_))));
            let carried = StoredValue::new(carries.clone());
            let coming = Memo::new(move |_| carried.with_value(|files| if files.is_empty() { None } else { chat.progress(files) }));
            // Large files may take long: who waits for them may think better of it.
            let stoppable = Memo::new(move |_| coming.with(Option::is_some) && stage.with(|stage| *stage == Stage::Waiting));
            let choices = move || {
                failed.get().then(|| {
                    view! {
                        <span class="state-choices">
                            <button type="button" class="button quiet small" on:click=move |_| chat.retry(id, client_id)>"Try again"</button>
                            <button type="button" class="button quiet small" on:click=move |_| chat.edit(id, client_id)>"Edit"</button>
                            <button type="button" class="button quiet small" on:click=move |_| chat.discard(id, client_id)>"Discard"</button>
                        </span>
                    }
                })
            };
            let me = chat.my_id();
            let class = move || {
                let waiting = stage.with(|stage| *stage == Stage::Waiting);
                classes(&[("lead", lead), ("own", true), ("waiting", waiting), ("failed", failed.get())])
            };
            view! {
                <article
                    id=format!("p{client_id}")
                    class=class
                    aria-label=label(me, at)
                >
                    {side(me, at, lead)}
                    <div class="message-main">
                        {lead.then(|| head(me, at))}
                        {answers.map(|quote| view! { <Quoted id quote/> })}
                        <RichText text=body names=mention_names::of(chat, id, me)/>
                        {attachments::all(carries, false)}
                        {move || view! { <Progress stage=stage.get() coming/> }}
                        {choices}
                        {move || stoppable.get().then(|| view! {
                            <span class="state-choices"><button type="button" class="button quiet small" on:click=move |_| chat.discard(id, client_id)>"Discard"</button></span>
                        })}
                    </div>
                </article>
            }
            .into_any()
        }
    }
}

/// A message that stands, as it is now: it is altered in place, so that who aims at it or listens to it is not thrown off.
#[component]
fn Posted(id: ConversationId, entry: Arc<Entry>, author: PersonId, lead: bool, last_own: Memo<Option<Seq>>) -> impl IntoView {
    let chat = use_chat();
    let (seq, at) = (entry.seq, entry.at);
    let about = About { id, seq, author };
    let now = Memo::new(move |before: Option<&Arc<Entry>>| {
        let found = chat.timelines.with(|timelines| timelines.find(id)?.message(seq).cloned());
        found.or_else(|| before.cloned()).unwrap_or_else(|| Arc::clone(&entry))
    });
    let said = Memo::new(move |_| now.with(|entry| if let Change::Posted { body, .. } = &entry.change { body.clone() } else { String::new() }));
    let state = Memo::new(move |_| now.with(|entry| if let Change::Posted { state, .. } = &entry.change { state.clone() } else { State::default() }));
    let quote = Memo::new(move |_| now.with(|entry| if let Change::Posted { answers, .. } = &entry.change { answers.clone() } else { None }));
    let carries = Memo::new(move |_| now.with(|entry| if let Change::Posted { files, .. } = &entry.change { files.clone() } else { Vec::new() }));
    let answers = Memo::new(move |_| state.with(|state| state.answered_by.len()));
    let leads = Memo::new(move |_| state.with(|state| state.preview.clone()));
    let gone = Memo::new(move |_| state.with(|state| state.deleted.is_some()));
    let (pointed, focused) = (RwSignal::new(false), RwSignal::new(false));
    // Letters are commands only where the focus came by keys: after a click somebody who types means to write.
    let by_keys = StoredValue::new(false);
    let (held, looking) = (RwSignal::new(false), RwSignal::new(false));
    let comes = move |event: FocusEvent| {
        focused.set(true);
        let on_itself = event.target().filter(|_| event.target() == event.current_target());
        let article = on_itself.and_then(|target| target.dyn_into::<Element>().ok());
        by_keys.set_value(article.is_some_and(|article| is_focused_by_keys(&article)));
    };
    let leaves = move |event: FocusEvent| {
        let inside = |to: Element| to.closest("article").ok().flatten().is_some_and(|article| article.id() == format!("m{seq}"));
        if !event.related_target().and_then(|to| to.dyn_into().ok()).is_some_and(inside) {
            focused.set(false);
        }
    };
    let keys = move |event: KeyboardEvent| {
        let on_itself = event.target() == event.current_target();
        let plain = !(event.ctrl_key() || event.meta_key() || event.alt_key());
        if on_itself && plain && by_keys.get_value() && !gone.get_untracked() && about.press(chat, &event.key()) {
            event.prevent_default();
        }
    };
    view! {
        <article
            id=format!("m{seq}")
            class=move || classes(&[("lead", lead), ("own", author == chat.my_id()), ("lit", chat.lit.get() == Some((id, seq)))])
            aria-label=label(author, at)
            tabindex=move || if focused.get() { "0" } else { "-1" }
            on:mouseenter=move |_| pointed.set(true)
            on:mouseleave=move |_| pointed.set(false)
            on:focusin=comes
            on:focusout=leaves
            on:keydown=keys
        >
            {side(author, at, lead)}
            <div class="message-main">
                {lead.then(|| head(author, at))}
                {move || quote.get().map(|quote| view! { <Quoted id quote/> })}
                {move || if gone.get() {
                    view! { <p class="gone">"Message deleted"</p> }.into_any()
                } else {
                    view! { <RichText text=said.get() names=mention_names::of(chat, id, author)/> }.into_any()
                }}
                {move || attachments::all(carries.get(), true)}
                <Show when=move || !gone.get()>
                    {move || leads.get().map(|leads| link_preview::card(about, *leads))}
                    <Show when=move || state.with(|state| state.pinned || state.settled || state.edited.is_some())>
                        <p class="marks">
                            {move || marks(state)}
                            <Show when=move || state.with(|state| state.edited.is_some())>
                                <button type="button" class="edited" on:click=move |_| looking.set(true)>"(edited)"</button>
                            </Show>
                        </p>
                    </Show>
                    <Reactions about state/>
                    {move || Some(answers.get()).filter(|count| *count > 0).map(|count| thread::link(id, seq, count))}
                </Show>
                {(author == chat.my_id()).then(|| view! { <Show when=move || last_own.get() == Some(seq)><Seen id seq/></Show> })}
            </div>
            <Show when=move || pointed.get() || focused.get() || held.get()>{later(Part::Actions { about, state, said, held })}</Show>
            <Show when=move || looking.get()>{later(Part::Earlier { about, open: looking })}</Show>
        </article>
    }
}

/// As one attribute: each `class:` would be another type of view.
fn classes(of: &[(&str, bool)]) -> String {
    of.iter().filter(|(_, on)| *on).fold("message".to_owned(), |classes, (class, _)| classes + " " + class)
}

/// What a message is, beside what it says.
fn marks(state: Memo<State>) -> String {
    let (pinned, settled) = state.with(|state| (state.pinned, state.settled));
    let words: Vec<&str> = [(pinned, "Pinned"), (settled, "Answered")].into_iter().filter(|(is, _)| *is).map(|(_, word)| word).collect();
    words.join(" · ")
}

fn label(author: PersonId, at: Millis) -> impl Fn() -> String {
    let (chat, clock) = (use_chat(), expect_context::<Clock>());
    move || format!("{}, {}", chat.label(author), clock.words(at, Form::Time))
}

/// The picture of who wrote it, or when it was.
fn side(author: PersonId, at: Millis, lead: bool) -> impl IntoView {
    let name = use_chat().roster.with_untracked(|roster| roster.name(author));
    view! {
        <div class="message-side" aria-hidden="true" data-person=lead.then(|| author.to_string())>
            {if lead { view! { <Avatar id=author.0 name picture=use_chat().picture(author)/> }.into_any() } else { view! { <Moment at form=Form::Time/> }.into_any() }}
        </div>
    }
}

fn head(author: PersonId, at: Millis) -> impl IntoView {
    // The name of the article has both.
    view! { <p class="message-head" aria-hidden="true"><strong><PersonName person=author opens=true/></strong> <Moment at form=Form::Time/></p> }
}

/// The message that this one answers; a press leads there.
#[component]
fn Quoted(id: ConversationId, quote: Quote) -> impl IntoView {
    let chat = use_chat();
    let Quote { message, author, excerpt } = quote;
    let says = if excerpt.is_empty() { "Message deleted".to_owned() } else { excerpt };
    view! {
        <button type="button" class="quoted" title="Go to the message" on:click=move |_| chat.go_to(id, message)>
            <Icon shape=Shape::Reply/>
            <strong dir="auto">{move || chat.label(author)}</strong>
            <span dir="auto">{says}</span>
        </button>
    }
}

/// How far a message of one's own has come.
#[component]
fn Progress(stage: Stage, coming: Memo<Option<(u64, u64, Option<String>)>>) -> impl IntoView {
    let waits = stage == Stage::Waiting;
    let (shape, word, why) = match stage {
        Stage::Waiting => (Shape::Clock, "Waiting", None),
        Stage::Sent(_) => (Shape::Check, "Sent", None),
        Stage::Failed(why) => (Shape::Alert, "Not sent", Some(why)),
    };
    view! {
        <p class="state">
            <Icon shape/> <span role="status">{word}</span> {why.map(|why| view! { <span class="state-why">"· " {why}</span> })}
            {move || coming.get().filter(|_| waits).map(|(percent, pace, why)| view! { <span class="state-why">"· " {attachments::coming(percent, pace, why)}</span> })}
        </p>
    }
}
