//! The pages of people who are not signed in: plain forms, rendered by the server. They load no
//! Wasm; a small script continues when another tab signs in.

mod join;
mod recover;
mod setup;
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
        workspace::escaped_title,
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
    /// The recovery code or setup code, as typed.
    pub code: String,
    /// The name of a new workspace, as typed.
    pub workspace: String,
    /// Who can register in a new workspace.
    pub registration: String,
    /// Path to open after signing in.
    pub next: String,
    /// The error to show.
    pub error: Option<ChatError>,
}

/// One of the pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthPage {
    /// Set up the empty workspace.
    Setup {
        /// Whether the setup code is needed.
        asks_code: bool,
    },
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
    /// Title of the document, without the workspace.
    fn title(&self) -> &'static str {
        match self {
            Self::Setup { .. } => text::account::SETUP_TITLE,
            Self::SignIn => text::account::SIGN_IN,
            Self::SignUp => text::account::SIGN_UP,
            Self::Recover => text::account::RECOVER_TITLE,
            Self::Reset { .. } => text::account::NEW_PASSWORD,
            Self::Join { .. } => text::account::JOIN_TITLE,
            Self::InvalidLink => text::account::INVALID_LINK_TITLE,
        }
    }

    /// Whether the page is left when somebody signs in in another tab.
    const fn waits_for_session(&self) -> bool {
        matches!(self, Self::SignIn | Self::SignUp)
    }
}

/// What the document needs beside its page.
#[derive(Clone, Debug)]
pub struct AuthHead {
    /// URL of a file of this build.
    pub file: fn(&str) -> String,
    /// `system`, `light` or `dark`.
    pub theme: String,
    /// The name of the workspace.
    pub workspace: String,
}

/// The name of the workspace, in a context.
#[derive(Clone)]
struct WorkspaceName(String);

/// The document of a page.
pub fn document(head: AuthHead, page: AuthPage, form: AuthForm) -> impl IntoView {
    let AuthHead { file, theme, workspace } = head;
    let title = text::workspace::page_title(page.title(), &workspace, 0);
    provide_context(WorkspaceName(workspace));
    let wasm = page.waits_for_session().then(|| {
        // What the next page needs is fetched while somebody types.
        view! { <link rel="prefetch" href=file("chatbox.wasm") r#as="fetch" crossorigin="anonymous" /> }
    });
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme>
            <head>
                {head_meta()} {head_links(file("chatbox.css"))}
                // As a child it would end with the mark of a text node.
                <title inner_html=escaped_title(&title)></title>
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
        AuthPage::Setup { asks_code } => {
            view! { <setup::Setup asks_code form errors /> }.into_any()
        }
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
                <span dir="auto">{expect_context::<WorkspaceName>().0}</span>
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
