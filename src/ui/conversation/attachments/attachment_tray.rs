//! What goes with the next message: files that were picked, dropped or pasted, how far each has come, and the way to choose more.

use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{DataTransfer, DragEvent, Event, EventTarget, File, FileList, HtmlElement, HtmlInputElement, Node};

use super::coming;
use crate::{
    client::{
        Chat, browser,
        uploads::{Coming, Sharing},
        use_chat,
    },
    domain::{
        ConversationId, FileId,
        file::{self, FileKind},
        metadata::Notice,
    },
    ui::kit::{
        button::IconButton,
        dom::focus_instead,
        icon::{Icon, Shape},
    },
};

/// The files, above the field.
#[component]
pub(in crate::ui) fn Tray(id: ConversationId) -> impl IntoView {
    let chat = use_chat();
    Effect::new(move || chat.tidy_files());
    // By their ids: what is pressed stays where it is while bytes come.
    let ids = Memo::new(move |_| chat.tray(id).into_iter().map(|one| one.file.id).collect::<Vec<_>>());
    view! {
        <ul class="tray" aria-label="Files to send">
            <For each=move || ids.get() key=|file| *file let:file>{row(id, file, ids)}</For>
        </ul>
    }
}

fn row(id: ConversationId, file: FileId, ids: Memo<Vec<FileId>>) -> AnyView {
    let chat = use_chat();
    let one = Memo::new(move |_| chat.sharing.with(|all| all.iter().find(|one| one.file.id == file).cloned()));
    let Some(name) = one.get_untracked().map(|one| one.file.name) else { return ().into_any() };
    let failed = Memo::new(move |_| one.with(|one| one.as_ref().is_some_and(|one| matches!(one.stage, Coming::Failed(_)))));
    let retries = Memo::new(move |_| one.with(|one| one.as_ref().is_some_and(|one| one.may_retry(chat.file_limit))));
    let asked = Memo::new(move |_| one.with(|one| one.as_ref().is_some_and(Sharing::is_asked)));
    let as_file = Memo::new(move |_| one.with(|one| one.as_ref().is_some_and(|one| one.may_be_file(chat.file_limit))));
    let movable = Memo::new(move |_| ids.with(|ids| ids.first() != Some(&file)));
    // What was refused as a picture is shown as none.
    let picture = move || match chat.preview(file).filter(|_| !failed.get()) {
        Some(address) => view! { <img src=address alt=""/> }.into_any(),
        None => view! { <Icon shape=Shape::File/> }.into_any(),
    };
    let says = move || one.get().map(|one| words(&one)).unwrap_or_default();
    // Told when it changes, and not with each piece.
    let stage = Memo::new(move |_| one.with(|one| one.as_ref().map(told).unwrap_or_default()));
    let done = move || one.get().map_or(100, |one| one.percent());
    let (ahead, remove, bar) = (format!("Move {name} earlier"), format!("Remove {name}"), format!("Upload progress of {name}"));
    let (anyway, plainly) = (format!("Send {name} anyway"), format!("Send {name} as a file"));
    let ahead = move || {
        let label = ahead.clone();
        movable.get().then(|| view! { <IconButton shape=Shape::Back label press=move || move_ahead(chat, id, file)/> }.into_any())
    };
    view! {
        <li id=place(file) class="tray-file" class:failed=move || failed.get() class:asked=move || asked.get() || as_file.get() && !failed.get()>
            {picture}
            <div class="tray-name">
                <span dir="auto">{name}</span>
                <span class="quiet">{says}</span>
                <span class="hidden" role="status">{move || stage.get()}</span>
                <progress max="100" value=done aria-label=bar></progress>
            </div>
            {move || retries.get().then(|| view! { <button type="button" class="button quiet small" on:click=move |_| chat.bring_again(file)>"Try again"</button> })}
            {move || asked.get().then(|| view! { <button type="button" class="button quiet small" aria-label=anyway.clone() on:click=move |_| chat.allow(file)>"Send anyway"</button> })}
            {move || as_file.get().then(|| view! { <button type="button" class="button quiet small" aria-label=plainly.clone() on:click=move |_| chat.send_as_file(file)>"Send as file"</button> })}
            {ahead}
            <IconButton shape=Shape::Cross label=remove press=move || { chat.remove_from_tray(file); focus_instead(next().to_owned()); }/>
        </li>
    }
    .into_any()
}

