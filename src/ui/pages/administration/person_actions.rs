//! What an administrator can do with a person: role, password reset, sessions, deactivation.

use leptos::prelude::*;

use crate::{
    client::{browser, use_app_state},
    domain::{
        Person, Role,
        account::{ManagedPerson, PasswordReset},
    },
    ui::{
        kit::{
            button::IconButton,
            form::FormRequest,
            icon::{Icon, Shape},
            overlay::{confirm::Confirm, dialog::Dialog, popover::Popover},
        },
        text,
    },
};

/// The menu of a row, and the dialogs that it opens.
#[component]
pub(super) fn PersonActions(one: ManagedPerson, changed: Callback<()>) -> impl IntoView {
    let app = use_app_state();
    let person = one.person;
    let id = person.id;
    let [menu, role, reset, sessions, activity] = [(); 5].map(|()| RwSignal::new(false));
    let request = FormRequest::new();
    let item = move |label: &'static str, open: RwSignal<bool>| {
        view! {
            <button type="button" role="menuitem" on:click=move |_| open.set(true)>
                {label}
            </button>
        }
    };
    let is_me = id == app.my_id();
    let is_active = !person.deactivated;
    let name = person.display_name.clone();
    let end_sessions = Callback::new(move |()| {
        request.send(app.end_sessions_of(id), move |()| changed.run(()));
    });
    let toggle_active = Callback::new(move |()| {
        request.send(app.set_active(id, !is_active), move |()| changed.run(()));
    });
    let (question, consequence, label) = if is_active {
        (
            text::administration::DEACTIVATE_QUESTION,
            text::administration::deactivate_consequence(&name),
            text::administration::DEACTIVATE,
        )
    } else {
        (
            text::administration::REACTIVATE_QUESTION,
            text::administration::reactivate_consequence(&name),
            text::administration::REACTIVATE,
        )
    };
    let end_consequence = text::administration::end_sessions_consequence(&name);
    let menu_label = text::administration::actions_for(&name);
    view! {
        <span class="menu-place">
            <IconButton
                shape=Shape::More
                label=menu_label.clone()
                press=move || menu.set(true)
                expanded=Signal::from(menu)
                popup="menu"
            />
            <Popover open=menu role="menu" label=menu_label class="rows">
                {item(text::administration::CHANGE_ROLE, role)}
                {(!is_me && is_active)
                    .then(|| item(text::administration::RESET_PASSWORD, reset))}
                {item(text::administration::END_SESSIONS, sessions)} {item(label, activity)}
            </Popover>
        </span>
        {request.general_error()}
        <Dialog open=role title=text::administration::CHANGE_ROLE_TITLE>
            <RoleForm person=person.clone() open=role changed />
        </Dialog>
        <Dialog open=reset title=text::administration::RESET_TITLE>
            <ResetLink person=id />
        </Dialog>
        <Confirm
            open=sessions
            title=text::administration::END_SESSIONS_QUESTION
            consequence=Signal::derive(move || end_consequence.clone())
            label=text::administration::END_SESSIONS
            act=end_sessions
        />
        <Confirm
            open=activity
            title=question
            consequence=Signal::derive(move || consequence.clone())
            label
            act=toggle_active
        />
    }
}

#[component]
fn RoleForm(person: Person, open: RwSignal<bool>, changed: Callback<()>) -> impl IntoView {
    let app = use_app_state();
    let request = FormRequest::new();
    let chosen = RwSignal::new(person.role);
    let id = person.id;
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        request.send(app.set_role(id, chosen.get_untracked()), move |()| {
            open.set(false);
            changed.run(());
        });
    };
    let choice = move |role: Role| {
        let (name, hint) =
            (text::administration::role(role), text::administration::role_hint(role));
        let id = format!("role-{}", role.as_str());
        view! {
            <label class="check">
                <input
                    type="radio"
                    name="role"
                    aria-describedby=id.clone()
                    prop:checked=move || chosen.get() == role
                    on:change=move |_| chosen.set(role)
                />
                <span>
                    {name} <span class="quiet hint" id=id>
                        {hint}
                    </span>
                </span>
            </label>
        }
    };
    view! {
        <form class="stack" on:submit=save>
            <p dir="auto">{person.display_name}</p>
            {request.general_error()}
            <div role="radiogroup" aria-label=text::administration::ROLE class="stack">
                {Role::ALL.map(choice).collect_view()}
            </div>
            <div class="dialog-foot">
                <button type="button" class="button quiet" on:click=move |_| open.set(false)>
                    {text::kit::CANCEL}
                </button>
                <button type="submit" class="button" disabled=move || request.busy.get()>
                    {text::administration::SAVE_ROLE}
                </button>
            </div>
        </form>
    }
}

/// Issues a reset when it is shown, and shows its link this once.
#[component]
fn ResetLink(person: crate::domain::PersonId) -> impl IntoView {
    let app = use_app_state();
    let request = FormRequest::new();
    let link = RwSignal::new(None::<PasswordReset>);
    Effect::new(move || request.send(app.issue_reset(person), move |reset| link.set(Some(reset))));
    view! {
        <div class="stack">
            {request.general_error()}
            {move || {
                link.get()
                    .map(|reset| {
                        view! {
                            <p>{text::administration::RESET_LEAD}</p>
                            <CopyLink
                                label=text::administration::RESET_LINK
                                address=browser::address_of(&reset.path)
                            />
                        }
                    })
            }}
        </div>
    }
}

/// A link to be passed on, with a button that copies it.
#[component]
pub(super) fn CopyLink(label: &'static str, address: String) -> impl IntoView {
    let copied = RwSignal::new(false);
    let text = address.clone();
    let copy = move |_| copied.set(browser::copy_text(&text));
    let select = |event: leptos::ev::FocusEvent| {
        event_target::<web_sys::HtmlInputElement>(&event).select();
    };
    view! {
        <div class="side-by-side link-field">
            <input type="text" readonly aria-label=label value=address on:focus=select />
            <button type="button" class="button quiet" on:click=copy>
                <Icon shape=Shape::Copy />
                {move || if copied.get() { text::settings::COPIED } else { text::settings::COPY }}
            </button>
        </div>
    }
}
