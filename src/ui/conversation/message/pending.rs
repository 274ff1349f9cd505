//! An own message that is not known to be stored: its progress, and what its author can do with it.

use leptos::prelude::*;

use super::{QuotedMessage, avatar_column, classes, header, label, mention_names};
use crate::{
    client::{
        send_queue::outbox::{PendingMessage, SendState},
        use_app_state,
    },
    domain::ConversationId,
    ui::{
        conversation::attachments,
        kit::icon::{Icon, Shape},
        markup::RichText,
        text,
    },
};

/// A message of the send queue.
pub(super) fn pending_message(id: ConversationId, pending: PendingMessage, lead: bool) -> AnyView {
    let PendingMessage { id: client_id, body, reply_to, files: carries, at, state, .. } = pending;
    let app = use_app_state();
    let state = Memo::new(move |before: Option<&SendState>| {
        let now = app.outbox.with(|outbox| {
            outbox
                .pending(id)
                .iter()
                .find(|pending| pending.id == client_id)
                .map(|it| it.state.clone())
        });
        now.or_else(|| before.cloned()).unwrap_or_else(|| state.clone())
    });
    let failed = Memo::new(move |_| state.with(|state| matches!(state, SendState::Failed(_))));
    let has_files = !carries.is_empty();
    let attached = StoredValue::new(carries.clone());
    let upload = Memo::new(move |_| {
        if has_files { attached.with_value(|files| app.upload_progress(files)) } else { None }
    });
    // Long uploads can be cancelled.
    let stoppable = Memo::new(move |_| {
        upload.with(Option::is_some) && state.with(|state| *state == SendState::Waiting)
    });
    let choices = move || {
        failed.get().then(|| {
            view! {
                <span class="state-choices">
                    <button
                        type="button"
                        class="button quiet small"
                        on:click=move |_| app.retry_send(id, client_id)
                    >
                        {text::kit::TRY_AGAIN}
                    </button>
                    <button
                        type="button"
                        class="button quiet small"
                        on:click=move |_| app.edit_unsent(id, client_id)
                    >
                        {text::message::EDIT}
                    </button>
                    <button
                        type="button"
                        class="button quiet small"
                        on:click=move |_| app.discard_unsent(id, client_id)
                    >
                        {text::message::DISCARD}
                    </button>
                </span>
            }
        })
    };
    let me = app.my_id();
    let class = move || {
        let waiting = state.with(|state| *state == SendState::Waiting);
        classes(&[("lead", lead), ("own", true), ("waiting", waiting), ("failed", failed.get())])
    };
    view! {
        <article id=format!("p{client_id}") class=class aria-label=label(me, at)>
            {avatar_column(me, at, lead)}
            <div class="message-main">
                {lead.then(|| header(me, at))}
                {reply_to.map(|quote| view! { <QuotedMessage id quote /> })}
                <RichText text=body names=mention_names::resolver(app, id, me) />
                {attachments::attachments_view(carries, false)}
                {move || view! { <SendProgress state=state.get() upload /> }} {choices}
                {move || {
                    stoppable
                        .get()
                        .then(|| {
                            view! {
                                <span class="state-choices">
                                    <button
                                        type="button"
                                        class="button quiet small"
                                        on:click=move |_| app.discard_unsent(id, client_id)
                                    >
                                        {text::message::DISCARD}
                                    </button>
                                </span>
                            }
                        })
                }}
            </div>
        </article>
    }
    .into_any()
}

/// Progress of an own message.
#[component]
fn SendProgress(
    state: SendState,
    upload: Memo<Option<(u64, u64, Option<String>)>>,
) -> impl IntoView {
    let waits = state == SendState::Waiting;
    let (shape, word, why) = match state {
        SendState::Waiting => (Shape::Clock, text::message::WAITING, None),
        SendState::Sent(_) => (Shape::Check, text::message::SENT, None),
        SendState::Failed(why) => (Shape::Alert, text::message::NOT_SENT, Some(why)),
    };
    view! {
        <p class="state">
            <Icon shape />
            <span role="status">{word}</span>
            {why
                .map(|why| {
                    view! { <span class="state-why">{text::message::STATE_SEPARATOR} {why}</span> }
                })}
            {move || {
                upload
                    .get()
                    .filter(|_| waits)
                    .map(|(percent, pace, why)| {
                        view! {
                            <span class="state-why">
                                {text::message::STATE_SEPARATOR}
                                {attachments::progress_text(percent, pace, why)}
                            </span>
                        }
                    })
            }}
        </p>
    }
}
