//! The section that deactivates the account.

use leptos::prelude::*;

use crate::{
    client::use_app_state,
    ui::{
        kit::{form::FormRequest, overlay::confirm::Confirm},
        text,
    },
};

/// The section.
#[component]
pub(super) fn Account() -> impl IntoView {
    let app = use_app_state();
    let request = FormRequest::new();
    let open = RwSignal::new(false);
    let deactivate = Callback::new(move |()| {
        request.send(app.deactivate_account(), move |()| app.clear_local_data());
    });
    view! {
        <h2>{text::settings::DEACTIVATE_ACCOUNT}</h2>
        <p class="quiet">{text::settings::DEACTIVATE_LEAD}</p>
        {request.general_error()}
        <button type="button" class="button quiet" on:click=move |_| open.set(true)>
            {text::settings::DEACTIVATE}
        </button>
        <Confirm
            open
            title=text::settings::DEACTIVATE_QUESTION
            consequence=Signal::derive(|| text::settings::DEACTIVATE_LEAD.to_owned())
            label=text::settings::DEACTIVATE_CONFIRM
            act=deactivate
        />
    }
}
