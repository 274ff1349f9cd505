//! Times in the user's time zone and language.

use std::cell::RefCell;

use wasm_bindgen::JsValue;

use crate::domain::time::{MINUTE, Millis};

/// Options of `Intl.DateTimeFormat`, by name.
pub type DateFormat = &'static [(&'static str, &'static str)];

thread_local! {
    /// Formatters by format: creating one takes ten times as long as using it.
    static FORMATTERS: RefCell<Vec<(DateFormat, js_sys::Function)>> =
        const { RefCell::new(Vec::new()) };
}

/// Start of a day in local time, from the value of a date field (`2026-01-31`).
#[must_use]
pub fn start_of_day(day: &str) -> Option<Millis> {
    let at = js_sys::Date::new(&format!("{day}T00:00").into()).get_time();
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds fit for 280,000 years")]
    at.is_finite().then_some(at as Millis)
}

/// A time in the user's time zone and language.
#[must_use]
pub fn local_time(at: Millis, format: DateFormat) -> String {
    let known = FORMATTERS.with_borrow(|known| {
        known.iter().find(|(of, _)| *of == format).map(|(_, write)| write.clone())
    });
    let write = known.unwrap_or_else(|| {
        let wish = js_sys::Object::new();
        for (name, value) in format {
            let _ =
                js_sys::Reflect::set(&wish, &JsValue::from_str(name), &JsValue::from_str(value));
        }
        let write = js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &wish).format();
        FORMATTERS.with_borrow_mut(|known| known.push((format, write.clone())));
        write
    });
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds are exact in a double for 280,000 years"
    )]
    let at = JsValue::from_f64(at as f64);
    write
        .call1(&JsValue::UNDEFINED, &at)
        .ok()
        .and_then(|written| written.as_string())
        .unwrap_or_default()
}

/// Drops the formatters, so that a changed time zone takes effect.
pub fn reset_time_zone() {
    FORMATTERS.with_borrow_mut(Vec::clear);
}

/// Offset of local time from UTC at a time, in milliseconds.
#[must_use]
pub fn utc_offset(at: Millis) -> Millis {
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds are exact in a double for 280,000 years"
    )]
    let date = js_sys::Date::new(&JsValue::from_f64(at as f64));
    #[expect(clippy::cast_possible_truncation, reason = "an offset is at most a day")]
    let minutes = date.get_timezone_offset() as Millis;
    -minutes * MINUTE
}
