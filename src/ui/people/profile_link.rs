//! Opens the profile card: from any element with `data-person`, a shortcut, or a menu. The card
//! itself is lazily loaded.

use std::cell::RefCell;

use leptos::{ev, leptos_dom::helpers::window_event_listener, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::Element;

use crate::{client::AppState, domain::PersonId};

thread_local! {
    static ANCHOR: RefCell<Option<Element>> = RefCell::default();
}

/// The anchor of the card.
pub(in crate::ui) fn anchor() -> Option<Element> {
    ANCHOR.with_borrow(Clone::clone)
}

/// Shows a profile beside an element.
pub(in crate::ui) fn open(app: AppState, person: PersonId, beside: Option<Element>) {
    ANCHOR.set(beside);
    let show = move || {
        app.profile.set(Some(person));
        app.show_profile.set(true);
    };
    if app.show_profile.get_untracked() {
        // The press also dismissed the previous card, whose close event fires later and would close
        // the new one.
        app.show_profile.set(false);
        set_timeout(show, std::time::Duration::ZERO);
    } else {
        show();
    }
}

/// Listens for the life of the page.
pub(in crate::ui) fn listen(app: AppState) {
    let _ = window_event_listener(ev::click, move |event| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let beside = target.and_then(|target| target.closest("[data-person]").ok().flatten());
        let person =
            beside.as_ref().and_then(|beside| beside.get_attribute("data-person")?.parse().ok());
        if let Some(person) = person {
            open(app, person, beside);
        }
    });
}
