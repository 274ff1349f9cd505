//! The attachment tray of the composer: files, progress, and the button that adds more.

use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{
    DataTransfer, DragEvent, Event, EventTarget, File, FileList, HtmlElement, HtmlInputElement,
    Node,
};

use super::progress_text;
use crate::{
    client::{
        AppState, browser,
        uploads::{UploadItem, UploadState},
        use_app_state,
    },
    domain::{
        ConversationId, FileId,
        file::{self, FileKind},
        metadata::Notice,
    },
    ui::{
        kit::{
            button::IconButton,
            dom::focus_instead,
            icon::{Icon, Shape},
        },
        text,
    },
};

/// The files, above the field.
#[component]
pub(in crate::ui) fn AttachmentTray(id: ConversationId) -> impl IntoView {
    let app = use_app_state();
    Effect::new(move || app.delete_unused_files());
    // Keyed by id, so that rows stay while chunks arrive.
    let ids =
        Memo::new(move |_| app.tray(id).into_iter().map(|item| item.file.id).collect::<Vec<_>>());
    view! {
        <ul class="tray" aria-label=text::files::FILES_TO_SEND>
            <For each=move || ids.get() key=|file| *file let:file>
                {row(id, file, ids)}
            </For>
        </ul>
    }
}

fn row(id: ConversationId, file: FileId, ids: Memo<Vec<FileId>>) -> AnyView {
    let app = use_app_state();
    let item = Memo::new(move |_| {
        app.uploads.with(|all| all.iter().find(|item| item.file.id == file).cloned())
    });
    let Some(name) = item.get_untracked().map(|item| item.file.name) else { return ().into_any() };
    let failed = Memo::new(move |_| {
        item.with(|item| {
            item.as_ref().is_some_and(|item| matches!(item.state, UploadState::Failed(_)))
        })
    });
    let retries = Memo::new(move |_| {
        item.with(|item| item.as_ref().is_some_and(|item| item.can_retry(app.file_limit)))
    });
    let confirming = Memo::new(move |_| {
        item.with(|item| item.as_ref().is_some_and(UploadItem::needs_confirmation))
    });
    let as_file = Memo::new(move |_| {
        item.with(|item| item.as_ref().is_some_and(|item| item.can_send_as_file(app.file_limit)))
    });
    let movable = Memo::new(move |_| ids.with(|ids| ids.first() != Some(&file)));
    // A rejected image is shown as a file.
    let picture = move || match app.preview_url(file).filter(|_| !failed.get()) {
        Some(address) => view! { <img src=address alt="" /> }.into_any(),
        None => view! { <Icon shape=Shape::File /> }.into_any(),
    };
    let says = move || item.get().map(|item| detail_text(&item)).unwrap_or_default();
    // Announced on change, not with each chunk.
    let status =
        Memo::new(move |_| item.with(|item| item.as_ref().map(status_text).unwrap_or_default()));
    let done = move || item.get().map_or(100, |item| item.percent());
    let (ahead, remove, bar) = (
        text::files::move_earlier(&name),
        text::remove(&name),
        text::files::upload_progress(&name),
    );
    let (anyway, plainly) = (text::files::send_anyway(&name), text::files::send_as_file(&name));
    let ahead = move || {
        let label = ahead.clone();
        let press = move || move_earlier(app, id, file);
        movable.get().then(|| view! { <IconButton shape=Shape::Back label press /> }.into_any())
    };
    view! {
        <li
            id=row_id(file)
            class="tray-file"
            class:failed=move || failed.get()
            class:asked=move || confirming.get() || as_file.get() && !failed.get()
        >
            {picture}
            <div class="tray-name">
                <span dir="auto">{name}</span>
                <span class="quiet">{says}</span>
                <span class="hidden" role="status">
                    {move || status.get()}
                </span>
                <progress max="100" value=done aria-label=bar></progress>
            </div>
            {move || {
                retries
                    .get()
                    .then(|| {
                        view! {
                            <button
                                type="button"
                                class="button quiet small"
                                on:click=move |_| app.retry_upload(file)
                            >
                                {text::kit::TRY_AGAIN}
                            </button>
                        }
                    })
            }}
            {move || {
                confirming
                    .get()
                    .then(|| {
                        view! {
                            <button
                                type="button"
                                class="button quiet small"
                                aria-label=anyway.clone()
                                on:click=move |_| app.confirm_upload(file)
                            >
                                {text::files::SEND_ANYWAY}
                            </button>
                        }
                    })
            }}
            {move || {
                as_file
                    .get()
                    .then(|| {
                        view! {
                            <button
                                type="button"
                                class="button quiet small"
                                aria-label=plainly.clone()
                                on:click=move |_| app.send_as_file(file)
                            >
                                {text::files::SEND_AS_FILE}
                            </button>
                        }
                    })
            }}
            {ahead}
            <IconButton
                shape=Shape::Cross
                label=remove
                press=move || {
                    app.remove_from_tray(file);
                    focus_instead(next_focus().to_owned());
                }
            />
        </li>
    }
    .into_any()
}

