//! Pages, rendered on the server with everything a person sees first, so that the Wasm app only
//! hydrates them. The only file of the server that knows what a page looks like.

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_axum::ResponseOptions;

use crate::ui::pages::auth::AuthHead;
pub(super) use crate::ui::pages::auth::{AuthForm, AuthPage};

use super::{files::assets, forms::local_path};
use crate::{
    api::conversations::{InitialState, LAST_VISITED},
    domain::{ChatError, ConversationId, HistoryPage, Seq, account::invalid_link, secret_code},
    server::{
        App,
        auth::{
            code_hash,
            current_user::{ClientInfo, CurrentUser},
        },
        error::AppError,
    },
    ui::{self, shell::Head},
};

/// Pages are rendered by tasks: the framework needs its executor before the first one.
pub(super) fn prepare() {
    // An error means that it is set already.
    let _ = any_spawner::Executor::init_tokio();
}

/// `GET` of any page.
pub(super) async fn render(
    State(app): State<App>,
    user: Option<CurrentUser>,
    request: Request,
) -> Response {
    let path = request.uri().path().to_owned();
    if is_non_page_path(&path) {
        return ChatError::not_found().into_response();
    }
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET,HEAD")]).into_response();
    }
    let address = request.uri().path_and_query().map_or_else(|| path.clone(), ToString::to_string);
    let is_sign_page = matches!(path.as_str(), "/setup" | "/sign-in" | "/sign-up");
    let next = next_param(request.uri().query());
    let (parts, _) = request.into_parts();
    let client = ClientInfo::of(&parts);
    let needs_no_user = if user.is_none() || !is_sign_page {
        auth_page(&app, &path, user.is_some(), &client).await
    } else {
        Ok(None)
    };
    match needs_no_user {
        Ok(Some(page)) => {
            let status = match page {
                AuthPage::InvalidLink => StatusCode::NOT_FOUND,
                _ => StatusCode::OK,
            };
            let form = AuthForm { next, ..AuthForm::default() };
            return auth(&app, &parts.headers, status, page, form).await;
        }
        Ok(None) => {}
        Err(error) => return ChatError::from(error).into_response(),
    }
    match user {
        None if path == "/" => match app.store.is_empty().await {
            Ok(true) => see_other("/setup"),
            Ok(false) => see_other("/sign-in"),
            Err(error) => ChatError::from(error).into_response(),
        },
        None if path == "/setup" => see_other("/sign-in"),
        None => see_other(&format!(
            "/sign-in?next={}",
            serde_urlencoded::to_string([("", &address)])
                .unwrap_or_default()
                .trim_start_matches('=')
        )),
        Some(_) if is_sign_page => see_other(local_path(&next)),
        Some(user) => workspace(&app, user, &path, &address, &parts.headers).await,
    }
}

/// Whether the path is below an address for programs only.
fn is_non_page_path(path: &str) -> bool {
    matches!(
        path.split('/').nth(1),
        Some("api" | "ws" | "files" | "faces" | "previews" | "pkg" | "healthz" | "readyz")
    )
}

/// The `next` parameter of a sign-in page.
fn next_param(query: Option<&str>) -> String {
    query.and_then(|query| query_value(query, "next")).unwrap_or_default()
}

