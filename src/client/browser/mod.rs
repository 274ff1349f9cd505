//! Browser APIs: time, visibility, network, storage, clipboard. Called in effects and handlers
//! only, never while rendering.

pub(super) mod indexed_db;
mod local_time;
pub(super) mod session_storage;
pub(super) mod storage;

use futures::future::select;
use gloo_timers::future::TimeoutFuture;
use leptos::{ev, prelude::*};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    BroadcastChannel, Headers, HtmlDocument, HtmlElement, HtmlTextAreaElement, KeyboardEvent,
    MessageEvent, RequestInit,
};

use crate::{
    domain::{ClientId, Millis},
    protocol::PERSON_HEADER,
};

pub use local_time::{DateFormat, local_time, reset_time_zone, start_of_day, utc_offset};

/// The current time.
#[must_use]
pub fn now() -> Millis {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds fit for 280,000 years")]
    let now = js_sys::Date::now() as Millis;
    now
}

/// A new client id for a message.
#[must_use]
pub fn client_id() -> ClientId {
    ClientId(uuid::Uuid::new_v4())
}

/// A random number from 0 to 1.
#[must_use]
pub fn random() -> f64 {
    js_sys::Math::random()
}

/// Waits some milliseconds.
pub async fn sleep(millis: u32) {
    TimeoutFuture::new(millis).await;
}

/// Waits until a web font is loaded, named as in CSS (`1em Name`), for at most `millis`.
pub async fn load_font(css: &str, millis: u32) {
    let font = JsFuture::from(document().fonts().load(css));
    // Without it the system font is used.
    let _ = select(font, TimeoutFuture::new(millis)).await;
}

/// Whether a key press belongs to an input method. Safari ends the composition before it reports
/// the confirming key: that event has `isComposing` false, and only the key code tells.
#[must_use]
pub fn is_composing(event: &KeyboardEvent) -> bool {
    const PROCESSED: u32 = 229;
    event.is_composing() || event.key_code() == PROCESSED
}

/// Whether the browser reports a network.
#[must_use]
pub fn has_network() -> bool {
    window().navigator().on_line()
}

/// Whether shortcuts use Apple's key names.
#[must_use]
pub fn is_mac() -> bool {
    window()
        .navigator()
        .platform()
        .is_ok_and(|platform| platform.starts_with("Mac") || platform.starts_with("iP"))
}

/// Whether the page is visible.
#[must_use]
pub fn is_visible() -> bool {
    document().visibility_state() == web_sys::VisibilityState::Visible
}

/// Whether the page is visible and focused.
#[must_use]
pub fn is_focused() -> bool {
    is_visible() && document().has_focus().unwrap_or(true)
}

/// Whether the main input is touch: no keyboard may open by itself, and Enter breaks the line.
#[must_use]
pub fn is_touch() -> bool {
    window().match_media("(pointer: coarse)").ok().flatten().is_some_and(|query| query.matches())
}

/// Calls back when the page may have slept, the network changed, or the page was focused again.
pub fn on_wake(call: impl Fn() + Clone + 'static) {
    for event in ["online", "offline", "focus", "pageshow"] {
        let call = call.clone();
        // The workspace lives as long as the page, so the listeners are never removed.
        let _ = window_event_listener_untyped(event, move |_| call());
    }
    let _ =
        leptos::leptos_dom::helpers::window_event_listener(ev::visibilitychange, move |_| call());
}

/// URL of the WebSocket.
#[must_use]
pub fn socket_address() -> String {
    let location = window().location();
    let scheme =
        if location.protocol().is_ok_and(|protocol| protocol == "https:") { "wss" } else { "ws" };
    format!("{scheme}://{}/ws", location.host().unwrap_or_default())
}

/// Replaces this page with another page of the server.
pub fn replace_location(address: &str) {
    let _ = window().location().replace(address);
}

/// The time zone of this device, as an IANA name; empty if it is not known.
#[must_use]
pub fn time_zone() -> String {
    let options = js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new())
        .resolved_options();
    js_sys::Reflect::get(&options, &"timeZone".into())
        .ok()
        .and_then(|name| name.as_string())
        .unwrap_or_default()
}

/// Prints the page.
pub fn print() {
    let _ = window().print();
}

/// The address of a path of this site.
#[must_use]
pub fn address_of(path: &str) -> String {
    window().location().origin().unwrap_or_default() + path
}

/// A value of local storage.
#[must_use]
pub fn local_storage_get(name: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(name).ok()?
}

/// Sets a value of local storage, if it is available.
pub fn local_storage_set(name: &str, value: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(name, value);
    }
}

/// Sets a cookie.
pub fn set_cookie(cookie: &str) {
    if let Ok(page) = document().dyn_into::<HtmlDocument>() {
        let _ = page.set_cookie(cookie);
    }
}

/// The value of a cookie, found by its prefix.
#[must_use]
pub fn cookie(begins: &str) -> Option<String> {
    let cookies = document().dyn_into::<HtmlDocument>().ok()?.cookie().ok()?;
    cookies.split("; ").find_map(|cookie| cookie.strip_prefix(begins)).map(str::to_owned)
}

/// Whether the layout shows one pane at a time.
#[must_use]
pub fn is_narrow() -> bool {
    window().match_media("(width <= 700px)").ok().flatten().is_some_and(|query| query.matches())
}

