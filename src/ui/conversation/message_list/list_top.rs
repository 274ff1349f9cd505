//! The row above the first message: loading, an error, or the beginning of the conversation.

use std::time::Duration;

use leptos::prelude::*;

use crate::{
    client::{state::timeline::Direction, use_app_state},
    domain::{Change, ConversationId},
    ui::{
        kit::icon::{Icon, Shape},
        text,
    },
};

/// Delay before the skeleton is shown.
const SKELETON_DELAY: Duration = Duration::from_millis(300);

/// The row above the first message: loading, an error, or the beginning.
#[component]
pub(super) fn ListTop(id: ConversationId) -> impl IntoView {
    let app = use_app_state();
    let show_skeleton = RwSignal::new(false);
    Effect::new(move || {
        set_timeout(
            move || {
                show_skeleton.try_set(true);
            },
            SKELETON_DELAY,
        )
    });
    let view = Memo::new(move |_| {
        app.timelines.with(|timelines| {
            let Some(timeline) = timelines.find(id) else { return TopState::Loading };
            match &timeline.failed {
                Some(why) => TopState::Failed(why.clone(), timeline.is_loaded()),
                None if !timeline.is_loaded() => TopState::Loading,
                None if timeline.has_older() => TopState::More,
                None if timeline
                    .entries()
                    .iter()
                    .any(|entry| matches!(entry.change, Change::Posted { .. })) =>
                {
                    TopState::Start
                }
                None => TopState::Empty,
            }
        })
    });
    move || match view.get() {
        TopState::Loading => view! {
            <div class="skeleton" class:late=move || show_skeleton.get() aria-hidden="true">
                <i></i>
                <i></i>
                <i></i>
                <i></i>
            </div>
        }
        .into_any(),
        TopState::More => {
            view! { <p class="edge quiet">{text::conversation::LOADING_EARLIER}</p> }.into_any()
        }
        TopState::Start => {
            view! { <p class="edge quiet">{text::conversation::BEGINNING}</p> }.into_any()
        }
        TopState::Empty => view! {
            <div class="blank">
                <Icon shape=Shape::Logo />
                <h2>{text::conversation::EMPTY}</h2>
                <p>{text::conversation::EMPTY_HINT}</p>
            </div>
        }
        .into_any(),
        TopState::Failed(why, loaded) => view! {
            <div class="edge" role="alert">
                <p>{text::conversation::not_loaded(&why)}</p>
                <button
                    type="button"
                    class="button quiet small"
                    on:click=move |_| {
                        if loaded {
                            app.load_more(id, Direction::Older)
                        } else {
                            app.load_latest(id)
                        }
                    }
                >
                    {text::conversation::LOAD_AGAIN}
                </button>
            </div>
        }
        .into_any(),
    }
}

#[derive(Clone, PartialEq, Eq)]
enum TopState {
    Loading,
    More,
    Start,
    Empty,
    Failed(String, bool),
}
