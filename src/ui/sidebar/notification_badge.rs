//! The icon of a conversation that is muted, hidden, or notifies of mentions only.

use leptos::prelude::*;

use crate::{
    client::use_app_state,
    domain::{ConversationId, NotificationLevel},
    ui::{
        kit::icon::{Icon, Shape},
        text,
    },
};

/// The icon for a level and mute; none if everything notifies.
#[must_use]
pub fn notification_badge(level: NotificationLevel, quiet: bool) -> Option<AnyView> {
    let (shape, word) = match level {
        NotificationLevel::Hidden => (Shape::BellOff, text::sidebar::BADGE_HIDDEN),
        _ if quiet => (Shape::BellOff, text::sidebar::BADGE_MUTED),
        NotificationLevel::Mentions => (Shape::At, text::sidebar::BADGE_MENTIONS),
        _ => return None,
    };
    Some(
        view! {
            <span class="sign" title=word>
                <Icon shape />
                <span class="hidden">" "{word}" "</span>
            </span>
        }
        .into_any(),
    )
}

/// The icon of a conversation. Reactive.
pub fn conversation_badge(id: ConversationId) -> impl Fn() -> Option<AnyView> {
    let app = use_app_state();
    let setting = Memo::new(move |_| {
        app.conversations.with(|conversations| {
            conversations.find(id).map(|summary| (summary.level, summary.is_muted(app.now.get())))
        })
    });
    move || setting.get().and_then(|(level, quiet)| notification_badge(level, quiet))
}
