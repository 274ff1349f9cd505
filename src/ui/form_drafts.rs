//! Unsent input of forms: a form that was closed without "Cancel" is opened again with what was in it. Kept until the page ends.
//!
//! Written by effects and handlers only, so the server, whose threads serve many people, never has any.

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

/// What is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Draft {
    text: String,
    people: Vec<PersonId>,
}

thread_local! {
    static DRAFTS: RefCell<HashMap<FormId, Draft>> = RefCell::default();
}

/// The text and the people of a form, as they were left; changes are kept from now on.
pub(in crate::ui) fn fields(form: FormId) -> (RwSignal<String>, RwSignal<Vec<PersonId>>) {
    let Draft { text, people } = DRAFTS.with_borrow(|drafts| drafts.get(&form).cloned()).unwrap_or_default();
    let (text, people) = (RwSignal::new(text), RwSignal::new(people));
    Effect::new(move || {
        let draft = Draft { text: text.get(), people: people.get() };
        DRAFTS.with_borrow_mut(|drafts| drafts.insert(form, draft));
    });
    (text, people)
}

/// The text of a form whose fields start from what is stored; `None` if nothing else was left in it.
pub(in crate::ui) fn saved_text(form: FormId) -> Option<String> {
    DRAFTS.with_borrow(|drafts| drafts.get(&form).map(|draft| draft.text.clone()))
}

/// Keeps the text of such a form; `None` where it is what is stored.
pub(in crate::ui) fn save_text(form: FormId, text: Option<String>) {
    DRAFTS.with_borrow_mut(|drafts| {
        drafts.remove(&form);
        drafts.extend(text.map(|text| (form, Draft { text, people: Vec::new() })));
    });
}

/// The input was sent or given up by "Cancel". The fields may be gone by then.
pub(in crate::ui) fn clear(form: FormId, (text, people): (RwSignal<String>, RwSignal<Vec<PersonId>>)) {
    DRAFTS.with_borrow_mut(|drafts| drafts.remove(&form));
    text.try_set(String::new());
    people.try_set(Vec::new());
}
