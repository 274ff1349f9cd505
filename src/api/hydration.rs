//! What a rendered page carries along: the server's value, read again by the browser when the page wakes up.

use codee::{Decoder, Encoder};
use leptos::prelude::SharedValue;
use serde::{Serialize, de::DeserializeOwned};

use crate::protocol::codec;

/// On the server the value of `initial`; in the browser what the server had.
pub fn hydrated_value<T: Serialize + DeserializeOwned + 'static>(initial: impl FnOnce() -> T) -> T {
    SharedValue::<T, Json>::new_with_encoding(initial).into_inner()
}

/// The framework's own JSON reads from text, and would put a second reader of every type into the Wasm.
struct Json;

impl<T: Serialize> Encoder<T> for Json {
    type Error = String;
    type Encoded = String;
    fn encode(value: &T) -> Result<String, String> {
        codec::write_any(value)
    }
}

impl<T: DeserializeOwned> Decoder<T> for Json {
    type Error = String;
    type Encoded = str;
    fn decode(text: &str) -> Result<T, String> {
        codec::read_any(text)
    }
}
