//! The section of invitations: the list, and the dialog that creates one.

use leptos::{prelude::*, task::spawn_local};

use super::person_actions::CopyLink;
use crate::{
    client::{browser, use_app_state},
    domain::{
        Millis, Right, Role,
        account::Invitation,
        time::{DAY, HOUR},
    },
    ui::{
        kit::{
            button::Submit,
            form::{FormField, FormRequest, FormSelect},
            icon::{Icon, Shape},
            overlay::dialog::Dialog,
            time::{TimeFormat, Timestamp},
        },
        text,
    },
};

/// Lifetimes to choose from; 0 for an invitation that does not expire.
const LIFETIMES: [(&str, Millis); 5] =
    [("hour", HOUR), ("day", DAY), ("week", 7 * DAY), ("month", 30 * DAY), ("never", 0)];

/// The section.
#[component]
pub(super) fn Invitations() -> impl IntoView {
    let app = use_app_state();
    let open = RwSignal::new(false);
    let list = RwSignal::new(None::<Vec<Invitation>>);
    let load = move || {
        spawn_local(async move {
            match app.invitations().await {
                Ok(all) => drop(list.try_set(Some(all))),
                Err(error) => app.show_error(error.message),
            }
        });
    };
    Effect::new(load);
    let created = Callback::new(move |()| load());
    let revoke = Callback::new(move |id: String| {
        spawn_local(async move {
            match app.revoke_invitation(id).await {
                Ok(()) => load(),
                Err(error) => app.show_error(error.message),
            }
        });
    });
    view! {
        <div class="side-by-side">
            <button type="button" class="button" on:click=move |_| open.set(true)>
                {text::administration::NEW_INVITATION}
            </button>
        </div>
        <p class="quiet" role="status">
            {move || {
                list.with(|list| list.as_ref().is_some_and(Vec::is_empty))
                    .then_some(text::administration::NO_INVITATIONS)
            }}
        </p>
        <ul class="list" aria-label=text::administration::INVITATIONS>
            <For
                each=move || list.get().unwrap_or_default()
                key=|one| (one.id.clone(), one.revoked, one.used)
                let(invitation)
            >
                <Row invitation revoke />
            </For>
        </ul>
        <Dialog open title=text::administration::NEW_INVITATION>
            <InvitationForm created />
        </Dialog>
    }
}

#[component]
fn Row(invitation: Invitation, revoke: Callback<String>) -> impl IntoView {
    let app = use_app_state();
    let now = browser::now();
    let has_ended = invitation.revoked.is_some()
        || invitation.expires.is_some_and(|at| at <= now)
        || invitation.uses.is_some_and(|uses| invitation.used >= uses);
    let names: Vec<String> =
        invitation.accepted.iter().take(20).map(|person| app.label(*person)).collect();
    let accepted = (!names.is_empty()).then(|| text::administration::accepted_by(&names));
    let uses = text::administration::uses(invitation.used, invitation.uses);
    let id = invitation.id.clone();
    let copied = RwSignal::new(false);
    let copy = invitation.path.map(|path| {
        let copy = move |_| copied.set(browser::copy_text(&browser::address_of(&path)));
        view! {
            <button type="button" class="button quiet small" on:click=copy>
                <Icon shape=Shape::Copy />
                {move || {
                    if copied.get() {
                        text::settings::COPIED
                    } else {
                        text::administration::COPY_LINK
                    }
                }}
            </button>
        }
    });
    let expiry = invitation.expires.map_or_else(
        || text::administration::DOES_NOT_EXPIRE.into_any(),
        |at| {
            view! {
                {text::administration::EXPIRES_AT}
                <Timestamp at format=TimeFormat::Upcoming />
            }
            .into_any()
        },
    );
    view! {
        <li class="invitation" class:inactive=has_ended>
            <p>
                <strong>{text::administration::role(invitation.role)}</strong>
                " · "
                {uses}
                " · "
                {if has_ended { text::administration::ENDED.into_any() } else { expiry }}
            </p>
            <p class="quiet hint" dir="auto">
                {text::administration::created_by(&app.label(invitation.by))}
            </p>
            {accepted
                .map(|names| {
                    view! {
                        <p class="quiet hint" dir="auto">
                            {names}
                        </p>
                    }
                })}
            {(!has_ended)
                .then(|| {
                    view! {
                        <div class="side-by-side">
                            {copy}
                            <button
                                type="button"
                                class="button quiet small"
                                on:click=move |_| revoke.run(id.clone())
                            >
                                {text::administration::REVOKE}
                            </button>
                        </div>
                    }
                })}
        </li>
    }
}

#[component]
fn InvitationForm(created: Callback<()>) -> impl IntoView {
    let app = use_app_state();
    let request = FormRequest::new();
    let expires = RwSignal::new("week".to_owned());
    let uses = RwSignal::new(String::new());
    let role = RwSignal::new(Role::Member.as_str().to_owned());
    let link = RwSignal::new(None::<Invitation>);
    let create = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let lifetime = LIFETIMES
            .into_iter()
            .find(|(name, _)| expires.with_untracked(|chosen| chosen == name))
            .and_then(|(_, lifetime)| (lifetime > 0).then_some(lifetime));
        // What is no number is rejected like one out of range.
        let uses = uses.with_untracked(|typed| {
            let typed = typed.trim();
            (!typed.is_empty()).then(|| typed.parse().unwrap_or(0))
        });
        let role = role.with_untracked(|role| Role::parse(role)).unwrap_or_default();
        request.send(app.create_invitation(lifetime, uses, role), move |invitation| {
            link.set(Some(invitation));
            created.run(());
        });
    };
    let lifetimes = LIFETIMES.map(|(name, _)| (name, text::administration::lifetime(name)));
    // Only administrators make others administrators.
    let roles = Role::ALL
        .into_iter()
        .filter(|role| *role != Role::Administrator || app.my_role().may(Right::ManagePeople))
        .map(|role| (role.as_str(), text::administration::role(role)))
        .collect();
    let form = StoredValue::new((lifetimes.to_vec(), roles));
    move || match link.get() {
        Some(invitation) => view! {
            <div class="stack">
                <p>{text::administration::INVITATION_LEAD}</p>
                <CopyLink
                    label=text::administration::INVITATION_LINK
                    address=browser::address_of(&invitation.path.unwrap_or_default())
                />
            </div>
        }
        .into_any(),
        None => {
            let (lifetimes, roles): (Vec<_>, Vec<_>) = form.get_value();
            view! {
                <form class="stack" on:submit=create>
                    {request.general_error()}
                    <FormSelect
                        id="invitation-expires"
                        label=text::administration::EXPIRES
                        options=lifetimes
                        value=expires
                    />
                    <FormField
                        request
                        name="uses"
                        label=text::administration::NUMBER_OF_USES
                        hint=text::administration::NUMBER_OF_USES_HINT
                        kind="number"
                        value=uses
                    />
                    <FormSelect
                        id="invitation-role"
                        label=text::administration::ROLE
                        options=roles
                        value=role
                    />
                    <div class="dialog-foot">
                        <Submit busy=request.busy>
                            {text::administration::CREATE_INVITATION}
                        </Submit>
                    </div>
                </form>
            }
            .into_any()
        }
    }
}
