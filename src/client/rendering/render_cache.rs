//! Renders texts near the viewport: requests them in batches, writes a few per frame, and caches
//! the results. The results are the same for every user.

use std::{cell::RefCell, collections::VecDeque, rc::Rc};

use futures::channel::oneshot;
use js_sys::{Array, WeakMap};
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Element, IntersectionObserver, IntersectionObserverEntry, IntersectionObserverInit};

use super::{
    Elements,
    dom::{Answer, dispatch_before_shift, replace_content},
};
use crate::{
    api,
    client::browser,
    domain::rendering::{
        MAX_FORMULAS, MAX_REQUEST_BYTES, MAX_TEXT_BYTES, MAX_TEXTS, RenderKind, RenderRequest,
    },
    protocol::codec,
};

/// Maximum number of cached results.
const MAX_CACHED: usize = 500;
/// Maximum number of bytes of the texts whose results are cached.
const MAX_CACHED_BYTES: usize = 256 * 1024;
/// Milliseconds to wait for the math font.
const FONT_WAIT: u32 = 3_000;
/// Maximum number of texts written per frame: the browser lays them out before it shows the frame.
const TEXTS_PER_FRAME: usize = 40;
/// Milliseconds of a frame spent on writing.
const FRAME_BUDGET: i64 = 8;
/// Margin around the viewport within which texts are rendered.
const ROOT_MARGIN: &str = "100% 0px";
/// Retries while the server is busy, and the longest delay before one, in seconds.
const MAX_RETRIES: u32 = 3;
const MAX_RETRY_DELAY: u32 = 20;

type Observe = Closure<dyn Fn(Array, IntersectionObserver)>;

#[derive(Default)]
struct RenderQueue {
    /// What to render, by element. Weak: ends with the element.
    request: WeakMap,
    /// Number of formulas, by message.
    formulas: WeakMap,
    /// Intersection observers, by scroll container.
    observers: Vec<(Option<Element>, IntersectionObserver)>,
    observe: Option<Observe>,
    cached: VecDeque<(Rc<RenderRequest>, Answer)>,
    near: VecDeque<(Rc<RenderRequest>, Element)>,
    ready: VecDeque<(Rc<RenderRequest>, Element, Answer)>,
    is_busy: bool,
}

thread_local! {
    static QUEUE: RefCell<RenderQueue> = RefCell::default();
}

/// Renders these elements when they come near the viewport.
pub(super) fn watch(new: Elements) {
    QUEUE.with_borrow_mut(|queue| {
        for (request, element) in new {
            if element.is_connected() && queue.is_within_limit(&request, &element) {
                queue.watch(&request, &element);
            }
        }
    });
}

/// Renders a text at once if its result is cached. Returns whether it was.
pub(super) fn render_cached(request: &RenderRequest, element: &Element, is_first: bool) -> bool {
    let answer = QUEUE.with_borrow(|queue| {
        queue
            .cached
            .iter()
            .find(|(cached, _)| **cached == *request)
            .map(|(_, answer)| answer.clone())
    });
    let Some(answer) = answer.filter(|_| element.is_connected()) else { return false };
    if QUEUE.with_borrow(|queue| queue.is_within_limit(request, element)) {
        if is_first {
            dispatch_before_shift(std::iter::once(element));
        }
        replace_content(element, request, answer);
    }
    true
}

impl RenderQueue {
    /// Whether the message is below the limit of formulas; the ones beyond it stay as typed.
    fn is_within_limit(&self, request: &RenderRequest, element: &Element) -> bool {
        if request.kind == RenderKind::Code {
            return request.text.len() <= MAX_TEXT_BYTES;
        }
        let Some(message) = element.closest(".text").ok().flatten() else { return true };
        let count = self.formulas.get(&message).as_f64().unwrap_or_default();
        self.formulas.set(&message, &JsValue::from(count + 1.0));
        count < f64::from(MAX_FORMULAS)
    }

    fn watch(&mut self, request: &RenderRequest, element: &Element) {
        let Ok(text) = codec::encode_json(request) else { return };
        self.request.set(element, &JsValue::from(text));
        if let Some(observer) = self.observer(element.closest(".log").ok().flatten()) {
            observer.observe(element);
        }
    }

    /// The observer of a scroll container, or of the window.
    fn observer(&mut self, root: Option<Element>) -> Option<&IntersectionObserver> {
        if let Some(at) = self.observers.iter().position(|(cached, _)| *cached == root) {
            return self.observers.get(at).map(|(_, observer)| observer);
        }
        self.observers.retain(|(root, observer)| {
            let stays = root.as_ref().is_none_or(|root| root.is_connected());
            if !stays {
                observer.disconnect();
            }
            stays
        });
        let init = IntersectionObserverInit::new();
        init.set_root(root.as_ref());
        init.set_root_margin(ROOT_MARGIN);
        let observe = self.observe.get_or_insert_with(|| Closure::new(on_intersect));
        let observer =
            IntersectionObserver::new_with_options(observe.as_ref().unchecked_ref(), &init).ok()?;
        self.observers.push((root, observer));
        self.observers.last().map(|(_, observer)| observer)
    }

