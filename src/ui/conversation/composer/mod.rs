//! The composer. It never loses text, and is never disabled by the network.

mod completion;
mod completion_token;
mod field;
mod format_toolbar;
mod hints;
mod markdown_edit;
pub(super) mod mention_everyone;
mod reply_banner;

use leptos::{html, prelude::*, task::spawn_local};
use web_sys::KeyboardEvent;

use super::{
    attachments::attachment_tray::{self, AttachButton},
    message::mention_names,
};
use crate::{
    client::{
        browser,
        drafts::composer_mode::{ComposerMode, LastOwnMessage},
        uploads::{UploadItem, UploadState},
        use_app_state,
    },
    domain::{ConversationId, Seq, draft::concat, text::body_with_files},
    ui::{
        kit::{
            button::IconButton,
            icon::{Icon, Shape},
        },
        lazy::{LazyView, lazy, lazy_dialog},
        markup::{self, RichText},
        text,
    },
};
use completion::Completion;
use field::{grow, is_writing};
use format_toolbar::FormatToolbar;
use mention_everyone::EveryoneMention;
use reply_banner::ReplyBanner;

/// The composer.
#[component]
pub(super) fn Composer(id: ConversationId, title: Memo<String>) -> impl IntoView {
    let app = use_app_state();
    let field = NodeRef::<html::Textarea>::new();
    let body = RwSignal::new(String::new());
    let wrong = RwSignal::new(None::<String>);
    let mode = Memo::new(move |_| app.composer_mode(id));
    let is_edit = move || mode.with_untracked(|mode| matches!(mode, ComposerMode::Edit(_)));
    let change = move |text: String| {
        // The text of an edit is not a draft.
        if is_edit() {
            app.save_edit_text(id, Some(&text));
        } else {
            app.save_draft(id, text.clone());
        }
        wrong.set(None);
        body.set(text);
    };
    Effect::new(move || {
        let Some(field) = field.get() else { return };
        app.restore_composer_mode(id);
        // Keep text typed before hydration. Later the field was reused from another conversation
        // and briefly contains "undefined".
        let typed = if app.storage_ready.get_untracked() { String::new() } else { field.value() };
        let draft = app.draft(id);
        if is_edit() {
            // The draft waits, and so does text typed for a new message before the edit was
            // restored.
            if !typed.is_empty() && app.edit_text(id).is_none_or(|revision| revision != typed) {
                app.save_draft(id, concat(draft, typed));
            }
        } else if !draft.is_empty() {
            change(draft)
        } else if !typed.is_empty() {
            change(typed)
        }
        // Not if the user focused something else before hydration.
        let is_elsewhere = !app.storage_ready.get_untracked()
            && document().active_element().is_some_and(|active| active.tag_name() != "BODY");
        if !browser::is_touch() && !is_elsewhere {
            let _ = field.focus();
        }
    });
    // The draft changed other than by typing.
    Effect::new(move |before: Option<u32>| {
        let times = app.draft_version.get();
        if before.is_some_and(|before| before != times) && !is_edit() {
            let draft = app.draft(id);
            if body.with_untracked(|body| *body != draft) {
                change(draft);
            }
        }
        times
    });
    let completion = Completion::new(app, id, field);
    Effect::new(move || {
        body.track();
        if let Some(field) = field.get() {
            request_animation_frame(move || grow(&field));
        }
    });
    let focus = move || {
        // Do not take the focus from another field.
        if let (Some(field), false) = (field.try_get_untracked().flatten(), is_writing()) {
            let _ = field.focus();
        }
    };
    // The draft waits during an edit.
    Effect::new(move |before: Option<ComposerMode>| {
        let now = mode.get();
        match (&before, &now) {
            (_, ComposerMode::Edit(message)) if before.as_ref() != Some(&now) => {
                let words = app
                    .edit_text(id)
                    .or_else(|| Some(app.message_text(id, *message)?.1))
                    .unwrap_or_default();
                app.save_edit_text(id, Some(&words));
                body.set(words);
            }
            (Some(ComposerMode::Edit(_)), _) => body.set(app.draft(id)),
            _ => {}
        }
        if before.is_some_and(|before| before != now) {
            wrong.set(None);
            // With the focus in the field already, the user may be elsewhere by the next frame.
            if !is_writing() {
                request_animation_frame(focus);
            }
        }
        now
    });
    let revise = move |message: Seq, text: String| {
        spawn_local(async move {
            match app.edit_message(id, message, text).await {
                Ok(()) => app.leave_composer_mode(id),
                Err(error) => drop(wrong.try_set(Some(error.message))),
            }
        });
    };
    let everyone = Memo::new(move |_| body.with(|body| mention_everyone::check(app, id, body)));
    let (asking, people, in_question) =
        (RwSignal::new(false), RwSignal::new(0), StoredValue::new(String::new()));
    // Sends a part of the field, or all of it.
    let send_text = move |sent: String, is_confirmed: bool| match body_with_files(
        &sent,
        untrack(|| if is_edit() { 0 } else { app.tray(id).len() }),
    ) {
        Ok(text) => {
            completion.close();
            let blocked_by = |one: UploadItem| match one.state {
                UploadState::Failed(_) => Some(text::composer::file_not_sendable(&one.file.name)),
                _ if one.needs_confirmation() => {
                    Some(text::composer::file_with_location(&one.file.name))
                }
                _ => None,
            };
            if let (false, Some(why)) =
                (is_edit(), untrack(|| app.tray(id)).into_iter().find_map(blocked_by))
            {
                return wrong.set(Some(why));
            }
            let reply_to = match mode.get_untracked() {
                ComposerMode::Edit(message) => return revise(message, text),
                ComposerMode::Reply(quote) => Some(quote),
                ComposerMode::New => None,
            };
            if let (false, Some(EveryoneMention::Notifies(count @ 1..))) =
                (is_confirmed, everyone.get_untracked())
            {
                people.set(count);
                in_question.set_value(sent);
                return asking.set(true);
            }
            app.submit(id, sent, text, reply_to);
            app.set_composer_mode(id, ComposerMode::New);
            focus();
        }
        Err(_) if sent.trim().is_empty() && !is_edit() => {}
        Err(_) if sent.trim().is_empty() => wrong.set(Some(text::composer::EMPTY.to_owned())),
        Err(error) => wrong.set(Some(error.message)),
    };
    // Before storage is ready, or while another text is being stored, sending is deferred with the
    // text as it is now.
    let can_send = move || {
        app.storage_ready.get()
            && app.saving_submission(id).is_none()
            && app.tray(id).iter().all(UploadItem::is_inspected_or_failed)
    };
    let send = move || {
        let sent = body.get_untracked();
        if untrack(can_send) { send_text(sent, false) } else { app.queue_submission(id, sent) }
    };
    Effect::new(move || {
        if !can_send() {
            return;
        }
        // The field follows the draft a moment later.
        let field_text = if is_edit() { body.get_untracked() } else { app.draft(id) };
        if let Some(sent) = app.next_submission(id, &field_text) {
            send_text(sent, false);
        }
        if untrack(|| app.saving_submission(id)).is_none() {
            // It was rejected or changed: what follows stays in the field.
            app.cancel_submissions(id);
        }
    });
    // The last own message is edited once it is sent; until then an earlier one would be opened.
    let is_empty = move || {
        body.with(|body| {
            body.is_empty() || app.saving_submission(id).is_some_and(|leaving| leaving == *body)
        })
    };
    let editing_last = RwSignal::new(false);
    Effect::new(move || {
        if !editing_last.get() || app.saving_submission(id).is_some() {
            return;
        }
        let last = if is_empty() { app.last_own_message(id) } else { LastOwnMessage::None };
        if last == LastOwnMessage::Pending {
            return;
        }
        editing_last.set(false);
        match last {
            LastOwnMessage::Message(seq) => app.set_composer_mode(id, ComposerMode::Edit(seq)),
            LastOwnMessage::Failed(failed) => app.edit_unsent(id, failed),
            LastOwnMessage::Pending | LastOwnMessage::None => {}
        }
    });
    // Shown only if the preview differs from the text.
    let marked = Memo::new(move |_| body.with(|body| markup::is_marked_up(body)));
    let previewing = RwSignal::new(false);
    let shows = move || marked.get() && previewing.get();
    let as_text_file = move || {
        // The text being stored is still in the field.
        if untrack(|| app.saving_submission(id)).is_none()
            && app.attach_text(id, &body.get_untracked())
        {
            change(String::new());
            focus();
        }
    };
    let on_key = move |event: KeyboardEvent| {
        // The input method handles Enter, Escape and arrows.
        if browser::is_composing(&event) {
            return;
        }
        if completion.handle_key(&event) {
            return event.prevent_default();
        }
        let in_code = || {
            let before = field
                .get_untracked()
                .and_then(|field| markdown_edit::before_caret(&field))
                .unwrap_or_default()
                .0;
            // The text being stored still precedes it.
            let leaving = untrack(|| app.saving_submission(id)).unwrap_or_default();
            markup::ends_in_code(before.strip_prefix(leaving.as_str()).unwrap_or(&before))
        };
        let sends =
            event.key() == "Enter" && !event.shift_key() && !browser::is_touch() && !in_code();
        if sends {
            event.prevent_default();
            send();
        }
        if event.key() == "Escape" && mode.get_untracked() != ComposerMode::New {
            event.prevent_default();
            app.set_composer_mode(id, ComposerMode::New);
        }
        if event.key() == "ArrowUp" && is_empty() {
            event.prevent_default();
            editing_last.set(true);
        }
        if let (Some(action), Some(field)) =
            (markdown_edit::action_for_key(&event), field.get_untracked())
        {
            event.prevent_default();
            markdown_edit::apply(&field, action);
        }
    };
    view! {
        // Before hydration a submit would reload the page without the text.
        <form
            class="composer"
            method="dialog"
            on:submit=move |event| {
                event.prevent_default();
                send();
            }
        >
            <ReplyBanner id />
            {move || {
                wrong
                    .get()
                    .map(|words| {
                        view! {
                            <p class="wrong" role="alert">
                                <Icon shape=Shape::Alert />
                                {words}
                            </p>
                        }
                    })
            }}
            <Show when=shows>
                <div
                    class="composer-preview"
                    role="group"
                    aria-label=text::composer::PREVIEW
                    tabindex="0"
                >
                    {move || {
                        view! {
                            <RichText
                                text=body.get()
                                names=mention_names::resolver(app, id, app.my_id())
                            />
                        }
                    }}
                </div>
            </Show>
            {hints::everyone_hint(everyone)}
            <Show when=move || app.has_tray(id)>{lazy(LazyView::AttachmentTray { id })}</Show>
            <div class="composer-box">
                {completion.view()} <AttachButton id />
                <textarea
                    node_ref=field
                    id="message-field"
                    rows="1"
                    dir="auto"
                    aria-label=text::composer::MESSAGE
                    placeholder=move || text::composer::placeholder(&title.get())
                    prop:value=move || body.get()
                    aria-autocomplete="list"
                    aria-controls=move || completion.active().map(|_| "completion")
                    aria-activedescendant=move || completion.active()
                    on:input=move |event| {
                        change(event_target_value(&event));
                        app.notify_typing(id);
                        completion.update(markdown_edit::is_insertion(&event));
                    }
                    on:paste=move |event| {
                        let over = event.clipboard_data();
                        let words = attachment_tray::is_pasted_text(over.as_ref());
                        let files = attachment_tray::transferred_files(over);
                        if !words && !files.is_empty() {
                            event.prevent_default();
                            app.attach(id, files);
                        }
                    }
                    on:click=move |_| completion.update(false)
                    on:blur=move |_| completion.close()
                    on:keyup=move |event| {
                        if matches!(
                            event.key().as_str(),
                            "ArrowLeft" | "ArrowRight" | "Home" | "End"
                        ) {
                            completion.update(false)
                        }
                    }
                    on:keydown=on_key
                ></textarea>
                <FormatToolbar field />
                <Show when=move || marked.get()>
                    <IconButton
                        shape=Shape::Eye
                        label=text::composer::PREVIEW
                        press=move || previewing.update(|on| *on = !*on)
                        pressed=previewing
                    />
                </Show>
                <button
                    type="submit"
                    class="send"
                    aria-label=text::composer::SEND
                    title=text::composer::SEND
                >
                    <Icon shape=Shape::Send />
                </button>
            </div>
            {hints::character_count(body, is_edit, as_text_file)}
            {lazy_dialog(LazyView::ConfirmMentionEveryone {
                open: asking,
                people: people.into(),
                confirm: Callback::new(move |()| send_text(in_question.get_value(), true)),
            })}
        </form>
    }
}
