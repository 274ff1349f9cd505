//! The HTML document: head, the script that loads the Wasm, and the one that replays earlier input.

use leptos::{config::LeptosOptions, nonce::use_nonce, prelude::*};
use leptos_meta::MetaTags;

use super::app::App;
use crate::ui::text;

/// Loader of the split Wasm, as wasm-split names it.
const SPLIT_LOADER: &str = "__wasm_split.______________________.js";

/// Inline script that runs first.
const EVENT_REPLAY: &str = include_str!("event_replay.js");

/// Loads the app and starts it.
const START: &str = include_str!("start.js");

/// What the page's head needs.
#[derive(Clone, Debug)]
pub struct Head {
    /// URL of a file of this build.
    pub file: fn(&str) -> String,
    /// `system`, `light` or `dark`.
    pub theme: String,
    /// Whether the first frame needs lazily loaded code.
    pub needs_lazy: bool,
}

/// The document. The framework's `HydrationScripts` reads file names from disk; here the program
/// embeds its files.
pub fn shell(head: Head) -> impl IntoView {
    let Head { file, theme, needs_lazy } = head;
    let (script, links, wasm, style) =
        (file("chatbox.js"), file(SPLIT_LOADER), file("chatbox.wasm"), file("chatbox.css"));
    let lazy = needs_lazy.then(|| {
        view! {
            <link
                rel="preload"
                href=file("split_later.wasm")
                r#as="fetch"
                r#type="application/wasm"
                crossorigin="anonymous"
            />
        }
    });
    let start = format!(
        "{}start({script:?}, {wasm:?}, {needs_lazy}).catch(error => {{ document.dispatchEvent(new \
         Event(\"chatbox-failed\")); console.error(error) }})",
        without_comments(START)
    );
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme>
            <head>
                {head_meta()}
                // Before the style sheet, which would delay it.
                <script
                    nonce=use_nonce()
                    data-loading=text::kit::LOADING
                    data-failed=text::workspace::APP_NOT_LOADED
                    data-reload=text::workspace::RELOAD
                >
                    {without_comments(EVENT_REPLAY)}
                </script>
                {head_links(style)}
                <link rel="modulepreload" href=script nonce=use_nonce() />
                <link rel="modulepreload" href=links nonce=use_nonce() />
                {lazy}
                <script type="module" nonce=use_nonce()>
                    {start}
                </script>
                <AutoReload options=LeptosOptions::builder().output_name("chatbox").build() />
                <MetaTags />
            </head>
            <body data-connection="connecting">
                <App />
                // After the app, which hydrates the body from its beginning.
                <div id="early" class="toasts" role="status"></div>
                <noscript>
                    <p class="no-script">{text::workspace::NO_SCRIPT}</p>
                </noscript>
            </body>
        </html>
    }
}

/// What the head of every page begins with.
pub(in crate::ui) fn head_meta() -> impl IntoView {
    view! {
        <meta charset="utf-8" />
        <meta
            name="viewport"
            content="width=device-width, initial-scale=1, interactive-widget=resizes-content"
        />
        <meta name="color-scheme" content="light dark" />
        {theme_color("(prefers-color-scheme: light)", "#f6f7f9")}
        {theme_color("(prefers-color-scheme: dark)", "#16181d")}
    }
}

fn theme_color(media: &'static str, color: &'static str) -> impl IntoView {
    leptos::html::meta().name("theme-color").attr("media", media).content(color)
}

/// The style sheet and icons of every page.
pub(in crate::ui) fn head_links(style: String) -> impl IntoView {
    view! {
        <link rel="stylesheet" href=style />
        <link rel="icon" href="/favicon.png" type="image/png" sizes="64x64" />
        <link rel="manifest" href="/manifest.webmanifest" />
    }
}

/// A script as it is served.
pub(in crate::ui) fn without_comments(script: &str) -> String {
    script
        .lines()
        .map(str::trim_start)
        .filter(|line| !line.starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect()
}
