//! JSON-RPC transport of the server functions. All share one client path, and every request names
//! its user: a tab loaded before another user signed in would otherwise act with the new user's
//! cookie.

use std::{
    pin::Pin,
    sync::{Arc, OnceLock},
};

use leptos::{
    prelude::use_context,
    server_fn::{
        Http, Protocol,
        client::{Client, browser::BrowserClient},
        codec::Json,
        error::{FromServerFnError, ServerFnErrorErr},
        request::{ClientReq, browser::BrowserRequest},
        response::ClientRes,
        server::Server,
    },
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    domain::{ChatError, PersonId},
    protocol::{PERSON_HEADER, codec},
};

/// The user of this page, fixed for its life. Never set on the server.
static PERSON: OnceLock<String> = OnceLock::new();

/// Sets the user of all further requests of this page.
pub fn set_person(person: PersonId) {
    let _ = PERSON.set(person.to_string());
}

/// Carries the error of a server function to the code that mounts it, which provides the slot as
/// context. The framework passes on only a body, with the status 500 for every error.
#[derive(Clone, Default)]
pub struct ErrorSlot(Arc<OnceLock<ChatError>>);

impl ErrorSlot {
    /// The error, after the function was called.
    #[must_use]
    pub fn get(&self) -> Option<ChatError> {
        self.0.get().cloned()
    }
}

/// On the server the framework's `Http<Json, Json>`. On the client that would be compiled once per
/// function; here a function adds only the serializer of its arguments and the deserializer of its
/// result.
pub struct JsonRpc;

impl<Input, Output, C, S> Protocol<Input, Output, C, S, ChatError> for JsonRpc
where
    Http<Json, Json>: Protocol<Input, Output, C, S, ChatError>,
    C: Client<ChatError>,
    S: Server<ChatError>,
    Input: Serialize,
    Output: DeserializeOwned + Send,
{
    const METHOD: http::Method = http::Method::POST;

    fn run_server<F, Fut>(
        request: S::Request,
        function: F,
    ) -> impl Future<Output = Result<S::Response, ChatError>> + Send
    where
        F: Fn(Input) -> Fut + Send,
        Fut: Future<Output = Result<Output, ChatError>> + Send,
    {
        let response = <Http<Json, Json> as Protocol<Input, Output, C, S, ChatError>>::run_server(
            request, function,
        );
        async move {
            response.await.inspect_err(|error| {
                if let Some(slot) = use_context::<ErrorSlot>() {
                    let _ = slot.0.set(error.clone());
                }
            })
        }
    }

    fn run_client(
        path: &str,
        input: Input,
    ) -> impl Future<Output = Result<Output, ChatError>> + Send {
        let sent = codec::encode_json(&input).map(|body| send(path.to_owned(), body));
        async move {
            let answer = sent.map_err(unreadable)?.await?;
            codec::decode_json(&answer).map_err(unreadable)
        }
    }
}

type Answer = Pin<Box<dyn Future<Output = Result<String, ChatError>> + Send>>;

fn send(path: String, body: String) -> Answer {
    const JSON: &str = "application/json";
    Box::pin(async move {
        let request: BrowserRequest =
            ClientReq::<ChatError>::try_new_post(&path, JSON, JSON, body)?;
        if let Some(person) = PERSON.get() {
            request.headers().set(PERSON_HEADER, person);
        }
        let response = <BrowserClient as Client<ChatError>>::send(request).await?;
        let status = ClientRes::<ChatError>::status(&response);
        let text: String = ClientRes::<ChatError>::try_into_string(response).await?;
        if status < 400 {
            Ok(text)
        } else {
            Err(codec::decode_json(&text).unwrap_or_else(unreadable))
        }
    })
}

fn unreadable(words: String) -> ChatError {
    ChatError::from_server_fn_error(ServerFnErrorErr::Response(words))
}
