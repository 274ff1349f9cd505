//! The section of the audit log.

use leptos::{prelude::*, task::spawn_local};

use crate::{
    client::use_app_state,
    domain::account::{AuditAction, AuditEntry},
    ui::{
        kit::{
            form::FormSelect,
            time::{TimeFormat, Timestamp},
        },
        text,
    },
};

/// The section.
#[component]
pub(super) fn AuditLog() -> impl IntoView {
    let app = use_app_state();
    let action = RwSignal::new(String::new());
    let entries = RwSignal::new(Vec::<AuditEntry>::new());
    let more = RwSignal::new(false);
    // Answers of earlier requests are dropped.
    let latest = StoredValue::new(0_u32);
    let load = move |before: Option<u64>| {
        latest.update_value(|n| *n += 1);
        let this = latest.get_value();
        let filter = action.with_untracked(|name| AuditAction::parse(name));
        spawn_local(async move {
            let answer = app.audit_log(before, filter).await;
            if latest.try_get_value() != Some(this) {
                return;
            }
            match answer {
                Ok(page) => {
                    more.try_set(page.more);
                    entries.try_update(|entries| {
                        if before.is_none() {
                            entries.clear();
                        }
                        entries.extend(page.entries);
                    });
                }
                Err(error) => app.show_error(error.message),
            }
        });
    };
    Effect::new(move || {
        action.track();
        load(None);
    });
    let load_more =
        move |_| load(entries.with_untracked(|entries| entries.last().map(|entry| entry.id)));
    let actions = [("", text::administration::ALL_ACTIONS)]
        .into_iter()
        .chain(
            AuditAction::ALL.map(|action| (action.as_str(), text::administration::action(action))),
        )
        .collect();
    let row = move |entry: AuditEntry| {
        let actor = entry
            .actor
            .map_or_else(|| text::administration::OPERATOR.to_owned(), |who| app.label(who));
        let whom = entry.person.filter(|whom| Some(*whom) != entry.actor);
        // An empty cell is not shown where cells stand below each other.
        let whom = match whom.map(|whom| app.label(whom)) {
            Some(whom) => view! {
                <td data-label=text::administration::PERSON dir="auto">
                    {whom}
                </td>
            }
            .into_any(),
            None => view! { <td></td> }.into_any(),
        };
        // Administrators see the names of the groups that they are in.
        let place = entry.conversation.and_then(|id| {
            app.conversations.with_untracked(|all| {
                let summary = all.find(id)?;
                Some(app.roster.with_untracked(|roster| {
                    all.title(&summary.conversation, &summary.members, roster)
                }))
            })
        });
        let detail = entry
            .detail
            .as_deref()
            .map(|detail| text::administration::detail(entry.action, detail))
            .or(place);
        view! {
            <tr>
                <td>
                    <Timestamp at=entry.at format=TimeFormat::Upcoming />
                </td>
                <td data-label=text::administration::BY dir="auto">
                    {actor}
                </td>
                <td>{text::administration::action(entry.action)}</td>
                {whom}
                <td>{detail}</td>
            </tr>
        }
    };
    view! {
        <div class="side-by-side filters">
            <FormSelect
                id="filter-action"
                label=text::administration::ACTION
                options=actions
                value=action
            />
        </div>
        <table class="table">
            <thead>
                <tr>
                    <th scope="col">{text::administration::TIME}</th>
                    <th scope="col">{text::administration::BY}</th>
                    <th scope="col">{text::administration::ACTION}</th>
                    <th scope="col">{text::administration::PERSON}</th>
                    <th scope="col">{text::administration::DETAIL}</th>
                </tr>
            </thead>
            <tbody>
                <For each=move || entries.get() key=|entry| entry.id children=row />
            </tbody>
        </table>
        <Show when=move || more.get()>
            <button type="button" class="button quiet" on:click=load_more>
                {text::administration::SHOW_EARLIER}
            </button>
        </Show>
    }
}
