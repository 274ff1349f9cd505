//! What a message said before it was edited.

use leptos::{prelude::*, task::spawn_local};

use super::actions::About;
use crate::{
    client::use_chat,
    domain::message::Version,
    ui::{
        kit::{
            field::Wrong,
            overlay::dialog::Dialog,
            time::{Form, Moment},
        },
        markup::RichText,
    },
};

/// The dialog.
#[component]
pub(in crate::ui) fn Earlier(about: About, open: RwSignal<bool>) -> impl IntoView {
    let chat = use_chat();
    let found = RwSignal::new(None::<Result<Vec<Version>, String>>);
    Effect::new(move || {
        spawn_local(async move {
            let versions = chat.versions(about.id, about.seq).await;
            found.try_set(Some(versions.map_err(|error| error.message)));
        });
    });
    view! {
        <Dialog open title="Earlier versions">
            {move || match found.get() {
                None => view! { <p class="quiet">"Loading…"</p> }.into_any(),
                Some(Err(words)) => view! { <Wrong words/> }.into_any(),
                Some(Ok(versions)) => {
                    let row = |version: Version| view! {
                        <li>
                            <p class="quiet"><Moment at=version.at form=Form::Day/> " " <Moment at=version.at form=Form::Time/></p>
                            <RichText text=version.body/>
                        </li>
                    };
                    view! { <ol class="versions" tabindex="0">{versions.into_iter().rev().map(row).collect_view()}</ol> }.into_any()
                }
            }}
        </Dialog>
    }
}
