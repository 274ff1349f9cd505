//! Conversion of the framework's errors into [`ChatError`].

use leptos::{
    prelude::{FromServerFnError, ServerFnErrorErr},
    server_fn::codec::JsonEncoding,
};

use crate::domain::{ChatError, Code};

impl FromServerFnError for ChatError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(value: ServerFnErrorErr) -> Self {
        match value {
            ServerFnErrorErr::Request(_) | ServerFnErrorErr::Response(_) => {
                Self::new(Code::Unreachable, Self::UNREACHABLE)
            }
            ServerFnErrorErr::Args(_)
            | ServerFnErrorErr::MissingArg(_)
            | ServerFnErrorErr::Deserialization(_) => Self::new(
                Code::Malformed,
                "The arguments are missing or malformed. See docs/protocol.md.",
            ),
            _ => Self::internal(),
        }
    }
}