fn query_value(query: &str, name: &str) -> Option<String> {
    let pairs = serde_urlencoded::from_str::<Vec<(String, String)>>(query).ok()?;
    pairs.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

/// The page without the app at this path, if it is one.
pub(super) async fn auth_page(
    app: &App,
    path: &str,
    signed_in: bool,
    client: &ClientInfo,
) -> Result<Option<AuthPage>, AppError> {
    let found =
        match path.split_once('/').map_or("", |(_, rest)| rest).split_once('/') {
            None => Ok(match path {
                "/setup" if app.store.is_empty().await? => {
                    AuthPage::Setup { asks_code: !client.is_local }
                }
                "/sign-in" => AuthPage::SignIn,
                "/sign-up" => AuthPage::SignUp,
                "/recover" => AuthPage::Recover,
                _ => return Ok(None),
            }),
            Some(("reset", code)) => match code_hash(code) {
                Some(hash) => app
                    .store
                    .check_reset(hash)
                    .await
                    .map(|()| AuthPage::Reset { path: path.to_owned() }),
                None => Err(invalid_link().into()),
            },
            Some(("join", code)) => match secret_code::normalize(code) {
                Some(code) => app.store.invitation_preview(&code).await.map(|preview| {
                    AuthPage::Join { path: path.to_owned(), groups: preview.groups, signed_in }
                }),
                None => Err(invalid_link().into()),
            },
            Some(_) => return Ok(None),
        };
    match found {
        Ok(page) => Ok(Some(page)),
        Err(AppError::Client(_)) => Ok(Some(AuthPage::InvalidLink)),
        Err(broken) => Err(broken),
    }
}

/// A page without the app, with the input and its errors.
pub(super) async fn auth(
    app: &App,
    headers: &HeaderMap,
    status: StatusCode,
    page: AuthPage,
    form: AuthForm,
) -> Response {
    let workspace = match app.store.workspace().await {
        Ok(workspace) => workspace.name,
        Err(error) => return ChatError::from(error).into_response(),
    };
    let head = AuthHead { file: assets::url, theme: theme(headers), workspace };
    let view = move || ui::pages::auth::document(head.clone(), page.clone(), form.clone());
    render_page("/", status, || {}, view).await
}

async fn workspace(
    app: &App,
    user: CurrentUser,
    path: &str,
    address: &str,
    headers: &HeaderMap,
) -> Response {
    // The first page is the list of conversations, and beside it, where there is room, the one that
    // this browser opened last.
    let open = if path == "/" {
        last_visited(headers)
    } else {
        path.strip_prefix("/c/").and_then(|id| id.parse::<ConversationId>().ok())
    };
    let known = matches!(path, "/admin" | "/settings" | "/search" | "/saved")
        || path.starts_with("/settings/")
        || path.starts_with("/admin/");
    let at = address
        .split_once('?')
        .and_then(|(_, query)| query_value(query, "at"))
        .and_then(|at| at.parse().ok().map(Seq));
    let initial_state =
        match app.initial_state(user.person.clone(), open.map(|open| (open, at))).await {
            // No last conversation, or one of another person.
            Ok(initial_state) if path == "/" && initial_state.page.is_none() => {
                app.initial_state(user.person, Some((app.store.everyone(), at))).await
            }
            other => other,
        };
    match initial_state {
        Ok(initial_state) => {
            let found = known || initial_state.page.is_some();
            let status = if found { StatusCode::OK } else { StatusCode::NOT_FOUND };
            page(address, headers, status, move || provide_context(initial_state.clone())).await
        }
        Err(error) => ChatError::from(error).into_response(),
    }
}

fn cookie<'h>(headers: &'h HeaderMap, begins: &str) -> Option<&'h str> {
    let cookies = headers.get(header::COOKIE)?.to_str().ok()?;
    cookies.split(';').find_map(|cookie| cookie.trim().strip_prefix(begins))
}

fn last_visited(headers: &HeaderMap) -> Option<ConversationId> {
    cookie(headers, LAST_VISITED)?.parse().ok()
}

async fn page(
    address: &str,
    headers: &HeaderMap,
    status: StatusCode,
    context: impl Fn() + Clone + Send + Sync + 'static,
) -> Response {
    let head = Head { file: assets::url, theme: theme(headers), needs_lazy: needs_lazy(address) };
    render_page(address, status, context, move || ui::shell::shell(head.clone())).await
}

/// The theme of this browser: `system`, `light` or `dark`.
fn theme(headers: &HeaderMap) -> String {
    cookie(headers, "theme=")
        .filter(|theme| matches!(*theme, "light" | "dark"))
        .unwrap_or("system")
        .to_owned()
}

async fn render_page<V: IntoView + 'static>(
    address: &str,
    status: StatusCode,
    context: impl Fn() + Clone + Send + Sync + 'static,
    view: impl Fn() -> V + Clone + Send + Sync + 'static,
) -> Response {
    let with = move || {
        context();
        if let (Some(nonce), Some(options)) = (use_nonce(), use_context::<ResponseOptions>()) {
            let policy = format!(
                "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' \
                 'wasm-unsafe-eval'; connect-src 'self'{reload}; img-src 'self' blob:; \
                 media-src 'self'; style-src 'self'; font-src 'self'; manifest-src 'self'; \
                 base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
                reload = if cfg!(debug_assertions) { " ws://127.0.0.1:3001" } else { "" }
            );
            if let Ok(policy) = HeaderValue::from_str(&policy) {
                options.insert_header(header::CONTENT_SECURITY_POLICY, policy);
            }
        }
    };
    // The address decides what is rendered; a failed form is rendered like a page.
    let Ok(request) = Request::builder().uri(address).body(Body::empty()) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let handler = leptos_axum::render_app_async_with_context(with, view);
    let mut response = handler(request).await;
    if response.status() == StatusCode::OK {
        *response.status_mut() = status;
    }
    response
}

/// Whether the first frame may show lazy views (`ui/lazy.rs`). A false positive costs a moment;
/// after a false negative the page cannot be hydrated.
fn needs_lazy(address: &str) -> bool {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let plain = query.is_empty() || query.starts_with("at=") && !query.contains('&');
    !(plain && (path == "/" || path.starts_with("/c/")))
}

fn see_other(to: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, to.to_owned())]).into_response()
}

impl App {
    /// The initial state of a page: the snapshot, and a page of the conversation it opens.
    ///
    /// # Errors
    /// That it could not be read.
    pub async fn initial_state(
        &self,
        person: crate::domain::Person,
        open: Option<(ConversationId, Option<Seq>)>,
    ) -> Result<InitialState, crate::server::error::AppError> {
        let (mut snapshot, page) = self.store.snapshot(person, open, HistoryPage::SIZE).await?;
        (snapshot.online, snapshot.idle) = self.hub.online();
        snapshot.file_limit = self.config.file_limit_bytes();
        Ok(InitialState { snapshot, page: open.map(|(conversation, _)| conversation).zip(page) })
    }
}