/// Fetches a text from this server.
pub async fn fetch_text(address: &str) -> Option<String> {
    let answer = JsFuture::from(window().fetch_with_str(address))
        .await
        .ok()?
        .dyn_into::<web_sys::Response>()
        .ok()?;
    let text = answer.text().ok().filter(|_| answer.ok())?;
    JsFuture::from(text).await.ok()?.as_string()
}

/// Uploads bytes to this server as this user. Returns the status and body, if there is a response.
pub async fn put_bytes(address: &str, bytes: &JsValue, person: &str) -> Option<(u16, String)> {
    let (how, headers) = (RequestInit::new(), Headers::new().ok()?);
    headers.set("content-type", "application/octet-stream").ok()?;
    headers.set(PERSON_HEADER, person).ok()?;
    how.set_method("PUT");
    how.set_headers(&headers);
    how.set_body(bytes);
    let answer = JsFuture::from(window().fetch_with_str_and_init(address, &how))
        .await
        .ok()?
        .dyn_into::<web_sys::Response>()
        .ok()?;
    let text = JsFuture::from(answer.text().ok()?).await.ok()?;
    Some((answer.status(), text.as_string()?))
}

/// Dimensions of an image in pixels; `None` if the browser cannot decode it.
pub async fn image_size(address: &str) -> Option<(u32, u32)> {
    let image = web_sys::HtmlImageElement::new().ok()?;
    image.set_src(address);
    JsFuture::from(image.decode()).await.ok()?;
    Some((image.natural_width(), image.natural_height()))
        .filter(|(width, height)| *width > 0 && *height > 0)
}

/// A name without case and accents, for matching.
#[must_use]
pub fn fold_name(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    let taken_apart = String::from(js_sys::JsString::from(name.to_lowercase()).normalize("NFD"));
    let letters = taken_apart.chars().filter(|c| !matches!(c, '\u{300}'..='\u{36f}'));
    // Letters that do not decompose.
    letters
        .map(|c| match c {
            'ø' => 'o',
            'ł' => 'l',
            'đ' => 'd',
            'ß' => 's',
            'ı' => 'i',
            other => other,
        })
        .collect()
}

/// Opens a broadcast channel for the life of the page. `None` if the browser has none.
#[must_use]
pub fn open_channel(name: &str, hear: impl Fn(&str) + 'static) -> Option<BroadcastChannel> {
    let channel = BroadcastChannel::new(name).ok()?;
    let listen = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        if let Some(text) = event.data().as_string() {
            hear(&text);
        }
    });
    channel.set_onmessage(Some(listen.as_ref().unchecked_ref()));
    listen.forget();
    Some(channel)
}

/// Posts to the other tabs on a channel.
pub fn post_message(channel: &BroadcastChannel, text: &str) {
    // Fails only while the page unloads.
    let _ = channel.post_message(&JsValue::from_str(text));
}

/// Reloads this page.
pub fn reload() {
    let _ = window().location().reload();
}

/// Copies text to the clipboard; returns whether it succeeded. Uses `execCommand`: the clipboard
/// API is missing on plain HTTP.
pub fn copy_text(text: &str) -> bool {
    let Some((page, body)) = document().dyn_into::<HtmlDocument>().ok().zip(document().body())
    else {
        return false;
    };
    let Ok(Ok(field)) =
        document().create_element("textarea").map(JsCast::dyn_into::<HtmlTextAreaElement>)
    else {
        return false;
    };
    let before = page.active_element().and_then(|element| element.dyn_into::<HtmlElement>().ok());
    field.set_value(text);
    field.set_class_name("hidden");
    // Outside of a modal dialog it could not be selected.
    let dialog = page.query_selector("dialog:modal").ok().flatten();
    let parent = dialog.unwrap_or_else(|| body.into());
    let copied = parent.append_child(&field).is_ok() && {
        field.select();
        page.active_element().is_some_and(|active| active.is_same_node(Some(&field)))
            && page.exec_command("copy").unwrap_or(false)
    };
    field.remove();
    if let Some(before) = before {
        let _ = before.focus();
    }
    copied
}

/// Inserts text at the selection of the focused field, in the only way that keeps the undo stack;
/// it also fires `input`. Empty text deletes the selection, or the character before the caret.
pub fn insert_text(text: &str) {
    if let Ok(page) = document().dyn_into::<HtmlDocument>() {
        let command = if text.is_empty() { "delete" } else { "insertText" };
        let _ = page.exec_command_with_show_ui_and_value(command, false, text);
    }
}

/// A path of this site as an absolute URL.
#[must_use]
pub fn absolute_url(path: &str) -> String {
    format!("{}{path}", window().location().origin().unwrap_or_default())
}

/// Sets an attribute of `<body>`, for tests and styles.
pub fn set_body_attribute(name: &str, value: &str) {
    if let Some(body) = document().body() {
        let _ = body.set_attribute(name, value);
    }
}

/// Sets the favicon. The browser would load it again if it were set to what it is.
pub fn set_icon(address: &str) {
    if let Ok(Some(icon)) = document().query_selector("link[rel=icon]")
        && icon.get_attribute("href").as_deref() != Some(address)
    {
        let _ = icon.set_attribute("href", address);
    }
}
