//! The section of people: search, role, activity, and what an administrator can do.

use leptos::{prelude::*, task::spawn_local};

use super::person_actions::PersonActions;
use crate::{
    client::use_app_state,
    domain::{Millis, Person, PersonId, Right, Role, account::ManagedPerson},
    ui::{
        kit::{
            avatar::Avatar,
            form::FormSelect,
            time::{Clock, TimeFormat, Timestamp},
        },
        text,
    },
};

/// The section.
#[component]
pub(super) fn People() -> impl IntoView {
    let app = use_app_state();
    let (query, role) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let people = RwSignal::new(Vec::<ManagedPerson>::new());
    let (more, loading) = (RwSignal::new(false), RwSignal::new(true));
    // Answers of earlier searches are dropped.
    let latest = StoredValue::new(0_u32);
    let load = move |after: Option<PersonId>| {
        latest.update_value(|n| *n += 1);
        let (this, query, role) = (
            latest.get_value(),
            query.get_untracked(),
            role.with_untracked(|role| Role::parse(role)),
        );
        loading.set(true);
        spawn_local(async move {
            let answer = app.managed_people(query, role, after).await;
            if latest.try_get_value() != Some(this) {
                return;
            }
            loading.try_set(false);
            match answer {
                Ok(page) => {
                    more.try_set(page.more);
                    people.try_update(|people| {
                        if after.is_none() {
                            people.clear();
                        }
                        people.extend(page.people);
                    });
                }
                Err(error) => app.show_error(error.message),
            }
        });
    };
    Effect::new(move || {
        query.track();
        role.track();
        load(None);
    });
    let load_more = move |_| {
        load(people.with_untracked(|people| people.last().map(|one| one.person.id)));
    };
    let changed = Callback::new(move |()| load(None));
    let roles = [("", text::administration::ALL_ROLES)]
        .into_iter()
        .chain(Role::ALL.map(|role| (role.as_str(), text::administration::role(role))))
        .collect();
    view! {
        <div class="side-by-side filters">
            <input
                type="search"
                aria-label=text::administration::SEARCH_PEOPLE
                placeholder=text::administration::SEARCH_PEOPLE
                on:input=move |event| query.set(event_target_value(&event))
            />
            <FormSelect
                id="filter-role"
                label=text::administration::ROLE
                options=roles
                value=role
            />
        </div>
        <table class="table" aria-busy=move || loading.get().to_string()>
            <thead>
                <tr>
                    <th scope="col">{text::administration::NAME}</th>
                    <th scope="col">{text::administration::ROLE}</th>
                    <th scope="col">{text::administration::LAST_ACTIVE}</th>
                    <th scope="col">{text::administration::REGISTERED}</th>
                    <th scope="col">
                        <span class="hidden">{text::administration::ACTIONS}</span>
                    </th>
                </tr>
            </thead>
            <tbody>
                <For each=move || people.get() key=row_key let(one)>
                    <Row one changed />
                </For>
            </tbody>
        </table>
        <p class="quiet" role="status">
            {move || {
                (people.with(Vec::is_empty) && !loading.get()).then_some(text::kit::NO_MATCHES)
            }}
        </p>
        <Show when=move || more.get()>
            <button type="button" class="button quiet" on:click=load_more>
                {text::administration::SHOW_MORE}
            </button>
        </Show>
    }
}

/// A row is rendered again when anything in it changes.
fn row_key(one: &ManagedPerson) -> (PersonId, [String; 2], Role, bool, Option<Millis>) {
    let Person { id, username, display_name, role, deactivated, .. } = one.person.clone();
    (id, [username, display_name], role, deactivated, one.last_used)
}

#[component]
fn Row(one: ManagedPerson, changed: Callback<()>) -> impl IntoView {
    let app = use_app_state();
    let clock = expect_context::<Clock>();
    let ManagedPerson { person, created, last_used, .. } = one.clone();
    let state = if person.deactivated {
        text::administration::DEACTIVATED
    } else {
        text::administration::role(person.role)
    };
    let actions =
        app.my_role().may(Right::ManagePeople).then(|| view! { <PersonActions one changed /> });
    view! {
        <tr class:inactive=person.deactivated>
            <td>
                <div class="person">
                    <Avatar
                        id=person.id.0
                        name=person.display_name.clone()
                        picture=app.avatar_url(person.id)
                    />
                    <div>
                        <strong dir="auto">{person.display_name.clone()}</strong>
                        <span class="quiet">{format!("@{}", person.username)}</span>
                    </div>
                </div>
            </td>
            <td>{state}</td>
            <td data-label=text::administration::LAST_ACTIVE>
                {last_used
                    .map_or_else(
                        || text::administration::NEVER.into_any(),
                        |at| (move || clock.ago(at)).into_any(),
                    )}
            </td>
            <td data-label=text::administration::REGISTERED>
                <Timestamp at=created format=TimeFormat::Short />
            </td>
            <td class="actions-cell">{actions}</td>
        </tr>
    }
}
