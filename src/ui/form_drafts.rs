//! Unsent form input: a form closed without "Cancel" reopens with it. Kept until the page ends.
//!
//! Written in effects and handlers only, so it stays empty on the server, whose threads serve many
//! users.

use std::{cell::RefCell, collections::HashMap};

use leptos::prelude::*;

use crate::domain::{ConversationId, PersonId};

/// A form whose input is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::ui) enum FormId {
    AddPeople(ConversationId),
    GroupName(ConversationId),
    NewGroup,
    StatusEmoji,
    StatusText,
}

/// Its input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Draft {
    text: String,
    people: Vec<PersonId>,
}

thread_local! {
    static DRAFTS: RefCell<HashMap<FormId, Draft>> = RefCell::default();
}

/// The kept text and people of a form; further changes are kept.
pub(in crate::ui) fn fields(form: FormId) -> (RwSignal<String>, RwSignal<Vec<PersonId>>) {
    let Draft { text, people } =
        DRAFTS.with_borrow(|drafts| drafts.get(&form).cloned()).unwrap_or_default();
    let (text, people) = (RwSignal::new(text), RwSignal::new(people));
    Effect::new(move || {
        let draft = Draft { text: text.get(), people: people.get() };
        DRAFTS.with_borrow_mut(|drafts| drafts.insert(form, draft));
    });
    (text, people)
}

/// The kept text of a form that starts from a stored value; `None` if there is none.
pub(in crate::ui) fn saved_text(form: FormId) -> Option<String> {
    DRAFTS.with_borrow(|drafts| drafts.get(&form).map(|draft| draft.text.clone()))
}

/// Keeps the text of such a form; `None` if it equals the stored value.
pub(in crate::ui) fn save_text(form: FormId, text: Option<String>) {
    DRAFTS.with_borrow_mut(|drafts| {
        drafts.remove(&form);
        drafts.extend(text.map(|text| (form, Draft { text, people: Vec::new() })));
    });
}

/// Clears a form after submit or "Cancel". Its fields may be gone by then.
pub(in crate::ui) fn clear(
    form: FormId,
    (text, people): (RwSignal<String>, RwSignal<Vec<PersonId>>),
) {
    DRAFTS.with_borrow_mut(|drafts| drafts.remove(&form));
    text.try_set(String::new());
    people.try_set(Vec::new());
}
