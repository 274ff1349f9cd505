//! The files of a message: an image gallery with reserved space, players, text excerpts, and file
//! cards.

pub(super) mod attachment_tray;
pub(super) mod lightbox;

use leptos::prelude::*;
use web_sys::MouseEvent;

use crate::{
    client::use_app_state,
    domain::{
        Attachment,
        file::{self, FileKind},
    },
    ui::{
        kit::icon::{Icon, Shape},
        markup::RichText,
        text,
    },
};

/// Largest display size of a single image, in pixels.
const MAX_SIZE: (u32, u32) = (400, 300);
/// Side of the images in a gallery, in pixels.
const TILE: u32 = 160;
/// An image this many times taller than wide is shown cropped.
const TALL_RATIO: u32 = 3;
/// Larger animations do not play inline, in bytes.
const MAX_ANIMATED_BYTES: u64 = 5_000_000;

/// All files of a message. Files of an unsent message have no URL yet.
pub(super) fn attachments_view(files: Vec<Attachment>, sent: bool) -> AnyView {
    if files.is_empty() {
        return ().into_any();
    }
    let app = use_app_state();
    // An unsent image, or one without known size, is shown from this tab.
    let is_shown = |file: &Attachment| {
        file.kind == FileKind::Image
            && (sent && file.width.is_some() || app.preview_url(file.id).is_some())
    };
    let (pictures, rest): (Vec<_>, Vec<_>) = files.into_iter().partition(is_shown);
    let gallery: Vec<_> = (0..pictures.len()).map(|n| picture(&pictures, n)).collect();
    let rest: Vec<_> = rest.into_iter().map(|file| file_view(file, sent)).collect();
    let class = match pictures.len() {
        1 => "gallery",
        // Two by two.
        4 => "gallery several four",
        _ => "gallery several",
    };
    view! {
        <div class="files">
            {(!gallery.is_empty()).then(|| view! { <div class=class>{gallery}</div> }.into_any())}
            {rest}
        </div>
    }
    .into_any()
}

fn picture(pictures: &[Attachment], at: usize) -> AnyView {
    let app = use_app_state();
    let file = &pictures[at];
    let (width, height) = display_size(file, pictures.len() > 1);
    let way = if file.animated && file.size <= MAX_ANIMATED_BYTES { "large" } else { "small" };
    let id = file.id;
    // An unsent image is shown from this tab.
    let address = app.preview_url(id).unwrap_or_else(|| format!("/files/{id}/{way}"));
    let name = text::files::picture(&file.name);
    let class = class(file, pictures.len() > 1);
    view! {
        <a
            class=class
            href=format!("/files/{id}/large")
            rel="external"
            target="_blank"
            aria-label=name
            on:click=open_lightbox(pictures.to_vec(), at)
        >
            {blur(&file.blur)}
            <img src=address width=width height=height alt="" loading="lazy" decoding="async" />
        </a>
    }
    .into_any()
}

/// CSS classes of an image.
fn class(file: &Attachment, several: bool) -> String {
    let (width, height) = (file.width.unwrap_or(TILE), file.height.unwrap_or(TILE));
    let kinds = [
        ("see-through", file.blur.is_empty()),
        ("little", several && width.min(height) < TILE),
        ("tall", !several && height > MAX_SIZE.1 && height / width.max(1) >= TALL_RATIO),
    ];
    kinds
        .into_iter()
        .filter(|(_, is_so)| *is_so)
        .fold("picture".to_owned(), |classes, (kind, _)| classes + " " + kind)
}

/// Opens the lightbox at an image.
fn open_lightbox(pictures: Vec<Attachment>, at: usize) -> impl Fn(MouseEvent) + Clone {
    let (app, pictures) = (use_app_state(), StoredValue::new(pictures));
    move |event: MouseEvent| {
        // Modifier keys open a new tab, as with links.
        if !(event.ctrl_key() || event.meta_key() || event.shift_key()) {
            event.prevent_default();
            app.lightbox.set(Some((pictures.get_value(), at)));
        }
    }
}