/// Focus after a removal: the next remove button, or the field unless that would open a keyboard.
fn next_focus() -> &'static str {
    if browser::is_touch() {
        ".tray .icon-button:last-child"
    } else {
        ".tray .icon-button:last-child, .composer textarea"
    }
}

fn row_id(file: FileId) -> String {
    format!("tray-{file}")
}

/// Moving the row would lose the focus.
fn move_earlier(app: AppState, id: ConversationId, file: FileId) {
    app.move_earlier(id, file);
    request_animation_frame(move || {
        let button =
            document().query_selector(&format!("#{} .icon-button", row_id(file))).ok().flatten();
        if let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) {
            let _ = button.focus();
        }
    });
}

fn detail_text(item: &UploadItem) -> String {
    let size = file::format_size(item.file.size);
    match (&item.state, &item.waiting_for) {
        (UploadState::Failed(why), _)
            if item.file.kind == FileKind::Image && item.file.size > 0 =>
        {
            text::files::failed_as_image(why)
        }
        (UploadState::Failed(why), _) => why.clone(),
        _ if item.needs_confirmation() => text::files::MAY_CONTAIN_LOCATION.to_owned(),
        _ if item.notice == Some(Notice::FirstFrameOnly) => text::files::without_animation(),
        (UploadState::Done, _) => size,
        (UploadState::Waiting, None) => text::files::joined(&size, text::files::STATUS_WAITING),
        (UploadState::Waiting, Some(waiting_for)) => text::files::joined(&size, waiting_for),
        (UploadState::Uploading, _) => {
            text::files::joined(&size, &progress_text(item.percent(), item.bytes_per_second, None))
        }
    }
}

/// For assistive technology; the reason of a failure is beside it.
fn status_text(item: &UploadItem) -> String {
    let status = match item.state {
        _ if item.needs_confirmation() => text::files::STATUS_LOCATION,
        UploadState::Failed(_) => text::files::STATUS_FAILED,
        UploadState::Done => text::files::STATUS_UPLOADED,
        UploadState::Waiting => text::files::STATUS_WAITING,
        UploadState::Uploading => text::files::STATUS_UPLOADING,
    };
    text::files::status(&item.file.name, status)
}

/// The button that chooses files.
#[component]
pub(in crate::ui::conversation) fn AttachButton(id: ConversationId) -> impl IntoView {
    let app = use_app_state();
    let input = NodeRef::<html::Input>::new();
    let open = move || {
        if let Some(input) = input.get_untracked() {
            input.click();
        }
    };
    let chosen = move |event: Event| {
        let Some(input) =
            event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok())
        else {
            return;
        };
        app.attach(id, to_vec(input.files()));
        // So that the same file can be chosen again.
        input.set_value("");
    };
    view! {
        <input node_ref=input type="file" multiple hidden on:change=chosen />
        <IconButton shape=Shape::Clip label=text::files::ATTACH press=open />
    }
}

/// Files of a drop or paste.
pub(in crate::ui::conversation) fn transferred_files(over: Option<DataTransfer>) -> Vec<File> {
    to_vec(over.and_then(|over| over.files()))
}

/// Whether a paste is text that some programs also offer as an image.
pub(in crate::ui::conversation) fn is_pasted_text(over: Option<&DataTransfer>) -> bool {
    over.is_some_and(|over| {
        let kinds: Vec<_> = over.types().iter().filter_map(|kind| kind.as_string()).collect();
        let has = |kind: &str| kinds.iter().any(|known| known == kind);
        let one_picture = over.files().is_some_and(|files| {
            files.length() == 1
                && files.get(0).is_some_and(|file| file.type_().starts_with("image/"))
        });
        one_picture && has("text/plain") && (has("text/html") || has("text/rtf"))
    })
}

/// Whether files are dragged over the page.
pub(in crate::ui) fn has_files(over: Option<DataTransfer>) -> bool {
    over.is_some_and(|over| over.types().iter().any(|kind| kind == "Files"))
}

/// Whether a drag leaves the drop area, not only one of its children.
pub(in crate::ui::conversation) fn is_drag_leave(event: &DragEvent) -> bool {
    let node =
        |target: Option<EventTarget>| target.and_then(|target| target.dyn_into::<Node>().ok());
    !node(event.current_target())
        .is_some_and(|element| element.contains(node(event.related_target()).as_ref()))
}

fn to_vec(files: Option<FileList>) -> Vec<File> {
    files
        .map(|files| (0..files.length()).filter_map(|n| files.get(n)).collect())
        .unwrap_or_default()
}