/// What has the focus when a file is removed: the next one to be removed, or the field, where no keyboard jumps up by that.
fn next() -> &'static str {
    if browser::is_touch() { ".tray .icon-button:last-child" } else { ".tray .icon-button:last-child, .composer textarea" }
}

fn place(file: FileId) -> String {
    format!("tray-{file}")
}

/// The row goes to its new place, and would lose the focus by that.
fn move_ahead(chat: Chat, id: ConversationId, file: FileId) {
    chat.move_ahead(id, file);
    request_animation_frame(move || {
        let button = document().query_selector(&format!("#{} .icon-button", place(file))).ok().flatten();
        if let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) {
            let _ = button.focus();
        }
    });
}

fn words(one: &Sharing) -> String {
    let size = file::size(one.file.size);
    match (&one.stage, &one.why) {
        (Coming::Failed(why), _) if one.file.kind == FileKind::Picture && one.file.size > 0 => format!("{why} {KEEPS}"),
        (Coming::Failed(why), _) => why.clone(),
        _ if one.is_asked() => "May contain the location where it was taken.".to_owned(),
        _ if one.notice == Some(Notice::Still) => format!("Shown without its animation. {KEEPS}"),
        (Coming::Done, _) => size,
        (Coming::Waiting, None) => format!("{size} · waiting"),
        (Coming::Waiting, Some(why)) => format!("{size} · {why}"),
        (Coming::Going, _) => format!("{size} · {}", coming(one.percent(), one.pace, None)),
    }
}

/// What is different when a picture is sent as a file.
const KEEPS: &str = "As a file it stays as it is, with hidden details such as its location.";

/// To whoever does not see it; why it was refused stands beside it.
fn told(one: &Sharing) -> String {
    let stage = match one.stage {
        _ if one.is_asked() => "may contain a location",
        Coming::Failed(_) => "failed",
        Coming::Done => "uploaded",
        Coming::Waiting => "waiting",
        Coming::Going => "uploading",
    };
    format!("{}: {stage}", one.file.name)
}

/// The way to choose files.
#[component]
pub(in crate::ui::conversation) fn Attach(id: ConversationId) -> impl IntoView {
    let chat = use_chat();
    let input = NodeRef::<html::Input>::new();
    let open = move || {
        if let Some(input) = input.get_untracked() {
            input.click();
        }
    };
    let chosen = move |event: Event| {
        let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else { return };
        chat.attach(id, listed(input.files()));
        // So that the same file can be chosen again.
        input.set_value("");
    };
    view! {
        <input node_ref=input type="file" multiple hidden on:change=chosen/>
        <IconButton shape=Shape::Clip label="Attach files" press=open/>
    }
}

/// Files that are handed over by dropping or pasting.
pub(in crate::ui::conversation) fn handed(over: Option<DataTransfer>) -> Vec<File> {
    listed(over.and_then(|over| over.files()))
}

/// Whether what is pasted are words, which some programs hand over as a picture as well.
pub(in crate::ui::conversation) fn is_words(over: Option<&DataTransfer>) -> bool {
    over.is_some_and(|over| {
        let kinds: Vec<_> = over.types().iter().filter_map(|kind| kind.as_string()).collect();
        let has = |kind: &str| kinds.iter().any(|known| known == kind);
        let one_picture =
            over.files().is_some_and(|files| files.length() == 1 && files.get(0).is_some_and(|file| file.type_().starts_with("image/")));
        one_picture && has("text/plain") && (has("text/html") || has("text/rtf"))
    })
}

/// Whether what is dragged over the page are files.
pub(in crate::ui) fn has_files(over: Option<DataTransfer>) -> bool {
    over.is_some_and(|over| over.types().iter().any(|kind| kind == "Files"))
}

/// Whether what is dragged leaves the place that listens, and not only one part of it for another.
pub(in crate::ui::conversation) fn leaves(event: &DragEvent) -> bool {
    let node = |target: Option<EventTarget>| target.and_then(|target| target.dyn_into::<Node>().ok());
    !node(event.current_target()).is_some_and(|place| place.contains(node(event.related_target()).as_ref()))
}

fn listed(files: Option<FileList>) -> Vec<File> {
    files.map(|files| (0..files.length()).filter_map(|n| files.get(n)).collect()).unwrap_or_default()
}
