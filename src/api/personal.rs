//! How the browser asks: every request names the person it is made for. A tab that was loaded before somebody else signed in
//! would otherwise speak with their cookie, in their name.

use std::sync::OnceLock;

use futures::{Sink, Stream};
use leptos::server_fn::{
    Bytes,
    client::{Client, browser::BrowserClient},
    error::FromServerFnError,
    request::browser::BrowserRequest,
    response::browser::BrowserResponse,
};

use crate::{domain::PersonId, protocol::MADE_FOR};

/// One page is one person's, for as long as it lives. Never set in the server.
static PERSON: OnceLock<String> = OnceLock::new();

/// From here on every request of this page is made for this person.
pub fn speak_for(person: PersonId) {
    let _ = PERSON.set(person.to_string());
}

/// The browser's own client, with the name.
pub struct Personal;

impl<E: FromServerFnError, I: FromServerFnError, O: FromServerFnError> Client<E, I, O> for Personal {
    type Request = BrowserRequest;
    type Response = BrowserResponse;

    fn send(request: BrowserRequest) -> impl Future<Output = Result<BrowserResponse, E>> + Send {
        if let Some(person) = PERSON.get() {
            request.headers().set(MADE_FOR, person);
        }
        <BrowserClient as Client<E, I, O>>::send(request)
    }

    fn open_websocket(
        path: &str,
    ) -> impl Future<Output = Result<(impl Stream<Item = Result<Bytes, Bytes>> + Send + 'static, impl Sink<Bytes> + Send + 'static), E>> + Send {
        <BrowserClient as Client<E, I, O>>::open_websocket(path)
    }

    fn spawn(future: impl Future<Output = ()> + Send + 'static) {
        <BrowserClient as Client<E, I, O>>::spawn(future);
    }
}
