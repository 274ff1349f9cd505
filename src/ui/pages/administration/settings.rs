//! The section of settings of the workspace.

use leptos::{prelude::*, task::spawn_local};

use crate::{
    client::use_app_state,
    domain::{
        Registration, Role,
        workspace::{WorkspaceChange, WorkspaceSettings},
    },
    ui::{
        kit::{
            button::Submit,
            field::ErrorText,
            form::{FormField, FormRequest, FormSelect},
        },
        text,
    },
};

/// The section: the form, once the settings are there.
#[component]
pub(super) fn Settings() -> impl IntoView {
    let app = use_app_state();
    let settings = RwSignal::new(None::<WorkspaceSettings>);
    Effect::new(move || {
        spawn_local(async move {
            match app.workspace_settings().await {
                Ok(found) => drop(settings.try_set(Some(found))),
                Err(error) => app.show_error(error.message),
            }
        });
    });
    move || settings.get().map(|settings| view! { <SettingsForm settings /> })
}

#[component]
fn SettingsForm(settings: WorkspaceSettings) -> impl IntoView {
    let app = use_app_state();
    let WorkspaceSettings { workspace, fixed, .. } = settings;
    let is_fixed = |setting: &str| fixed.iter().any(|fixed| fixed == setting);
    let (fixed_registration, fixed_previews) =
        (is_fixed("registration"), is_fixed("link_previews"));
    let loaded = StoredValue::new(workspace.clone());
    let request = FormRequest::new();
    let name = RwSignal::new(workspace.name);
    let registration = RwSignal::new(workspace.registration);
    let link_previews = RwSignal::new(workspace.link_previews);
    let group_creators = RwSignal::new(workspace.group_creators.as_str().to_owned());
    Effect::new(move || {
        group_creators.track();
        request.done.set(false);
    });
    let error_at = move |field| {
        let error = request.error_at(field);
        move || error.get().map(|words| view! { <ErrorText words /> })
    };
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        // What was not changed here may have been changed elsewhere.
        let to = loaded.with_value(|before| WorkspaceChange {
            name: Some(name.get_untracked()).filter(|name| *name != before.name),
            registration: Some(registration.get_untracked())
                .filter(|mode| *mode != before.registration),
            link_previews: Some(link_previews.get_untracked())
                .filter(|on| *on != before.link_previews),
            group_creators: group_creators
                .with_untracked(|role| Role::parse(role))
                .filter(|role| *role != before.group_creators),
            next_steps: None,
        });
        request.send(app.set_workspace(to), move |now| {
            let now = now.workspace;
            name.set(now.name.clone());
            registration.set(now.registration);
            link_previews.set(now.link_previews);
            if group_creators.with_untracked(|role| role != now.group_creators.as_str()) {
                group_creators.set(now.group_creators.as_str().to_owned());
            }
            loaded.set_value(now);
        });
    };
    let modes = Registration::ALL.map(|mode| {
        view! {
            <label class="check">
                <input
                    type="radio"
                    name="registration"
                    disabled=fixed_registration
                    prop:checked=move || registration.get() == mode
                    on:change=move |_| {
                        request.done.set(false);
                        registration.set(mode);
                    }
                />
                <span>{text::administration::registration(mode)}</span>
            </label>
        }
    });
    // Everyone first: it is what most choose.
    let creators = Role::ALL
        .into_iter()
        .rev()
        .map(|role| (role.as_str(), text::administration::group_creators(role)))
        .collect();
    view! {
        <form class="stack narrow" on:submit=save>
            {request.general_error()}
            <FormField
                request
                name="name"
                label=text::administration::WORKSPACE_NAME
                hint=text::administration::WORKSPACE_NAME_HINT
                autocomplete="organization"
                value=name
            />
            <fieldset class="field" role="radiogroup" aria-describedby="registration-hint">
                <legend>{text::administration::WHO_CAN_REGISTER}</legend>
                {modes.collect_view()}
                <p class="hint" id="registration-hint">
                    {if fixed_registration {
                        text::administration::FIXED
                    } else {
                        text::administration::REGISTRATION_HINT
                    }}
                </p>
                {error_at("registration")}
            </fieldset>
            <FormSelect
                id="group-creators"
                label=text::administration::WHO_CREATES_GROUPS
                options=creators
                value=group_creators
            />
            <div class="field">
                <label class="check">
                    <input
                        type="checkbox"
                        aria-describedby="previews-hint"
                        disabled=fixed_previews
                        prop:checked=move || link_previews.get()
                        on:change=move |event| {
                            request.done.set(false);
                            link_previews.set(event_target_checked(&event));
                        }
                    />
                    <span>{text::administration::LINK_PREVIEWS}</span>
                </label>
                <p class="hint" id="previews-hint">
                    {if fixed_previews {
                        text::administration::FIXED
                    } else {
                        text::administration::LINK_PREVIEWS_HINT
                    }}
                </p>
                {error_at("link_previews")}
            </div>
            <div class="side-by-side">
                <Submit busy=request.busy>{text::settings::SAVE_CHANGES}</Submit>
                <span class="hint" role="status">
                    {move || request.done.get().then_some(text::settings::STATUS_SAVED)}
                </span>
            </div>
        </form>
    }
}
