//! Plain HTML forms: setup, sign-up, sign-in and sign-out, a new password, and joining by an
//! invitation. They need no JavaScript. Errors are shown at their field, with the input kept (except
//! for passwords).

use axum::{
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{
    pages::{self, AuthForm, AuthPage},
    request::{body, media_type},
};
use crate::{
    domain::{ChatError, Code, account::invalid_link, secret_code},
    server::{
        App,
        auth::{
            SetupForm, Token,
            current_user::{self, ClientInfo},
        },
        error::{AppError, error_for},
    },
};

/// The fields of all forms; each uses what it needs.
#[derive(Default, Deserialize)]
#[serde(default)]
struct FormFields {
    username: String,
    display_name: String,
    password: String,
    theme: String,
    next: String,
    invitation: String,
    code: String,
    new: String,
    workspace: String,
    registration: String,
}

/// `POST /sign-up`
pub(super) async fn sign_up(State(app): State<App>, request: Request) -> Response {
    let (parts, fields) = match read(request).await {
        Ok(read) => read,
        Err(error) => return error.into_response(),
    };
    let result = app
        .sign_up(
            &fields.username,
            &fields.display_name,
            fields.password.clone(),
            Some(&fields.invitation),
            &ClientInfo::of(&parts),
        )
        .await;
    answer(&app, &parts.headers, AuthPage::SignUp, fields, result.map(|(_, token)| token)).await
}

/// `POST /setup`
pub(super) async fn set_up(State(app): State<App>, request: Request) -> Response {
    let (parts, fields) = match read(request).await {
        Ok(read) => read,
        Err(error) => return error.into_response(),
    };
    let client = ClientInfo::of(&parts);
    let form = SetupForm {
        workspace: fields.workspace.clone(),
        username: fields.username.clone(),
        display_name: fields.display_name.clone(),
        password: fields.password.clone(),
        registration: fields.registration.clone(),
        code: fields.code.clone(),
    };
    match app.set_up(form, &client).await {
        Ok((_, token)) => {
            redirect("/admin", Some(current_user::session_cookie(&app, Some(&token))))
        }
        Err(error) => {
            let page = AuthPage::Setup { asks_code: !client.is_local };
            rejected(&app, &parts.headers, page, fields, error).await
        }
    }
}

/// `POST /sign-in`
pub(super) async fn sign_in(State(app): State<App>, request: Request) -> Response {
    let (parts, fields) = match read(request).await {
        Ok(read) => read,
        Err(error) => return error.into_response(),
    };
    let result =
        app.sign_in(&fields.username, fields.password.clone(), &ClientInfo::of(&parts)).await;
    answer(&app, &parts.headers, AuthPage::SignIn, fields, result.map(|(_, token)| token)).await
}

/// `POST /recover`
pub(super) async fn recover(State(app): State<App>, request: Request) -> Response {
    let (parts, fields) = match read(request).await {
        Ok(read) => read,
        Err(error) => return error.into_response(),
    };
    let client = ClientInfo::of(&parts);
    let result = app.recover(&fields.username, &fields.code, fields.new.clone(), &client).await;
    answer(&app, &parts.headers, AuthPage::Recover, fields, result.map(|(_, token)| token)).await
}

/// `POST /reset/{code}`
pub(super) async fn reset(
    State(app): State<App>,
    Path(code): Path<String>,
    request: Request,
) -> Response {
    let (parts, fields) = match read(request).await {
        Ok(read) => read,
        Err(error) => return error.into_response(),
    };
    let result = app.reset_password(&code, fields.new.clone(), &ClientInfo::of(&parts)).await;
    let page = page_after(&result, AuthPage::Reset { path: parts.uri.path().to_owned() });
    answer(&app, &parts.headers, page, fields, result.map(|(_, token)| token)).await
}

/// `POST /join/{code}`: joins as the current user, or creates an account.
pub(super) async fn join(
    State(app): State<App>,
    user: Option<current_user::CurrentUser>,
    Path(code): Path<String>,
    request: Request,
) -> Response {
    let (parts, fields) = match read(request).await {
        Ok(read) => read,
        Err(error) => return error.into_response(),
    };
    let client = ClientInfo::of(&parts);
    let page = match pages::auth_page(&app, parts.uri.path(), user.is_some(), &client).await {
        Ok(page) => page.unwrap_or(AuthPage::InvalidLink),
        Err(error) => return ChatError::from(error).into_response(),
    };
    let Some(user) = user else {
        let result = app
            .sign_up(
                &fields.username,
                &fields.display_name,
                fields.password.clone(),
                Some(&code),
                &client,
            )
            .await;
        let page = page_after(&result, page);
        return answer(&app, &parts.headers, page, fields, result.map(|(_, token)| token)).await;
    };
    let joined = match secret_code::normalize(&code) {
        Some(code) => app.store.join_by_invitation(user.person.id, code).await,
        None => Err(invalid_link().into()),
    };
    match joined {
        Ok(()) => redirect("/", None),
        Err(error) => rejected(&app, &parts.headers, page, fields, error).await,
    }
}

/// The page that shows the result: another one if the link does not work.
fn page_after<T>(result: &Result<T, AppError>, page: AuthPage) -> AuthPage {
    match result {
        Err(AppError::Client(error)) if error.code == Code::NotFound => AuthPage::InvalidLink,
        _ => page,
    }
}

/// `POST /sign-out`
pub(super) async fn sign_out(
    State(app): State<App>,
    user: Option<current_user::CurrentUser>,
) -> Response {
    if let Some(user) = user
        && let Err(error) = app.sign_out(&user).await
    {
        return ChatError::from(error).into_response();
    }
    redirect("/sign-in", Some(current_user::session_cookie(&app, None)))
}

/// `POST /theme`: stored in a cookie, so that the first painted frame has it.
pub(super) async fn theme(request: Request) -> Response {
    let (parts, fields) = match read(request).await {
        Ok(read) => read,
        Err(error) => return error.into_response(),
    };
    let headers = parts.headers;
    let theme = if matches!(fields.theme.as_str(), "light" | "dark") {
        fields.theme
    } else {
        "system".to_owned()
    };
    let back = headers
        .get(header::REFERER)
        .and_then(|value| value.to_str().ok())
        .and_then(|from| from.split_once("://")?.1.split_once('/'));
    let back = match back {
        Some((_, path)) if path.starts_with("settings/appearance") => "/settings/appearance",
        Some((_, path)) if path.starts_with("settings") => "/settings",
        _ => "/",
    };
    redirect(
        back,
        HeaderValue::from_str(&format!("theme={theme}; Path=/; SameSite=Lax; Max-Age=31536000"))
            .ok(),
    )
}

/// A form sent to `/api/…`.
pub(super) async fn from_api(app: App, request: Request) -> Response {
    match request.uri().path() {
        "/api/sign_up" => sign_up(State(app), request).await,
        "/api/sign_in" => sign_in(State(app), request).await,
        "/api/sign_out" => {
            let user = request.extensions().get::<current_user::CurrentUser>().cloned();
            sign_out(State(app), user).await
        }
        _ => error_for(StatusCode::UNSUPPORTED_MEDIA_TYPE).into_response(),
    }
}

async fn read(request: Request) -> Result<(Parts, FormFields), ChatError> {
    let (parts, body) = request.into_parts();
    if !media_type::is(&parts.headers, media_type::FORM) {
        return Err(error_for(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let body = body::read_body(body).await?;
    let fields = serde_urlencoded::from_bytes(&body).map_err(|_| {
        ChatError::new(
            Code::Malformed,
            "The form could not be read. Reload the page and try again.",
        )
    })?;
    Ok((parts, fields))
}

async fn answer(
    app: &App,
    headers: &HeaderMap,
    page: AuthPage,
    fields: FormFields,
    result: Result<Token, AppError>,
) -> Response {
    match result {
        Ok(token) => redirect(
            local_path(&fields.next),
            Some(current_user::session_cookie(app, Some(&token))),
        ),
        Err(error) => rejected(app, headers, page, fields, error).await,
    }
}

/// The page again, with the error and what was typed.
async fn rejected(
    app: &App,
    headers: &HeaderMap,
    page: AuthPage,
    fields: FormFields,
    error: AppError,
) -> Response {
    let error = ChatError::from(error);
    let (status, wait) = (error.code.status(), error.retry_after);
    let form = AuthForm {
        username: fields.username,
        display_name: fields.display_name,
        code: fields.code,
        workspace: fields.workspace,
        registration: fields.registration,
        next: fields.next,
        error: Some(error),
    };
    let mut response = pages::auth(app, headers, status, page, form).await;
    if let Some(seconds) = wait {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// The path to go to after signing in: always on this server, whatever the link says.
pub(super) fn local_path(next: &str) -> &str {
    let is_local = next.starts_with('/')
        && !next.starts_with("//")
        && next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if is_local { next } else { "/" }
}

fn redirect(to: &str, cookie: Option<HeaderValue>) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    response.headers_mut().insert(
        header::LOCATION,
        HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/")),
    );
    if let Some(cookie) = cookie {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::local_path;

    #[test]
    fn redirects_stay_on_this_server() {
        assert_eq!(local_path("/c/1?x=2"), "/c/1?x=2");
        for evil in [
            "//evil.tld",
            "/\\evil.tld",
            "https:evil.tld",
            "https://evil.tld",
            "/\tevil",
            "/\r\nX: y",
            "",
            "evil",
        ] {
            assert_eq!(local_path(evil), "/", "{evil:?}");
        }
    }
}
