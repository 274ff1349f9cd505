//! Values embedded in the rendered page and read again during hydration.

use codee::{Decoder, Encoder};
use leptos::prelude::SharedValue;
use serde::{Serialize, de::DeserializeOwned};

use crate::protocol::codec;

/// On the server the value of `initial`; on the client the embedded value.
pub fn hydrated_value<T: Serialize + DeserializeOwned + 'static>(initial: impl FnOnce() -> T) -> T {
    SharedValue::<T, Json>::new_with_encoding(initial).into_inner()
}

/// The framework's JSON decoder would add a second deserializer of every type to the Wasm.
struct Json;

impl<T: Serialize> Encoder<T> for Json {
    type Error = String;
    type Encoded = String;
    fn encode(value: &T) -> Result<String, String> {
        codec::encode_json(value)
    }
}

impl<T: DeserializeOwned> Decoder<T> for Json {
    type Error = String;
    type Encoded = str;
    fn decode(text: &str) -> Result<T, String> {
        codec::decode_json(text)
    }
}
