//! Choosing people: a list with a box per person, and a field that finds among them.

use leptos::prelude::*;
use web_sys::KeyboardEvent;

use super::matches;
use crate::{
    client::{browser, use_chat},
    domain::PersonId,
    ui::kit::avatar::Avatar,
};

/// The list. What is chosen stays chosen while one looks for others.
#[component]
pub fn PeopleChoice(
    /// Who is chosen.
    chosen: RwSignal<Vec<PersonId>>,
    /// Who is not offered.
    #[prop(into)]
    without: Signal<Vec<PersonId>>,
) -> impl IntoView {
    let chat = use_chat();
    let wanted = RwSignal::new(String::new());
    let offered = Memo::new(move |_| {
        let (wanted, without) = (wanted.get(), without.get());
        chat.roster.with(|roster| {
            let fits = |id: PersonId, name: &str| chosen.with(|chosen| chosen.contains(&id)) || matches(name, &wanted);
            roster
                .all()
                .filter(|person| !without.contains(&person.id) && fits(person.id, &person.display_name))
                .map(|person| person.id)
                .collect::<Vec<_>>()
        })
    });
    // Enter in a field sends its form, and a group would be created without those who are still looked for.
    let press = move |event: KeyboardEvent| {
        if event.key() != "Enter" || browser::is_composing(&event) {
            return;
        }
        event.prevent_default();
        let wanted = wanted.get_untracked();
        let found = |id: &PersonId| chat.roster.with_untracked(|roster| matches(&roster.name(*id), &wanted));
        if let Some(id) = offered.get_untracked().into_iter().find(found).filter(|_| !wanted.trim().is_empty()) {
            toggle(chosen, id, !chosen.with_untracked(|chosen| chosen.contains(&id)));
        }
    };
    view! {
        // No fieldset: browsers do not shrink what is inside one, and the list would stand over the buttons below.
        <div class="choice" role="group" aria-labelledby="choice-label">
            <p id="choice-label">"People" {move || match chosen.with(Vec::len) { 0 => String::new(), n => format!(" ({n} chosen)") }}</p>
            <input type="search" placeholder="Find people" aria-label="Find people" autocomplete="off" on:input=move |event| wanted.set(event_target_value(&event)) on:keydown=press/>
            <ul>
                <For each=move || offered.get() key=|id| *id let:id>
                    <li><Choice id chosen/></li>
                </For>
            </ul>
            <Show when=move || offered.with(Vec::is_empty)><p class="quiet hint">"Nobody is left to choose."</p></Show>
        </div>
    }
}

#[component]
fn Choice(id: PersonId, chosen: RwSignal<Vec<PersonId>>) -> impl IntoView {
    let name = use_chat().roster.with_untracked(|roster| roster.name(id));
    view! {
        <label class="check">
            <input type="checkbox" prop:checked=move || chosen.with(|chosen| chosen.contains(&id)) on:change=move |event| toggle(chosen, id, event_target_checked(&event))/>
            <Avatar id=id.0 name=name.clone() picture=use_chat().picture(id)/>
            <span dir="auto">{name}</span>
        </label>
    }
}

fn toggle(chosen: RwSignal<Vec<PersonId>>, id: PersonId, on: bool) {
    chosen.update(|chosen| {
        chosen.retain(|other| *other != id);
        if on {
            chosen.push(id);
        }
    });
}
