//! The document around the app: its head, and the script that loads the Wasm.

use leptos::{config::LeptosOptions, nonce::use_nonce, prelude::*};
use leptos_meta::MetaTags;

use super::app::App;

/// What the page's head needs: the files of this build, and the theme that the person chose.
#[derive(Clone, Debug, Default)]
pub struct Head {
    /// The script that loads the Wasm.
    pub script: String,
    /// The Wasm.
    pub wasm: String,
    /// The style sheet.
    pub style: String,
    /// `system`, `light` or `dark`.
    pub theme: String,
}

/// The document. The framework's own `HydrationScripts` reads the hashed names from a file beside the program; here the
/// program holds its files itself and knows their names.
pub fn shell(head: Head) -> impl IntoView {
    let Head { script, wasm, style, theme } = head;
    let start = format!("import({script:?}).then(app => app.default({{ module_or_path: {wasm:?} }}).then(() => app.hydrate()))");
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="theme-color" media="(prefers-color-scheme: light)" content="#f6f7f9"/>
                <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#16181d"/>
                <link rel="stylesheet" href=style/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="manifest" href="/manifest.webmanifest"/>
                <link rel="modulepreload" href=script nonce=use_nonce()/>
                <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/>
                <script type="module" nonce=use_nonce()>{start}</script>
                <AutoReload options=LeptosOptions::builder().output_name("chatbox").build()/>
                <MetaTags/>
            </head>
            <body data-connection="connecting">
                <App/>
            </body>
        </html>
    }
}
