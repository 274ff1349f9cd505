//! The result of a pasted list: selected people, ambiguous entries, unknown entries.

use leptos::prelude::*;

use super::Picker;
use crate::{
    client::{browser, state::roster::Roster, use_app_state},
    domain::{
        PersonId,
        name_list::{Directory, ResolvedList},
    },
    ui::{
        kit::{button::IconButton, icon::Shape},
        text,
    },
};

/// Result of one list.
#[derive(Clone)]
pub(super) struct PasteResult {
    /// Selected.
    pub(super) people: Vec<PersonId>,
    /// Not selectable: they are members already.
    already: Vec<PersonId>,
    ambiguous: Vec<(String, Vec<PersonId>)>,
    unknown: Vec<String>,
}

impl PasteResult {
    /// Matches a list against the users.
    pub(super) fn of(list: &str, roster: &Roster, without: &[PersonId]) -> Self {
        let ResolvedList { people, ambiguous, unknown } =
            Directory::new(roster.all(), browser::fold_name).resolve(list);
        let (mut already, people): (Vec<PersonId>, Vec<PersonId>) =
            people.into_iter().partition(|person| without.contains(person));
        let mut unclear = Vec::new();
        for (entry, candidates) in ambiguous {
            let (members, others): (Vec<PersonId>, Vec<PersonId>) =
                candidates.into_iter().partition(|person| without.contains(person));
            if others.is_empty() {
                already.extend(members);
            } else {
                unclear.push((entry, others));
            }
        }
        Self { people, already, ambiguous: unclear, unknown }
    }
}

/// The report, until it is dismissed.
#[component]
pub(super) fn PasteReport(picker: Picker) -> impl IntoView {
    let app = use_app_state();
    let report = picker.report;
    // Picking a candidate resolves its entry.
    let pick = move |entry: &str, person: PersonId| {
        picker.add_all([person]);
        report.update(|report| {
            if let Some(report) = report {
                report.ambiguous.retain(|(other, _)| other != entry);
                report.people.push(person);
            }
        });
        picker.focus();
    };
    let several = move |(entry, people): (String, Vec<PersonId>)| {
        let one = |person: PersonId| {
            let entry = entry.clone();
            let (name, username) = app.roster.with_untracked(|roster| {
                roster
                    .find(person)
                    .map(|it| (it.display_name.clone(), it.username.clone()))
                    .unwrap_or_default()
            });
            view! {
                <button
                    type="button"
                    class="button quiet small"
                    on:click=move |_| pick(&entry, person)
                >
                    <bdi>{name}</bdi>
                    {text::people::username_suffix(&username)}
                </button>
            }
        };
        view! {
            <li>
                <p>{text::people::WHICH.0}<bdi>{entry.clone()}</bdi>{text::people::WHICH.1}</p>
                <div class="pasted-picks">{people.into_iter().map(one).collect_view()}</div>
            </li>
        }
    };
    let view = move |PasteResult { people, already, ambiguous, unknown }: PasteResult| {
        let already = already
            .into_iter()
            .map(|person| {
                if person == app.my_id() { text::people::YOU.to_owned() } else { app.label(person) }
            })
            .collect::<Vec<_>>();
        view! {
            <div class="pasted">
                <div role="status">
                    <p>{text::people::selected_from_list(people.len())}</p>
                    {(!already.is_empty())
                        .then(|| {
                            view! {
                                <p class="quiet" dir="auto">
                                    {text::people::already_in_group(&already)}
                                </p>
                            }
                        })}
                    {(!unknown.is_empty())
                        .then(|| {
                            view! {
                                <p class="wrong" dir="auto">
                                    {text::people::not_found(&unknown)}
                                </p>
                            }
                        })}
                </div>
                <ul>{ambiguous.into_iter().map(several).collect_view()}</ul>
                <IconButton
                    shape=Shape::Cross
                    label=text::kit::DISMISS
                    press=move || {
                        report.set(None);
                        picker.focus();
                    }
                />
            </div>
        }
    };
    move || report.get().map(view)
}