/// Display size, known before the image is loaded.
fn display_size(file: &Attachment, several: bool) -> (u32, u32) {
    if several {
        return (TILE, TILE);
    }
    let (width, height) = (file.width.unwrap_or(TILE).max(1), file.height.unwrap_or(TILE).max(1));
    // In thousandths; small images are not enlarged.
    let scale = (MAX_SIZE.0 * 1_000 / width).min(MAX_SIZE.1 * 1_000 / height).min(1_000);
    ((width * scale / 1_000).max(1), (height * scale / 1_000).max(1))
}

/// Placeholder of an image: twelve of its colours, blurred by the style sheet.
fn blur(colours: &str) -> AnyView {
    let spot = |(n, colour): (usize, &str)| {
        let (x, y) = ((n % 4).to_string(), (n / 4).to_string());
        view! { <rect x=x y=y width="1" height="1" fill=format!("#{colour}")></rect> }.into_any()
    };
    let colours =
        colours.as_bytes().chunks_exact(6).filter_map(|colour| std::str::from_utf8(colour).ok());
    let spots: Vec<_> = colours.enumerate().map(spot).collect();
    (!spots.is_empty())
        .then(|| {
            view! {
                <svg class="blur" viewBox="0 0 4 3" preserveAspectRatio="none" aria-hidden="true">
                    {spots}
                </svg>
            }
        })
        .into_any()
}

/// A file that is not an image.
fn file_view(file: Attachment, sent: bool) -> AnyView {
    let address = format!("/files/{}", file.id);
    let inside = match file.kind {
        FileKind::Video => view! {
            <video
                src=address
                controls
                playsinline
                preload="metadata"
                aria-label=file.name.clone()
            ></video>
        }
        .into_any(),
        FileKind::Audio => {
            let name = file.name.clone();
            view! { <audio src=address controls preload="metadata" aria-label=name></audio> }
                .into_any()
        }
        FileKind::Text if !file.text_preview.is_empty() => {
            view! { <RichText text=fenced(&file) /> }.into_any()
        }
        _ => ().into_any(),
    };
    view! { <div class="file">{card(&file, sent)}{inside}</div> }.into_any()
}

/// Upload progress in words.
pub(super) fn progress_text(percent: u64, bytes_per_second: u64, reason: Option<String>) -> String {
    match (bytes_per_second, reason) {
        (_, Some(reason)) => reason,
        (0, None) => text::files::percent(percent),
        (bytes_per_second, None) => {
            text::files::percent_at(percent, &file::format_size(bytes_per_second))
        }
    }
}

/// The excerpt as a fenced code block.
fn fenced(file: &Attachment) -> String {
    let mut fence = "```".to_owned();
    while file.text_preview.contains(&fence) {
        fence.push('`');
    }
    format!("{fence}{}\n{}\n{fence}", file::extension(&file.name), file.text_preview)
}

/// A file card: name, type, size, and a download link if there is one.
fn card(file: &Attachment, sent: bool) -> AnyView {
    let fetched = sent.then(|| format!("/files/{}", file.id));
    view! {
        <a class="file-card" href=fetched download=sent.then(|| file.name.clone()) rel="external">
            <Icon shape=Shape::File />
            {file_label(file)}
            {sent.then(|| view! { <Icon shape=Shape::Down /> })}
        </a>
    }
    .into_any()
}

fn file_label(file: &Attachment) -> impl IntoView {
    let ending = file::extension(&file.name).to_uppercase();
    let message_ref = if ending.is_empty() {
        file::format_size(file.size)
    } else {
        text::files::joined(&ending, &file::format_size(file.size))
    };
    view! {
        <span class="file-name">
            <span dir="auto">{file.name.clone()}</span>
            <span class="quiet">{message_ref}</span>
        </span>
    }
}

/// A row in a list of files.
pub(super) fn list_row(file: &Attachment) -> AnyView {
    if file.kind != FileKind::Image {
        return card(file, true);
    }
    let id = file.id;
    view! {
        <a
            class="file-card"
            href=format!("/files/{id}/large")
            rel="external"
            target="_blank"
            on:click=open_lightbox(vec![file.clone()], 0)
        >
            <img
                src=format!("/files/{id}/small")
                width="40"
                height="40"
                alt=""
                loading="lazy"
                decoding="async"
            />
            {file_label(file)}
        </a>
    }
    .into_any()
}
