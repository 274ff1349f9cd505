//! The browser itself: time, visibility, network, and ids. Only called in effects and handlers, never while rendering.

pub(super) mod idle;
pub(super) mod indexed_db;
pub(super) mod session_storage;

use std::cell::RefCell;

use futures::future::select;
use gloo_timers::future::TimeoutFuture;
use leptos::{ev, prelude::*};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{BroadcastChannel, Headers, HtmlDocument, HtmlElement, HtmlTextAreaElement, KeyboardEvent, MessageEvent, RequestInit};

use crate::{
    domain::{ClientId, Millis},
    protocol::MADE_FOR,
};

/// Now.
#[must_use]
pub fn now() -> Millis {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds fit for 280,000 years")]
    let now = js_sys::Date::now() as Millis;
    now
}

/// A new id for a message.
#[must_use]
pub fn client_id() -> ClientId {
    ClientId(uuid::Uuid::new_v4())
}

/// A random number from 0 to 1.
#[must_use]
pub fn random() -> f64 {
    js_sys::Math::random()
}

/// Waits so many milliseconds.
pub async fn sleep(millis: u32) {
    TimeoutFuture::new(millis).await;
}

/// Waits until this font of a style sheet is there, as CSS names it (`1em Name`), at most so many milliseconds.
pub async fn load_font(css: &str, millis: u32) {
    let font = JsFuture::from(document().fonts().load(css));
    // One that does not come leaves the machine's own.
    let _ = select(font, TimeoutFuture::new(millis)).await;
}

/// The moment at which a day begins here, from how a field for days writes it (`2026-01-31`).
#[must_use]
pub fn start_of_day(day: &str) -> Option<Millis> {
    let at = js_sys::Date::new(&format!("{day}T00:00").into()).get_time();
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds fit for 280,000 years")]
    at.is_finite().then_some(at as Millis)
}

/// Whether a key press belongs to an input method. Safari ends the composition before it reports the key that confirmed it: that
/// press has `isComposing` false, and only its code tells.
#[must_use]
pub fn is_composing(event: &KeyboardEvent) -> bool {
    const PROCESSED: u32 = 229;
    event.is_composing() || event.key_code() == PROCESSED
}

/// Whether the browser believes that there is a network.
#[must_use]
pub fn has_network() -> bool {
    window().navigator().on_line()
}

/// Whether keys have the names that Apple gives them.
#[must_use]
pub fn is_mac() -> bool {
    window().navigator().platform().is_ok_and(|platform| platform.starts_with("Mac") || platform.starts_with("iP"))
}

/// Whether a person can see this page now.
#[must_use]
pub fn is_visible() -> bool {
    document().visibility_state() == web_sys::VisibilityState::Visible
}

/// Whether a person can see this page now and works in it.
#[must_use]
pub fn is_focused() -> bool {
    is_visible() && document().has_focus().unwrap_or(true)
}

/// Whether one works by touching: there the keyboard does not jump up by itself, and Enter breaks the line.
#[must_use]
pub fn is_touch() -> bool {
    window().match_media("(pointer: coarse)").ok().flatten().is_some_and(|query| query.matches())
}

/// Calls back when the page may have slept, or the network came or went, or the page was looked at again.
pub fn on_wake(call: impl Fn() + Clone + 'static) {
    for event in ["online", "offline", "focus", "pageshow"] {
        let call = call.clone();
        // The workspace lives as long as the page: nothing is to be taken away again.
        let _ = window_event_listener_untyped(event, move |_| call());
    }
    let _ = leptos::leptos_dom::helpers::window_event_listener(ev::visibilitychange, move |_| call());
}

/// The address of the socket.
#[must_use]
pub fn socket_address() -> String {
    let location = window().location();
    let scheme = if location.protocol().is_ok_and(|protocol| protocol == "https:") { "wss" } else { "ws" };
    format!("{scheme}://{}/ws", location.host().unwrap_or_default())
}

/// Goes to another page of the server, for good.
pub fn replace_location(address: &str) {
    let _ = window().location().replace(address);
}

/// Asks for this address again, also where the page is the answer to a form.
pub fn reload_as_get() {
    if let Ok(address) = window().location().href() {
        replace_location(&address);
    }
}

/// What this browser keeps under a name, over the end of the page.
#[must_use]
pub fn local_storage_get(name: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(name).ok()?
}

/// Keeps something under a name; where the browser keeps nothing, so does this.
pub fn local_storage_set(name: &str, value: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(name, value);
    }
}

/// Keeps a cookie, which the server is sent with each page.
pub fn set_cookie(cookie: &str) {
    if let Ok(page) = document().dyn_into::<HtmlDocument>() {
        let _ = page.set_cookie(cookie);
    }
}

/// The value of a cookie, by how it begins.
#[must_use]
pub fn cookie(begins: &str) -> Option<String> {
    let cookies = document().dyn_into::<HtmlDocument>().ok()?.cookie().ok()?;
    cookies.split("; ").find_map(|cookie| cookie.strip_prefix(begins)).map(str::to_owned)
}

/// Whether one pane is shown at a time, as on a phone.
#[must_use]
pub fn is_narrow() -> bool {
    window().match_media("(width <= 700px)").ok().flatten().is_some_and(|query| query.matches())
}

/// A text of our own server, if it comes.
pub async fn fetch_text(address: &str) -> Option<String> {
    let answer = JsFuture::from(window().fetch_with_str(address)).await.ok()?.dyn_into::<web_sys::Response>().ok()?;
    let text = answer.text().ok().filter(|_| answer.ok())?;
    JsFuture::from(text).await.ok()?.as_string()
}

