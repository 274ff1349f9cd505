//! Code's colours and printed formulas, asked from the server once somebody looks at them, and put in the place of what was typed.
//! What was answered is kept as long as the page lives, the same for everybody.

use std::{cell::RefCell, rc::Rc};

use leptos::{prelude::*, task::spawn_local};
use web_sys::{Element, EventInit};

use super::browser;
use crate::{
    api,
    domain::typeset::{ELEMENTS, LARGEST, LOOKS, MOST_AT_ONCE, Matter, Piece, Wanted},
};

/// Most answers that are kept.
const KEPT: usize = 300;
/// Milliseconds that a formula waits for its font.
const FONT_WAIT: u32 = 3_000;
/// Told to whoever holds the view still, just before something changes its size.
pub const BEFORE_SHIFT: &str = "beforeshift";

type Answer = Option<Rc<Vec<Piece>>>;

#[derive(Default)]
struct Bench {
    known: Vec<(Wanted, Answer)>,
    waiting: Vec<(Wanted, Element)>,
    busy: bool,
}

thread_local! {
    static BENCH: RefCell<Bench> = RefCell::default();
}

/// Sets this text in this place, now or when the server has answered; what cannot be set stays as it was typed.
pub fn set(wanted: Wanted, typed: &str, place: Element) {
    // What was set there before has taken the place of the page's own text, and an edit would not show.
    if place.text_content().as_deref() != Some(typed) {
        place.set_text_content(Some(typed));
    }
    let known = BENCH.with_borrow(|bench| bench.known.iter().find(|(known, _)| *known == wanted).map(|(_, answer)| answer.clone()));
    if let Some(answer) = known {
        return draw_into(&place, &wanted, answer);
    }
    let begins = BENCH.with_borrow_mut(|bench| {
        bench.waiting.push((wanted, place));
        !std::mem::replace(&mut bench.busy, true)
    });
    if begins {
        spawn_local(work());
    }
}

async fn work() {
    loop {
        // Those that are shown in one go are asked for in one go.
        browser::sleep(0).await;
        let batch = BENCH.with_borrow_mut(|bench| {
            let mut bytes = 0;
            let fits = bench.waiting.iter().take(MOST_AT_ONCE).take_while(|(wanted, _)| {
                bytes += wanted.text.len() + wanted.language.len();
                bytes <= LARGEST
            });
            let count = fits.count();
            bench.busy = count > 0;
            bench.waiting.drain(..count).collect::<Vec<_>>()
        });
        if batch.is_empty() {
            return;
        }
        let texts = batch.iter().map(|(wanted, _)| wanted.clone()).collect();
        // What was not answered is asked for again when it is shown again.
        let Ok(answers) = api::typeset::typeset(texts).await else { continue };
        let answered = batch.into_iter().zip(answers).map(|((wanted, place), answer)| (wanted, place, answer.map(Rc::new)));
        let (code, formulas): (Vec<_>, Vec<_>) = answered.partition(|(wanted, ..)| wanted.matter == Matter::Code);
        put(code);
        // Drawn in another font first, what stands below would move when the right one comes.
        if formulas.iter().any(|(.., answer)| answer.is_some()) {
            browser::font("1em Formulas", FONT_WAIT).await;
        }
        put(formulas);
    }
}

fn put(answered: Vec<(Wanted, Element, Answer)>) {
    for (wanted, place, answer) in answered {
        draw_into(&place, &wanted, answer.clone());
        BENCH.with_borrow_mut(|bench| {
            bench.known.push((wanted, answer));
            if bench.known.len() > KEPT {
                bench.known.remove(0);
            }
        });
    }
}

fn draw_into(place: &Element, wanted: &Wanted, answer: Answer) {
    let Some(pieces) = answer.filter(|_| place.is_connected()) else { return };
    if wanted.matter != Matter::Code {
        let init = EventInit::new();
        init.set_bubbles(true);
        if let Ok(event) = web_sys::Event::new_with_event_init_dict(BEFORE_SHIFT, &init) {
            let _ = place.dispatch_event(&event);
        }
        let _ = place.set_attribute("title", &wanted.text);
    }
    place.set_text_content(None);
    draw(place, &pieces, wanted.matter == Matter::Code);
}

/// Never as a page's text: each piece is made by itself, and only what is allowed.
fn draw(place: &Element, pieces: &[Piece], is_code: bool) {
    for piece in pieces {
        let made = if is_code {
            document().create_element("span")
        } else if ELEMENTS.contains(&piece.what.as_str()) {
            document().create_element_ns(Some("http://www.w3.org/1998/Math/MathML"), &piece.what)
        } else {
            continue;
        };
        let Ok(made) = made else { continue };
        if is_code && !piece.what.is_empty() {
            made.set_class_name(&format!("code-{}", piece.what));
        }
        for (look, value) in piece.looks.iter().filter(|(look, _)| LOOKS.contains(&look.as_str())) {
            let _ = made.set_attribute(look, value);
        }
        if piece.inside.is_empty() {
            made.set_text_content(Some(&piece.text));
        } else {
            draw(&made, &piece.inside, is_code);
        }
        let _ = place.append_child(&made);
    }
}