    fn cache(&mut self, request: Rc<RenderRequest>, answer: Answer) {
        self.cached.push_back((request, answer));
        let bytes = |cached: &VecDeque<(Rc<RenderRequest>, Answer)>| {
            cached.iter().map(|(request, _)| request.text.len()).sum::<usize>()
        };
        while self.cached.len() > MAX_CACHED || bytes(&self.cached) > MAX_CACHED_BYTES {
            self.cached.pop_front();
        }
    }

    /// Moves the texts with a cached result to the ready ones.
    fn resolve_cached(&mut self) {
        let Self { near, cached, ready, .. } = self;
        near.retain(|(request, element)| {
            let answer = cached.iter().find(|(cached, _)| cached == request);
            if let Some((_, answer)) = answer {
                ready.push_back((Rc::clone(request), element.clone(), answer.clone()));
            }
            answer.is_none()
        });
    }

    /// The next batch to request, without duplicates.
    fn batch(&self) -> Vec<Rc<RenderRequest>> {
        let (mut batch, mut bytes) = (Vec::<Rc<RenderRequest>>::new(), 0);
        for (request, _) in &self.near {
            if batch.contains(request) {
                continue;
            }
            bytes += request.text.len() + request.language.len();
            if batch.len() == MAX_TEXTS || bytes > MAX_REQUEST_BYTES {
                break;
            }
            batch.push(Rc::clone(request));
        }
        batch
    }
}

fn on_intersect(entries: Array, observer: IntersectionObserver) {
    let begins = QUEUE.with_borrow_mut(|queue| {
        for entry in entries
            .iter()
            .map(JsCast::unchecked_into::<IntersectionObserverEntry>)
            .filter(IntersectionObserverEntry::is_intersecting)
        {
            let element = entry.target();
            observer.unobserve(&element);
            let request = queue
                .request
                .get(&element)
                .as_string()
                .and_then(|text| codec::decode_json(&text).ok());
            if let Some(request) = request {
                queue.near.push_back((Rc::new(request), element));
            }
        }
        !queue.near.is_empty() && !std::mem::replace(&mut queue.is_busy, true)
    });
    if begins {
        spawn_local(process_queue());
    }
}

async fn process_queue() {
    let mut tries = 0;
    loop {
        QUEUE.with_borrow_mut(RenderQueue::resolve_cached);
        if QUEUE.with_borrow(|queue| !queue.ready.is_empty()) {
            write_frame().await;
            continue;
        }
        let batch = QUEUE.with_borrow_mut(|queue| {
            let batch = queue.batch();
            if batch.is_empty() {
                // The first text is larger than a request may be.
                queue.near.clear();
                queue.is_busy = false;
            }
            batch
        });
        if batch.is_empty() {
            return;
        }
        match api::rendering::render(batch.iter().map(|request| (**request).clone()).collect())
            .await
        {
            Ok(results) => {
                tries = 0;
                let results: Vec<Answer> =
                    results.into_iter().map(|answer| answer.map(Rc::new)).collect();
                // Wait for the font, because a later change of font would shift the content below.
                if batch
                    .iter()
                    .zip(&results)
                    .any(|(request, answer)| request.kind != RenderKind::Code && answer.is_some())
                {
                    browser::load_font("1em Formulas", FONT_WAIT).await;
                }
                QUEUE.with_borrow_mut(|queue| {
                    batch
                        .into_iter()
                        .zip(results)
                        .for_each(|(request, answer)| queue.cache(request, answer))
                });
            }
            Err(error) if error.is_transient() && tries < MAX_RETRIES => {
                tries += 1;
                browser::sleep(error.retry_after.unwrap_or(tries).min(MAX_RETRY_DELAY) * 1_000)
                    .await;
            }
            // They are requested again when they are shown again.
            Err(_) => QUEUE.with_borrow_mut(|queue| {
                queue.near.retain(|(request, _)| !batch.contains(request))
            }),
        }
    }
}

/// Writes some of the ready results in one frame.
async fn write_frame() {
    let (sender, receiver) = oneshot::channel();
    request_animation_frame(move || {
        let _ = sender.send(());
    });
    let _ = receiver.await;
    let ready = QUEUE.with_borrow_mut(|queue| {
        queue.ready.drain(..queue.ready.len().min(TEXTS_PER_FRAME)).collect::<Vec<_>>()
    });
    dispatch_before_shift(
        ready
            .iter()
            .filter(|(request, _, answer)| request.kind != RenderKind::Code && answer.is_some())
            .map(|(_, element, _)| element),
    );
    let began = browser::now();
    let mut ready = ready.into_iter();
    while browser::now() - began < FRAME_BUDGET {
        let Some((request, element, answer)) = ready.next() else { return };
        replace_content(&element, &request, answer);
    }
    QUEUE.with_borrow_mut(|queue| ready.rev().for_each(|one| queue.ready.push_front(one)));
}