/// Puts bytes at an address of our own server, for this person; its status and its words, if it answers.
pub async fn put_bytes(address: &str, bytes: &JsValue, person: &str) -> Option<(u16, String)> {
    let (how, headers) = (RequestInit::new(), Headers::new().ok()?);
    headers.set("content-type", "application/octet-stream").ok()?;
    headers.set(MADE_FOR, person).ok()?;
    how.set_method("PUT");
    how.set_headers(&headers);
    how.set_body(bytes);
    let answer = JsFuture::from(window().fetch_with_str_and_init(address, &how)).await.ok()?.dyn_into::<web_sys::Response>().ok()?;
    let text = JsFuture::from(answer.text().ok()?).await.ok()?;
    Some((answer.status(), text.as_string()?))
}

/// How large a picture is when it is looked at, in pixels. `None`: the browser cannot read it.
pub async fn image_size(address: &str) -> Option<(u32, u32)> {
    let image = web_sys::HtmlImageElement::new().ok()?;
    image.set_src(address);
    JsFuture::from(image.decode()).await.ok()?;
    Some((image.natural_width(), image.natural_height())).filter(|(width, height)| *width > 0 && *height > 0)
}

/// A name without case and accents, so that it is found by whoever cannot type them.
#[must_use]
pub fn fold_name(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    let taken_apart = String::from(js_sys::JsString::from(name.to_lowercase()).normalize("NFD"));
    let letters = taken_apart.chars().filter(|c| !matches!(c, '\u{300}'..='\u{36f}'));
    // These are letters of their own, and no accent can be taken off.
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

/// Listens to the other tabs of this browser, for as long as the page lives. `None` where there is no such thing.
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

/// Tells the other tabs on a channel.
pub fn post_message(channel: &BroadcastChannel, text: &str) {
    // It fails only while the page is being left.
    let _ = channel.post_message(&JsValue::from_str(text));
}

/// Loads this page anew.
pub fn reload() {
    let _ = window().location().reload();
}

/// Puts text where it can be pasted from; whether it is there. By the old way: the new one is missing by plain http on a network.
pub fn copy_text(text: &str) -> bool {
    let Some((page, body)) = document().dyn_into::<HtmlDocument>().ok().zip(document().body()) else { return false };
    let Ok(Ok(field)) = document().create_element("textarea").map(JsCast::dyn_into::<HtmlTextAreaElement>) else { return false };
    let before = page.active_element().and_then(|element| element.dyn_into::<HtmlElement>().ok());
    field.set_value(text);
    field.set_class_name("hidden");
    let copied = body.append_child(&field).is_ok() && {
        field.select();
        page.exec_command("copy").unwrap_or(false)
    };
    field.remove();
    if let Some(before) = before {
        let _ = before.focus();
    }
    copied
}

/// Puts text in the place of what is selected in the field that has the focus, by the only way that the browser can undo; it also
/// says that something was typed. No text takes away what is selected, or what stands before the caret.
pub fn insert_text(text: &str) {
    if let Ok(page) = document().dyn_into::<HtmlDocument>() {
        let command = if text.is_empty() { "delete" } else { "insertText" };
        let _ = page.exec_command_with_show_ui_and_value(command, false, text);
    }
}

/// A path of this site as an address that can be sent to others.
#[must_use]
pub fn absolute_url(path: &str) -> String {
    format!("{}{path}", window().location().origin().unwrap_or_default())
}

/// Marks `<body>`, where tests and styles look.
pub fn set_body_attribute(name: &str, value: &str) {
    if let Some(body) = document().body() {
        let _ = body.set_attribute(name, value);
    }
}

/// The picture that stands for this page among others.
pub fn set_icon(address: &str) {
    if let Ok(Some(icon)) = document().query_selector("link[rel=icon]") {
        let _ = icon.set_attribute("href", address);
    }
}

/// How a moment is written: names of `Intl.DateTimeFormat`'s options and what they are set to.
pub type DateFormat = &'static [(&'static str, &'static str)];

thread_local! {
    /// Those who write moments, each in its format: making one takes ten times as long as writing with it.
    static FORMATTERS: RefCell<Vec<(DateFormat, js_sys::Function)>> = const { RefCell::new(Vec::new()) };
}

/// A moment in the reader's own zone and language.
#[must_use]
pub fn local_time(at: Millis, format: DateFormat) -> String {
    let known = FORMATTERS.with_borrow(|known| known.iter().find(|(of, _)| *of == format).map(|(_, write)| write.clone()));
    let write = known.unwrap_or_else(|| {
        let wish = js_sys::Object::new();
        for (name, value) in format {
            let _ = js_sys::Reflect::set(&wish, &JsValue::from_str(name), &JsValue::from_str(value));
        }
        let write = js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &wish).format();
        FORMATTERS.with_borrow_mut(|known| known.push((format, write.clone())));
        write
    });
    #[expect(clippy::cast_precision_loss, reason = "milliseconds are exact in a double for 280,000 years")]
    let at = JsValue::from_f64(at as f64);
    write.call1(&JsValue::UNDEFINED, &at).ok().and_then(|written| written.as_string()).unwrap_or_default()
}

/// From now on moments are written in the zone where the reader is now: they may have travelled.
pub fn reset_time_zone() {
    FORMATTERS.with_borrow_mut(Vec::clear);
}

/// How far local time is ahead of UTC at that moment, in milliseconds.
#[must_use]
pub fn utc_offset(at: Millis) -> Millis {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds are exact in a double for 280,000 years")]
    let date = js_sys::Date::new(&JsValue::from_f64(at as f64));
    #[expect(clippy::cast_possible_truncation, reason = "an offset is at most a day")]
    let minutes = date.get_timezone_offset() as Millis;
    -minutes * 60_000
}
