//! Actions of a message: buttons on hover or focus, and shortcuts.

use std::sync::Arc;

use leptos::{html, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use wasm_bindgen::JsCast;

use super::reactions::{QuickReactions, ReactionDetails};
use crate::{
    client::{AppState, browser, drafts::composer_mode::ComposerMode, use_app_state},
    domain::{Change, Conversation, ConversationId, Entry, PersonId, Seq, message},
    ui::{
        kit::{
            button::IconButton,
            dom::focus_instead,
            emoji::EmojiPicker,
            icon::{Icon, Shape},
            overlay::{dialog::Dialog, popover::Popover},
        },
        people::profile_link,
        text,
    },
};

/// Identifies a message and its author.
#[derive(Clone, Copy)]
pub(in crate::ui) struct MessageRef {
    pub(in crate::ui::conversation) id: ConversationId,
    pub(in crate::ui::conversation) seq: Seq,
    pub(in crate::ui::conversation) author: PersonId,
}

impl MessageRef {
    /// Whether a rule permits an action.
    fn may(self, rule: impl Fn(&Conversation, PersonId) -> bool) -> bool {
        let app = use_app_state();
        app.conversations.with(|conversations| {
            conversations
                .find(self.id)
                .is_some_and(|summary| rule(&summary.conversation, app.my_id()))
        })
    }

    fn may_delete(self) -> bool {
        let role = use_app_state().my_role();
        self.may(|it, me| message::may_delete(it, me, role, self.author).is_ok())
    }

    pub(in crate::ui::conversation) fn is_own(self) -> bool {
        use_app_state().my_id() == self.author
    }

    /// Opens the author's profile.
    fn open_profile(self, app: AppState) {
        let beside = document().query_selector(&format!("#m{} .message-main", self.seq));
        profile_link::open(app, self.author, beside.ok().flatten());
    }

    /// Runs the shortcut of a key; returns whether there is one.
    pub(in crate::ui::conversation) fn handle_key(self, app: AppState, key: &str) -> bool {
        match key {
            "r" => app.start_reply(self.id, self.seq),
            "e" if app.my_id() == self.author => edit(app, self),
            "p" => self.open_profile(app),
            "u" => app.mark_unread(self.id, self.seq),
            "Delete" if self.may_delete() => app.delete_message(self.id, self.seq),
            _ => return false,
        }
        true
    }
}

pub(in crate::ui::conversation) fn edit(app: AppState, message_ref: MessageRef) {
    app.set_composer_mode(message_ref.id, ComposerMode::Edit(message_ref.seq));
}

/// The action bar.
#[component]
pub(in crate::ui) fn MessageActions(
    /// The message.
    message_ref: MessageRef,
    /// Its state.
    state: Memo<message::State>,
    /// Its text.
    said: Memo<String>,
    /// Set while an overlay of the bar is open, so that the bar stays.
    held: RwSignal<bool>,
) -> impl IntoView {
    let app = use_app_state();
    let MessageRef { id, seq, author } = message_ref;
    let (reacting, choosing, more, naming) =
        (RwSignal::new(false), RwSignal::new(false), RwSignal::new(false), RwSignal::new(false));
    Effect::new(move || held.set(reacting.get() || choosing.get() || more.get() || naming.get()));
    // The opener was in a menu that is gone.
    Effect::new(move |was: Option<bool>| {
        let now = choosing.get() || naming.get();
        if was == Some(true) && !now {
            focus_instead(format!("#m{seq}"));
        }
        now
    });
    let pick = Callback::new(move |emoji| app.react(id, seq, emoji, true));
    // Other state changes must not close the bar's overlays.
    let deleted = Memo::new(move |_| state.with(|state| state.deleted));
    let restorable = move || {
        deleted.with(|_| ());
        let role = app.my_role();
        let may = |it: &_, me| {
            state.with_untracked(|state| {
                message::may_restore(it, me, role, author, state, browser::now()).is_ok()
            })
        };
        message_ref.may(may).then_some(())
    };
    let bar = NodeRef::<html::Div>::new();
    Effect::new(move || {
        if let Some(bar) = bar.get() {
            place(&bar);
        }
    });
    view! {
        <div class="actions" role="group" aria-label=text::message::ACTIONS node_ref=bar>
            {move || {
                if deleted.get().is_some() {
                    restorable()
                        .map(|()| {
                            view! {
                                <button
                                    type="button"
                                    class="button quiet small"
                                    on:click=move |_| app.restore_message(id, seq)
                                >
                                    {text::message::RESTORE}
                                </button>
                            }
                        })
                        .into_any()
                } else {
                    view! {
                        <span class="action-place">
                            <Action shape=Shape::Smile label=text::message::REACT open=reacting />
                            <Popover open=reacting role="menu" label=text::message::REACT>
                                <QuickReactions message_ref state more=choosing />
                            </Popover>
                        </span>
                        <IconButton
                            shape=Shape::Reply
                            label=text::message::REPLY
                            press=move || app.start_reply(id, seq)
                        />
                        <span class="action-place">
                            <Action shape=Shape::More label=text::message::MORE open=more />
                            <Popover open=more role="menu" label=text::message::MORE>
                                <Choices message_ref state said naming />
                            </Popover>
                        </span>
                    }
                        .into_any()
                }
            }}
            <EmojiPicker open=choosing pick />
            <Dialog open=naming title=text::message::REACTIONS>
                <ReactionDetails state />
            </Dialog>
        </div>
    }
}

/// Places the bar beside the end of the text, or over it without room. On a phone the style sheet
/// places it.
fn place(bar: &web_sys::HtmlElement) {
    const GAP: i32 = 8;
    const EDGE: i32 = 16;
    let Some(message) = bar.parent_element() else { return };
    let Some(main) = message
        .query_selector(".message-main")
        .ok()
        .flatten()
        .and_then(|main| main.dyn_into::<web_sys::HtmlElement>().ok())
    else {
        return;
    };
    let style = main.style();
    let _ = style.set_property("width", "fit-content");
    let end = main.offset_left() + main.offset_width() + GAP;
    let _ = style.remove_property("width");
    let most = message.client_width() - bar.offset_width() - EDGE;
    let _ = bar.style().set_property("--end", &format!("{}px", end.min(most)));
    let _ = bar.class_list().toggle_with_force("beside", end <= most);
}

#[component]
fn Action(shape: Shape, label: &'static str, open: RwSignal<bool>) -> impl IntoView {
    view! { <IconButton shape label press=move || open.set(true) expanded=open popup="menu" /> }
}

/// The menu.
#[component]
fn Choices(
    message_ref: MessageRef,
    state: Memo<message::State>,
    said: Memo<String>,
    naming: RwSignal<bool>,
) -> impl IntoView {
    let app = use_app_state();
    let MessageRef { id, seq, author } = message_ref;
    let (pinned, resolved, reacted) =
        state.with_untracked(|state| (state.pinned, state.resolved, !state.reactions.is_empty()));
    let reply_to =
        |entry: &Arc<Entry>| matches!(&entry.change, Change::Posted { reply_to: Some(_), .. });
    let in_thread = state.with_untracked(|state| !state.replies.is_empty())
        || app.timelines.with_untracked(|timelines| {
            timelines.find(id).and_then(|timeline| timeline.message(seq)).is_some_and(reply_to)
        });
    let go = use_navigate();
    let saved = app.conversations.with_untracked(|conversations| {
        conversations.find(id).is_some_and(|summary| summary.saved.contains(&seq))
    });
    let is_question = said.with_untracked(|said| message::is_question(said));
    let copy = move |text: &str| {
        if !browser::copy_text(text) {
            app.show_error(text::message::COPY_FAILED);
        }
    };
    view! {
        {message_ref
            .is_own()
            .then(|| item(Shape::Pencil, text::message::EDIT, move || edit(app, message_ref)))}
        {item(Shape::Copy, text::message::COPY_TEXT, move || copy(&said.get_untracked()))}
        {item(
            Shape::Link,
            text::message::COPY_LINK,
            move || copy(&browser::absolute_url(&format!("/c/{id}?at={seq}"))),
        )}
        {reacted
            .then(|| item(Shape::Smile, text::message::VIEW_REACTIONS, move || naming.set(true)))}
        {in_thread
            .then(|| item(
                Shape::Reply,
                text::message::SHOW_THREAD,
                move || go(
                    &format!("/c/{id}?thread={seq}"),
                    NavigateOptions {
                        scroll: false,
                        ..NavigateOptions::default()
                    },
                ),
            ))}
        {item(Shape::Info, text::message::VIEW_PROFILE, move || message_ref.open_profile(app))}
        {item(
            Shape::Bookmark,
            if saved { text::message::REMOVE_FROM_SAVED } else { text::message::SAVE },
            move || app.save_message(id, seq, !saved),
        )}
        {item(Shape::Unread, text::message::MARK_UNREAD, move || app.mark_unread(id, seq))}
        {message_ref
            .may(|it, _| message::may_pin(it).is_ok())
            .then(|| {
                item(
                    Shape::Pin,
                    if pinned { text::message::UNPIN } else { text::message::PIN },
                    move || app.pin_message(id, seq, !pinned),
                )
            })}
        {(is_question && message_ref.may(|it, me| message::may_resolve(it, me, author).is_ok()))
            .then(|| {
                item(
                    Shape::Check,
                    if resolved { text::message::MARK_OPEN } else { text::message::MARK_ANSWERED },
                    move || app.resolve_question(id, seq, !resolved),
                )
            })}
        {message_ref
            .may_delete()
            .then(|| item(Shape::Bin, text::message::DELETE, move || app.delete_message(id, seq)))}
    }
}

fn item(shape: Shape, label: &'static str, press: impl Fn() + 'static) -> impl IntoView {
    view! {
        <button type="button" role="menuitem" on:click=move |_| press()>
            <Icon shape />
            {label}
        </button>
    }
}
