//! A quiet sign that not everything of a conversation rings for one: in the list, and at its head.

use leptos::prelude::*;

use crate::{
    client::use_chat,
    domain::{ConversationId, Level},
    ui::kit::icon::{Icon, Shape},
};

/// The sign and its word, for a level and whether nothing rings now; nothing where all rings.
#[must_use]
pub fn sign(level: Level, quiet: bool) -> Option<AnyView> {
    let (shape, word) = match level {
        Level::Hidden => (Shape::BellOff, "hidden"),
        _ if quiet => (Shape::BellOff, "muted"),
        Level::Mentions => (Shape::At, "mentions only"),
        _ => return None,
    };
    Some(view! { <span class="sign" title=word><Icon shape/><span class="hidden">" "{word}" "</span></span> }.into_any())
}

/// The same of a conversation, as it is now.
pub fn sign_of(id: ConversationId) -> impl Fn() -> Option<AnyView> {
    let chat = use_chat();
    let how = Memo::new(move |_| chat.book.with(|book| book.find(id).map(|summary| (summary.level, summary.is_quiet(chat.now.get())))));
    move || how.get().and_then(|(level, quiet)| sign(level, quiet))
}
