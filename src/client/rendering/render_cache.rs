//! Which texts are set when: those near to what is seen, asked from the server in batches, and written into the page a few each
//! frame. What was answered is kept for a while, the same for everybody.

use std::{cell::RefCell, collections::VecDeque, rc::Rc};

use futures::channel::oneshot;
use js_sys::{Array, WeakMap};
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Element, IntersectionObserver, IntersectionObserverEntry, IntersectionObserverInit};

use super::{
    Places,
    dom::{Answer, draw_into, tell_before_shift},
};
use crate::{
    api,
    client::browser,
    domain::typeset::{LARGEST, LARGEST_BLOCK, MOST_AT_ONCE, MOST_FORMULAS, Matter, Wanted},
    protocol::codec,
};

/// Most answers that are kept.
const KEPT: usize = 500;
/// Most bytes of the texts whose answers are kept.
const KEPT_BYTES: usize = 256 * 1024;
/// Milliseconds that a formula waits for its font.
const FONT_WAIT: u32 = 3_000;
/// Most texts that are written into the page in one frame: the browser lays them out before it shows the frame.
const A_FRAME: usize = 40;
/// So long is a frame written to, in milliseconds.
const FRAME_TIME: i64 = 8;
/// How far beyond what is seen texts are set, of the height of what scrolls.
const NEAR: &str = "100% 0px";
/// How often the server is asked again that had no time, and the longest wait before it, in seconds.
const TRIES: u32 = 3;
const LONGEST_WAIT: u32 = 20;

type Observe = Closure<dyn Fn(Array, IntersectionObserver)>;

#[derive(Default)]
struct Work {
    /// What is to be set in a place, by the place: it is forgotten with it.
    wanted: WeakMap,
    /// How many formulas a message has, by the message.
    formulas: WeakMap,
    /// What tells that a place is near, for each part of the page that scrolls.
    observers: Vec<(Option<Element>, IntersectionObserver)>,
    observe: Option<Observe>,
    known: VecDeque<(Rc<Wanted>, Answer)>,
    near: VecDeque<(Rc<Wanted>, Element)>,
    ready: VecDeque<(Rc<Wanted>, Element, Answer)>,
    is_busy: bool,
}

thread_local! {
    static WORK: RefCell<Work> = RefCell::default();
}

/// Sets these when they come near.
pub(super) fn watch(new: Places) {
    WORK.with_borrow_mut(|work| {
        for (wanted, place) in new {
            if place.is_connected() && work.has_room(&wanted, &place) {
                work.watch(&wanted, &place);
            }
        }
    });
}

/// Sets a text at once, if its answer is known.
pub(super) fn set_known(wanted: &Wanted, place: &Element, is_first: bool) -> bool {
    let answer = WORK.with_borrow(|work| work.known.iter().find(|(known, _)| **known == *wanted).map(|(_, answer)| answer.clone()));
    let Some(answer) = answer.filter(|_| place.is_connected()) else { return false };
    if WORK.with_borrow(|work| work.has_room(wanted, place)) {
        if is_first {
            tell_before_shift(std::iter::once(place));
        }
        draw_into(place, wanted, answer);
    }
    true
}

impl Work {
    /// Whether its message has not too many formulas yet: what is beyond stays as it was typed.
    fn has_room(&self, wanted: &Wanted, place: &Element) -> bool {
        if wanted.matter == Matter::Code {
            return wanted.text.len() <= LARGEST_BLOCK;
        }
        let Some(message) = place.closest(".text").ok().flatten() else { return true };
        let count = self.formulas.get(&message).as_f64().unwrap_or_default();
        self.formulas.set(&message, &JsValue::from(count + 1.0));
        count < f64::from(MOST_FORMULAS)
    }

    fn watch(&mut self, wanted: &Wanted, place: &Element) {
        let Ok(text) = codec::write_any(wanted) else { return };
        self.wanted.set(place, &JsValue::from(text));
        if let Some(observer) = self.observer(place.closest(".log").ok().flatten()) {
            observer.observe(place);
        }
    }

