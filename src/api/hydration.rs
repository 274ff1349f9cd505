//! Values embedded in the rendered page and read again during hydration.

use std::{any::Any, cell::RefCell};

use codee::{Decoder, Encoder};
use leptos::prelude::SharedValue;
use serde::{Serialize, de::DeserializeOwned};

use crate::protocol::codec;

/// On the server the value of `initial`; on the client the embedded value.
pub fn hydrated_value<T: Serialize + DeserializeOwned + 'static>(initial: impl FnOnce() -> T) -> T {
    SharedValue::<T, Json>::new_with_encoding(initial).into_inner()
}

thread_local! {
    /// A value that was decoded before hydration asked for it.
    static DECODED: RefCell<Option<Box<dyn Any>>> = RefCell::default();
}

/// Decodes an embedded value before hydration asks for one of its type. What cannot be decoded is
/// left to hydration, which reports it.
pub fn decode_ahead<T: DeserializeOwned + 'static>(json: &str) {
    if let Ok(value) = codec::decode_json::<T>(json) {
        DECODED.set(Some(Box::new(value)));
    }
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

impl<T: DeserializeOwned + 'static> Decoder<T> for Json {
    type Error = String;
    type Encoded = str;
    fn decode(text: &str) -> Result<T, String> {
        match DECODED.take().map(|value| value.downcast::<T>()) {
            Some(Ok(value)) => Ok(*value),
            _ => codec::decode_json(text),
        }
    }
}
