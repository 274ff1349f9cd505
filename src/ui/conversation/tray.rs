//! What goes with the next message: files that were picked, dropped or pasted, how far each has come, and the way to choose more.

use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{DataTransfer, DragEvent, Event, EventTarget, File, FileList, HtmlInputElement, Node};

use crate::{
    client::{
        files::{Coming, Sharing},
        use_chat,
    },
    domain::{ConversationId, FileId, file},
    ui::kit::{
        button::IconButton,
        icon::{Icon, Shape},
    },
};

/// The files, above the field.
#[component]
pub(in crate::ui) fn Tray(id: ConversationId) -> impl IntoView {
    let chat = use_chat();
    // By their ids: what is pressed stays where it is while bytes come.
    let ids = Memo::new(move |_| chat.tray(id).into_iter().map(|one| one.file.id).collect::<Vec<_>>());
    move || {
        let ids = ids.get();
        let rows: Vec<_> = ids.iter().enumerate().map(|(n, file)| row(id, *file, n > 0)).collect();
        (!rows.is_empty()).then(|| view! { <ul class="tray" aria-label="Files to send">{rows}</ul> })
    }
}

fn row(id: ConversationId, file: FileId, movable: bool) -> AnyView {
    let chat = use_chat();
    let one = Memo::new(move |_| chat.sharing.with(|all| all.iter().find(|one| one.file.id == file).cloned()));
    let Some(name) = one.get_untracked().map(|one| one.file.name) else { return ().into_any() };
    let failed = Memo::new(move |_| matches!(one.get(), Some(Sharing { stage: Coming::Failed(_), .. })));
    // What was refused as a picture is shown as none.
    let picture = move || match chat.preview(file).filter(|_| !failed.get()) {
        Some(address) => view! { <img src=address alt=""/> }.into_any(),
        None => view! { <Icon shape=Shape::File/> }.into_any(),
    };
    let says = move || one.get().map(|one| words(&one)).unwrap_or_default();
    let done = move || one.get().map_or(100, |one| one.percent());
    let (ahead, remove) = (format!("Move {name} ahead"), format!("Remove {name}"));
    view! {
        <li class=move || if failed.get() { "tray-file failed" } else { "tray-file" }>
            {picture}
            <div class="tray-name">
                <span dir="auto">{name}</span>
                <span class="quiet" role="status">{says}</span>
                <progress max="100" value=done aria-hidden="true"></progress>
            </div>
            {movable.then(|| view! { <IconButton shape=Shape::Back label=ahead press=move || chat.move_ahead(id, file)/> }.into_any())}
            <IconButton shape=Shape::Cross label=remove press=move || chat.give_up(file)/>
        </li>
    }
    .into_any()
}

fn words(one: &Sharing) -> String {
    let size = file::size(one.file.size);
    match &one.stage {
        Coming::Failed(why) => why.clone(),
        Coming::Done => size,
        Coming::Waiting => format!("{size} · waiting"),
        Coming::Going if one.pace == 0 => format!("{size} · {} %", one.percent()),
        Coming::Going => format!("{size} · {} % · {}/s", one.percent(), file::size(one.pace)),
    }
}

/// The way to choose files.
#[component]
pub(super) fn Attach(id: ConversationId) -> impl IntoView {
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
pub(super) fn handed(over: Option<DataTransfer>) -> Vec<File> {
    listed(over.and_then(|over| over.files()))
}

/// Whether what is dragged over the page are files.
pub(super) fn has_files(over: Option<DataTransfer>) -> bool {
    over.is_some_and(|over| over.types().iter().any(|kind| kind == "Files"))
}

/// Whether what is dragged leaves the place that listens, and not only one part of it for another.
pub(super) fn leaves(event: &DragEvent) -> bool {
    let node = |target: Option<EventTarget>| target.and_then(|target| target.dyn_into::<Node>().ok());
    !node(event.current_target()).is_some_and(|place| place.contains(node(event.related_target()).as_ref()))
}

fn listed(files: Option<FileList>) -> Vec<File> {
    files.map(|files| (0..files.length()).filter_map(|n| files.get(n)).collect()).unwrap_or_default()
}
