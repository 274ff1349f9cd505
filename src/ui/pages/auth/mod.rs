//! The pages of people who are not signed in: plain forms, rendered by the server. They load no
//! Wasm; a small script continues when another tab signs in.

mod join;
mod recover;
mod sign_in;
mod sign_up;

use leptos::{nonce::use_nonce, prelude::*};

use crate::{
    client::tabs::session_sync,
    domain::ChatError,
    ui::{
        kit::{
            field::FieldErrors,
            icon::{Icon, Shape},
        },
        shell::{head_links, head_meta, without_comments},
        text,
    },
};

/// Continues when somebody signs in in another tab, and submits a form once.
const SCRIPT: &str = include_str!("auth.js");

/// What a form shows again after an error. Passwords are never filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuthForm {
    /// As typed.
    pub username: String,
    /// As typed.
    pub display_name: String,
    /// The recovery code, as typed.
    pub code: String,
    /// Path to open after signing in.
    pub next: String,
    /// The error to show.
    pub error: Option<ChatError>,
}

/// One of the pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthPage {
    /// Sign in.
    SignIn,
    /// Create an account.
    SignUp,
    /// Set a new password with a recovery code.
    Recover,
    /// Set a new password with a reset.
    Reset {
        /// The path of the page, which is also the form's.
        path: String,
    },
    /// Accept an invitation.
    Join {
        /// The path of the page, which is also the form's.
        path: String,
        /// Names of the groups that one joins.
        groups: Vec<String>,
        /// Whether somebody is signed in, who needs no account.
        signed_in: bool,
    },
    /// An invitation or reset does not work.
    InvalidLink,
}

impl AuthPage {
    /// Title of the document.
    fn title(&self) -> &'static str {
        match self {
            Self::SignIn => text::account::SIGN_IN_TITLE,
            Self::SignUp => text::account::SIGN_UP_TITLE,
            Self::Recover => text::account::RECOVER_TITLE,
            Self::Reset { .. } => text::account::RESET_TITLE,
            Self::Join { .. } => text::account::JOIN_TITLE,
            Self::InvalidLink => text::account::INVALID_LINK_TITLE,
        }
    }

    /// Whether the page is left when somebody signs in in another tab.
    const fn waits_for_session(&self) -> bool {
        matches!(self, Self::SignIn | Self::SignUp)
    }
}

/// The document of a page.
pub fn document(
    file: fn(&str) -> String,
    theme: String,
    page: AuthPage,
    form: AuthForm,
) -> impl IntoView {
    let title = page.title();
    let wasm = page.waits_for_session().then(|| {
        // What the next page needs is fetched while somebody types.
        view! { <link rel="prefetch" href=file("chatbox.wasm") r#as="fetch" crossorigin="anonymous" /> }
    });
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme>
            <head>
                {head_meta()} {head_links(file("chatbox.css"))}
                <title>{title}</title>
                {wasm}
                <script
                    nonce=use_nonce()
                    data-waits=page.waits_for_session().to_string()
                    data-channel=session_sync::CHANNEL
                    data-query=session_sync::SESSION_QUERY
                    data-answer=session_sync::SESSION_ANSWER
                    data-redirected=session_sync::REDIRECTED
                >
                    {without_comments(SCRIPT)}
                </script>
            </head>
            // Interactive as soon as it is there.
            <body data-hydrated="" data-connection="connecting">
                <main class="alone">{content(page, form)}</main>
                <noscript>
                    <p class="no-script">{text::workspace::NO_SCRIPT}</p>
                </noscript>
            </body>
        </html>
    }
}

fn content(page: AuthPage, form: AuthForm) -> AnyView {
    let errors = FieldErrors::of(form.error.as_ref());
    match page {
        AuthPage::SignIn => view! { <sign_in::SignIn form errors /> }.into_any(),
        AuthPage::SignUp => view! { <sign_up::SignUp form errors /> }.into_any(),
        AuthPage::Recover => view! { <recover::Recover form errors /> }.into_any(),
        AuthPage::Reset { path } => view! { <recover::Reset path errors /> }.into_any(),
        AuthPage::Join { path, groups, signed_in: false } => {
            view! { <join::JoinAsNewcomer path groups form errors /> }.into_any()
        }
        AuthPage::Join { path, groups, signed_in: true } => {
            view! { <join::JoinGroups path groups errors /> }.into_any()
        }
        AuthPage::InvalidLink => view! { <recover::InvalidLink /> }.into_any(),
    }
}

/// The card in the middle of a page.
#[component]
fn AuthCard(
    /// The page's heading.
    #[prop(into)]
    heading: String,
    /// A sentence under it.
    lead: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="card">
            <p class="brand">
                <Icon shape=Shape::Logo />
                {text::CHATBOX}
            </p>
            <h1 dir="auto">{heading}</h1>
            <p class="lead">{lead}</p>
            {children()}
        </div>
    }
}

/// A path with the page to open after signing in.
fn with_next(path: &str, next: &str) -> String {
    if next.is_empty() { path.to_owned() } else { format!("{path}?next={next}") }
}
