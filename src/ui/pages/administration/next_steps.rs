//! The next steps after the setup, until an administrator dismisses them.

use leptos::{prelude::*, task::spawn_local};

use crate::{
    client::use_app_state,
    ui::{
        kit::{
            button::IconButton,
            icon::{Icon, Shape},
        },
        text,
    },
};

/// A step: its name in the settings if the server knows when it is done, its title, and what to do.
type Step = (Option<&'static str>, &'static str, &'static str);

const STEPS: [Step; 5] = [
    (Some("people"), text::administration::STEP_PEOPLE, text::administration::STEP_PEOPLE_HINT),
    (Some("group"), text::administration::STEP_GROUP, text::administration::STEP_GROUP_HINT),
    (
        Some("public_address"),
        text::administration::STEP_ADDRESS,
        text::administration::STEP_ADDRESS_HINT,
    ),
    (None, text::administration::STEP_BACKUP, text::administration::STEP_BACKUP_HINT),
    (None, text::administration::STEP_PHONE, text::administration::STEP_PHONE_HINT),
];

/// The list, while it is not dismissed.
#[component]
pub(super) fn NextSteps() -> impl IntoView {
    let app = use_app_state();
    let done = RwSignal::new(None::<Vec<String>>);
    Effect::new(move || {
        spawn_local(async move {
            // Without an answer there is no list; the sections say what is wrong.
            if let Ok(settings) = app.workspace_settings().await
                && settings.workspace.next_steps
            {
                done.try_set(Some(settings.done));
            }
        });
    });
    let dismiss = move || {
        spawn_local(async move {
            match app.dismiss_next_steps().await {
                Ok(()) => drop(done.try_set(None)),
                Err(error) => app.show_error(error.message),
            }
        });
    };
    move || {
        done.get().map(|done| {
            let steps = STEPS.map(|(name, title, hint)| {
                let is_done = name.is_some_and(|name| done.iter().any(|done| done == name));
                let title = match name {
                    Some("people") => view! { <a href="/admin/invitations">{title}</a> }.into_any(),
                    _ => title.into_any(),
                };
                view! {
                    <li class:done=is_done>
                        <span class="mark">{is_done.then(|| view! { <Icon shape=Shape::Check /> })}</span>
                        <div>
                            <strong>
                                {is_done
                                    .then(|| {
                                        view! {
                                            <span class="hidden">{text::administration::DONE}</span>
                                        }
                                    })} {title}
                            </strong>
                            <p class="quiet hint">{hint}</p>
                        </div>
                    </li>
                }
            });
            view! {
                <section class="next-steps" aria-label=text::administration::NEXT_STEPS>
                    <header>
                        <h2>{text::administration::NEXT_STEPS}</h2>
                        <IconButton
                            shape=Shape::Cross
                            label=text::administration::DISMISS
                            press=dismiss
                        />
                    </header>
                    <ol>{steps.collect_view()}</ol>
                </section>
            }
        })
    }
}
