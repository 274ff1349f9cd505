//! The current user: the person and session behind a request's cookie.

use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::{HeaderMap, HeaderValue, header, request::Parts},
};
use leptos::prelude::use_context;

use super::{Token, local_request};
use crate::{
    domain::{
        ChatError, ConversationId, FileId, Person, PersonId, Seq,
        conversation::MAX_MEMBERS_PER_REQUEST, file::MAX_FILES,
    },
    protocol::PERSON_HEADER,
    server::{
        App,
        store::{Actor, MessageTarget, SESSION_LIFETIME, TokenHash},
    },
};

/// A person with a session.
#[derive(Clone, Debug)]
pub struct CurrentUser {
    /// The person.
    pub person: Person,
    /// The session.
    pub session: TokenHash,
}

impl CurrentUser {
    /// The user as the actor of a change.
    #[must_use]
    pub const fn actor(&self) -> Actor {
        Actor { person: self.person.id, session: Some(self.session) }
    }

    /// The user of the session in these headers.
    ///
    /// # Errors
    /// `no_session` when there is none.
    pub async fn from_headers(app: &App, headers: &HeaderMap) -> Result<Self, ChatError> {
        let session = token(app, headers)?.hash();
        let person = app.store.session(&session).await?.ok_or_else(ChatError::no_session)?;
        Ok(Self { person, session })
    }

    /// Inside a server function: the app, and the current user if there is a session.
    ///
    /// # Errors
    /// `no_session` without a session; `too_many` beyond the rate limit.
    pub fn require_user() -> Result<(App, Self), ChatError> {
        let (app, user) = Self::from_context()?;
        let user = user.ok_or_else(ChatError::no_session)?;
        app.limits.call(user.person.id)?;
        Ok((app, user))
    }

    /// Inside a server function: the app, and the current user if there is a session.
    ///
    /// # Errors
    /// `internal` outside of a request.
    pub fn from_context() -> Result<(App, Option<Self>), ChatError> {
        let app = use_context::<App>().ok_or_else(ChatError::internal)?;
        let user = use_context::<Parts>().and_then(|parts| parts.extensions.get::<Self>().cloned());
        Ok((app, user))
    }
}

/// Adds the current user to the request. A request that was made for another person gets none: it
/// comes from a page that was loaded before this person signed in.
pub async fn authenticate(
    app: &App,
    mut request: axum::extract::Request,
) -> axum::extract::Request {
    if let Ok(user) = CurrentUser::from_headers(app, request.headers()).await {
        request.extensions_mut().insert(CookieSession(user.session));
        let expected_person =
            request.headers().get(PERSON_HEADER).map(|value| value.to_str().unwrap_or_default());
        if expected_person.is_none_or(|person| person.parse() == Ok(user.person.id)) {
            request.extensions_mut().insert(user);
        }
    }
    request
}

/// The session of a request's cookie, also where the request was made for another person: signing
/// in replaces it.
#[derive(Clone, Copy)]
struct CookieSession(TokenHash);

impl<S: Sync> OptionalFromRequestParts<S> for CurrentUser {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Self::Rejection> {
        Ok(parts.extensions.get::<Self>().cloned())
    }
}

impl<S: Sync> FromRequestParts<S> for CurrentUser {
    type Rejection = ChatError;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ChatError> {
        parts.extensions.get::<Self>().cloned().ok_or_else(ChatError::no_session)
    }
}

/// The cookie's name. The prefix `__Host-` binds it to this host over HTTPS; browsers reject it
/// over plain HTTP.
fn cookie_name(app: &App) -> &'static str {
    if app.config.is_https() { "__Host-chatbox" } else { "chatbox" }
}

fn token(app: &App, headers: &HeaderMap) -> Result<Token, ChatError> {
    let name = cookie_name(app);
    let cookies = headers
        .get_all(header::COOKIE)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'));
    let value = cookies
        .filter_map(|session_cookie| session_cookie.trim().split_once('='))
        .find(|(key, _)| *key == name);
    Token::from_cookie(value.ok_or_else(ChatError::no_session)?.1)
}

/// The `Set-Cookie` header that sets or clears the session.
#[must_use]
pub fn session_cookie(app: &App, token: Option<&Token>) -> HeaderValue {
    let (name, secure) = (cookie_name(app), if app.config.is_https() { "; Secure" } else { "" });
    let (value, age) = token.map_or(("", 0), |token| (token.reveal(), SESSION_LIFETIME / 1000));
    HeaderValue::from_str(&format!(
        "{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}"
    ))
    .unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// Inside a server function: sets or clears the session cookie.
pub fn set_session_cookie(app: &App, token: Option<&Token>) {
    if let Some(options) = use_context::<leptos_axum::ResponseOptions>() {
        options.insert_header(header::SET_COOKIE, session_cookie(app, token));
    }
}

/// The browser of a sign-in.
pub struct ClientInfo {
    /// Its `User-Agent`.
    pub user_agent: String,
    /// The session that it had until now.
    pub session: Option<TokenHash>,
    /// Whether the request came from this machine, without a proxy.
    pub is_local: bool,
}

impl ClientInfo {
    /// The client that sent this request.
    #[must_use]
    pub fn of(parts: &Parts) -> Self {
        let user_agent = parts
            .headers
            .get(header::USER_AGENT)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("unknown")
            .to_owned();
        Self {
            user_agent,
            session: parts.extensions.get::<CookieSession>().map(|session_cookie| session_cookie.0),
            is_local: local_request::is_local(parts),
        }
    }

    /// Inside a server function: the client that sent the request.
    ///
    /// # Errors
    /// `internal` outside of a request.
    pub fn from_context() -> Result<Self, ChatError> {
        use_context::<Parts>().map(|parts| Self::of(&parts)).ok_or_else(ChatError::internal)
    }
}

/// Parses a list of person IDs.
///
/// # Errors
/// `invalid` at `field`, when one is not an ID or there are too many.
pub fn parse_person_ids(field: &str, ids: &[String]) -> Result<Vec<PersonId>, ChatError> {
    if ids.len() > MAX_MEMBERS_PER_REQUEST {
        return Err(ChatError::invalid(
            field,
            format!("You can add up to {MAX_MEMBERS_PER_REQUEST} people at once."),
        ));
    }
    ids.iter().map(|id| PersonId::parse(id).map_err(|error| error.at(field))).collect()
}

/// Parses the file IDs of a message.
///
/// # Errors
/// `invalid` at `files`, when one is not an ID, one is repeated, or there are too many.
pub fn parse_file_ids(ids: &[String]) -> Result<Vec<FileId>, ChatError> {
    if ids.len() > MAX_FILES {
        return Err(ChatError::invalid(
            "files",
            format!("A message can have up to {MAX_FILES} files."),
        ));
    }
    let ids: Vec<FileId> = ids
        .iter()
        .map(|id| FileId::parse(id).map_err(|error| error.at("files")))
        .collect::<Result<_, _>>()?;
    let has_duplicates = ids.iter().enumerate().any(|(n, id)| ids[..n].contains(id));
    if has_duplicates {
        Err(ChatError::invalid("files", "A message can have each file only once."))
    } else {
        Ok(ids)
    }
}

/// Inside a server function about a message: the app, and the target message with the current user.
///
/// # Errors
/// As [`CurrentUser::require_user`]; `invalid` at `conversation`.
pub fn message_target(conversation: &str, message: Seq) -> Result<(App, MessageTarget), ChatError> {
    let (app, user) = CurrentUser::require_user()?;
    Ok((
        app,
        MessageTarget {
            by: user.person.id,
            conversation: ConversationId::parse(conversation)?,
            message,
        },
    ))
}
