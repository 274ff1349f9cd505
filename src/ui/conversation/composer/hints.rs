//! Hints of the composer: mentions that notify nobody, and the number of remaining characters.

use leptos::prelude::*;

use super::mention_everyone::EveryoneMention;
use crate::{domain::text::BODY_LENGTH, ui::text};

/// Remaining characters from which the count is shown.
const COUNT_SHOWN_FROM: usize = 500;

/// Says why a mention of everyone notifies nobody.
pub(super) fn everyone_hint(everyone: Memo<Option<EveryoneMention>>) -> impl IntoView {
    move || {
        let words = match everyone.get()? {
            EveryoneMention::Denied(why) => text::composer::everyone_notifies_nobody(&why),
            EveryoneMention::Lookalike(name, why) => {
                let instead = why.unwrap_or_else(|| text::composer::USE_EVERYONE.to_owned());
                text::composer::lookalike_notifies_nobody(&name, &instead)
            }
            EveryoneMention::Notifies(_) => return None,
        };
        Some(view! { <p class="hint composer-hint">{words}</p> })
    }
}

/// The number of remaining characters when few remain. A text that is too long can be attached as a
/// file.
pub(super) fn character_count(
    body: RwSignal<String>,
    is_edit: impl Fn() -> bool + Copy + Send + 'static,
    as_text_file: impl Fn() + Copy + Send + 'static,
) -> impl IntoView {
    let left = move || body.with(|body| BODY_LENGTH.checked_sub(body.chars().count()));
    let count = move || match left() {
        None => Some(text::composer::characters_too_many(
            body.with(|body| body.chars().count()) - BODY_LENGTH,
        )),
        Some(left) if left < COUNT_SHOWN_FROM => Some(text::composer::characters_left(left)),
        Some(_) => None,
    };
    let attach = move || {
        view! {
            <button type="button" class="button quiet small" on:click=move |_| as_text_file()>
                {text::composer::SEND_AS_TEXT_FILE}
            </button>
        }
    };
    move || {
        count().map(|words| {
            view! {
                <p class="count" class:over=move || left().is_none()>
                    {words}
                    {move || (left().is_none() && !is_edit()).then(attach)}
                </p>
            }
        })
    }
}
