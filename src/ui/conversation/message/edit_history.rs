//! The edit history of a message.

use leptos::{prelude::*, task::spawn_local};

use super::actions::MessageRef;
use crate::{
    client::use_app_state,
    domain::message::Version,
    ui::{
        kit::{
            field::ErrorText,
            overlay::dialog::Dialog,
            time::{TimeFormat, Timestamp},
        },
        markup::RichText,
        text,
    },
};

/// The dialog.
#[component]
pub(in crate::ui) fn EditHistory(message_ref: MessageRef, open: RwSignal<bool>) -> impl IntoView {
    let app = use_app_state();
    let found = RwSignal::new(None::<Result<Vec<Version>, String>>);
    Effect::new(move || {
        spawn_local(async move {
            let versions = app.edit_history(message_ref.id, message_ref.seq).await;
            found.try_set(Some(versions.map_err(|error| error.message)));
        });
    });
    view! {
        <Dialog open title=text::message::EARLIER_VERSIONS>
            {move || match found.get() {
                None => view! { <p class="quiet">{text::kit::LOADING}</p> }.into_any(),
                Some(Err(words)) => view! { <ErrorText words /> }.into_any(),
                Some(Ok(versions)) => {
                    let row = |version: Version| {
                        view! {
                            <li>
                                <p class="quiet">
                                    <Timestamp at=version.at format=TimeFormat::Day />
                                    " "
                                    <Timestamp at=version.at format=TimeFormat::Time />
                                </p>
                                <RichText text=version.body />
                            </li>
                        }
                    };
                    view! {
                        <ol class="versions" tabindex="0">
                            {versions.into_iter().rev().map(row).collect_view()}
                        </ol>
                    }
                        .into_any()
                }
            }}
        </Dialog>
    }
}
