//! The form for the names, title and time zone of the current user.

use leptos::prelude::*;

use crate::{
    client::{actions::account::ProfileFields, browser, use_app_state},
    ui::{
        kit::{
            button::Submit,
            form::{FormField, FormRequest},
        },
        text,
    },
};

/// The form; what it starts with is what the server holds.
#[component]
pub(super) fn ProfileForm() -> impl IntoView {
    let app = use_app_state();
    let me = app.my_id();
    let stored = Memo::new(move |_| {
        let me = app.roster.with(|roster| roster.find(me).cloned());
        me.map_or_else(ProfileFields::default, |me| ProfileFields {
            display_name: me.display_name,
            username: me.username,
            title: me.title.unwrap_or_default(),
            time_zone: me.time_zone.unwrap_or_default(),
        })
    });
    let request = FormRequest::new();
    let fields = [(); 4].map(|()| RwSignal::new(String::new()));
    let [display_name, username, title, time_zone] = fields;
    // What was changed elsewhere is shown, unless something else was typed here.
    Effect::new(move |before: Option<ProfileFields>| {
        let now = stored.get();
        let before = before.unwrap_or_default();
        for (field, before, now) in [
            (display_name, &before.display_name, &now.display_name),
            (username, &before.username, &now.username),
            (title, &before.title, &now.title),
            (time_zone, &before.time_zone, &now.time_zone),
        ] {
            if field.with_untracked(|typed| typed == before) {
                field.set(now.clone());
            }
        }
        now
    });
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let [display_name, username, title, time_zone] = fields.map(|field| field.get_untracked());
        let to = ProfileFields { display_name, username, title, time_zone };
        request.send(app.set_profile(to), |()| {});
    };
    let use_this_time_zone = move |_| {
        request.done.set(false);
        time_zone.set(browser::time_zone());
    };
    view! {
        <form class="stack narrow" on:submit=save>
            {request.general_error()}
            <FormField
                request
                name="display_name"
                label=text::account::DISPLAY_NAME
                hint=text::account::DISPLAY_NAME_HINT
                autocomplete="name"
                value=display_name
            />
            <FormField
                request
                name="username"
                label=text::account::USERNAME
                hint=text::account::USERNAME_HINT
                autocomplete="username"
                value=username
            />
            <FormField
                request
                name="title"
                label=text::settings::TITLE
                hint=text::settings::TITLE_HINT
                autocomplete="organization-title"
                value=title
            />
            <FormField
                request
                name="time_zone"
                label=text::settings::TIME_ZONE
                hint=text::settings::TIME_ZONE_HINT
                value=time_zone
            />
            <div class="side-by-side">
                <Submit quiet=true busy=request.busy>
                    {text::settings::SAVE_CHANGES}
                </Submit>
                <button type="button" class="button quiet" on:click=use_this_time_zone>
                    {text::settings::USE_THIS_TIME_ZONE}
                </button>
                <span class="hint" role="status">
                    {move || request.done.get().then_some(text::settings::STATUS_SAVED)}
                </span>
            </div>
        </form>
    }
}