    /// Of what scrolls; without it, of the window.
    fn observer(&mut self, root: Option<Element>) -> Option<&IntersectionObserver> {
        if let Some(at) = self.observers.iter().position(|(known, _)| *known == root) {
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
        init.set_root_margin(NEAR);
        let observe = self.observe.get_or_insert_with(|| Closure::new(come_near));
        let observer = IntersectionObserver::new_with_options(observe.as_ref().unchecked_ref(), &init).ok()?;
        self.observers.push((root, observer));
        self.observers.last().map(|(_, observer)| observer)
    }

    fn keep(&mut self, wanted: Rc<Wanted>, answer: Answer) {
        self.known.push_back((wanted, answer));
        let bytes = |known: &VecDeque<(Rc<Wanted>, Answer)>| known.iter().map(|(wanted, _)| wanted.text.len()).sum::<usize>();
        while self.known.len() > KEPT || bytes(&self.known) > KEPT_BYTES {
            self.known.pop_front();
        }
    }

    /// Those whose answer is known can be written.
    fn recall(&mut self) {
        let Self { near, known, ready, .. } = self;
        near.retain(|(wanted, place)| {
            let answer = known.iter().find(|(known, _)| known == wanted);
            if let Some((_, answer)) = answer {
                ready.push_back((Rc::clone(wanted), place.clone(), answer.clone()));
            }
            answer.is_none()
        });
    }

    /// What is asked for next, each text once.
    fn batch(&self) -> Vec<Rc<Wanted>> {
        let (mut batch, mut bytes) = (Vec::<Rc<Wanted>>::new(), 0);
        for (wanted, _) in &self.near {
            if batch.contains(wanted) {
                continue;
            }
            bytes += wanted.text.len() + wanted.language.len();
            if batch.len() == MOST_AT_ONCE || bytes > LARGEST {
                break;
            }
            batch.push(Rc::clone(wanted));
        }
        batch
    }
}

fn come_near(entries: Array, observer: IntersectionObserver) {
    let begins = WORK.with_borrow_mut(|work| {
        for entry in entries.iter().map(JsCast::unchecked_into::<IntersectionObserverEntry>).filter(IntersectionObserverEntry::is_intersecting) {
            let place = entry.target();
            observer.unobserve(&place);
            let wanted = work.wanted.get(&place).as_string().and_then(|text| codec::read_any(&text).ok());
            if let Some(wanted) = wanted {
                work.near.push_back((Rc::new(wanted), place));
            }
        }
        !work.near.is_empty() && !std::mem::replace(&mut work.is_busy, true)
    });
    if begins {
        spawn_local(work());
    }
}

async fn work() {
    let mut tries = 0;
    loop {
        WORK.with_borrow_mut(Work::recall);
        if WORK.with_borrow(|work| !work.ready.is_empty()) {
            write().await;
            continue;
        }
        let batch = WORK.with_borrow_mut(|work| {
            let batch = work.batch();
            if batch.is_empty() {
                // What is larger than a request takes.
                work.near.clear();
                work.is_busy = false;
            }
            batch
        });
        if batch.is_empty() {
            return;
        }
        match api::typeset::typeset(batch.iter().map(|wanted| (**wanted).clone()).collect()).await {
            Ok(answers) => {
                tries = 0;
                let answers: Vec<Answer> = answers.into_iter().map(|answer| answer.map(Rc::new)).collect();
                // Drawn in another font first, what stands below would move when the right one comes.
                if batch.iter().zip(&answers).any(|(wanted, answer)| wanted.matter != Matter::Code && answer.is_some()) {
                    browser::font("1em Formulas", FONT_WAIT).await;
                }
                WORK.with_borrow_mut(|work| batch.into_iter().zip(answers).for_each(|(wanted, answer)| work.keep(wanted, answer)));
            }
            Err(error) if error.is_passing() && tries < TRIES => {
                tries += 1;
                browser::sleep(error.retry_after.unwrap_or(tries).min(LONGEST_WAIT) * 1_000).await;
            }
            // They are asked for again when they are shown again.
            Err(_) => WORK.with_borrow_mut(|work| work.near.retain(|(wanted, _)| !batch.contains(wanted))),
        }
    }
}

/// Writes some of what is ready, in one frame.
async fn write() {
    let (tell, told) = oneshot::channel();
    request_animation_frame(move || {
        let _ = tell.send(());
    });
    let _ = told.await;
    let ready = WORK.with_borrow_mut(|work| work.ready.drain(..work.ready.len().min(A_FRAME)).collect::<Vec<_>>());
    tell_before_shift(ready.iter().filter(|(wanted, _, answer)| wanted.matter != Matter::Code && answer.is_some()).map(|(_, place, _)| place));
    let began = browser::now();
    let mut ready = ready.into_iter();
    while browser::now() - began < FRAME_TIME {
        let Some((wanted, place, answer)) = ready.next() else { return };
        draw_into(&place, &wanted, answer);
    }
    WORK.with_borrow_mut(|work| ready.rev().for_each(|one| work.ready.push_front(one)));
}
