//! What the field offers while one types: people after `@`, emoji after `:`.

use std::time::Duration;

use leptos::{html, prelude::*};
use web_sys::KeyboardEvent;

use super::{
    completion_token::{self, Kind},
    markdown_edit,
};
use crate::{
    client::{Chat, browser},
    domain::{ConversationId, Kind as Sort, Person, PersonId, emoji as domain_emoji, mention},
    ui::{
        kit::{
            avatar::Picture,
            emoji::{self, Kept},
            suggestion_list::{Offer, OfferList, Offers, Press},
            text::fuzzy_match,
        },
        people::conversation_avatar::{person_now, picture_now},
    },
};

/// Most that are offered.
const MOST: usize = 8;

/// The offers of one field.
#[derive(Clone, Copy)]
pub(in crate::ui::conversation) struct Completion {
    chat: Chat,
    id: ConversationId,
    field: NodeRef<html::Textarea>,
    kept: Kept,
    offers: Offers,
    found: StoredValue<Found>,
}

/// What stands in the field now, and what each offer puts there instead.
#[derive(Default)]
struct Found {
    begin: u32,
    end: u32,
    inserts: Vec<String>,
    /// Where a word begins for which nothing is wanted.
    unwanted: Option<u32>,
    /// The people of this conversation, by name without case and accents, for the word that begins there.
    people: Vec<(PersonId, String)>,
    people_at: Option<u32>,
}

impl Completion {
    pub(in crate::ui::conversation) fn new(chat: Chat, id: ConversationId, field: NodeRef<html::Textarea>) -> Self {
        let kept = use_context::<Kept>().unwrap_or_default();
        Self { chat, id, field, kept, offers: Offers::new("completion"), found: StoredValue::new(Found::default()) }
    }

    /// Looks at what stands before the caret; `typed` when it was just typed.
    pub(in crate::ui::conversation) fn look(self, typed: bool) {
        let Some((before, end)) = self.field.try_get_untracked().flatten().and_then(|field| markdown_edit::before_caret(&field)) else {
            return self.shut();
        };
        let Some(token) = completion_token::before(&before) else {
            self.found.update_value(|found| (found.unwanted, found.people_at) = (None, None));
            return self.shut();
        };
        let begin = markdown_edit::length(&before[..token.begin]);
        if self.found.with_value(|found| found.unwanted) == Some(begin) {
            return self.shut();
        }
        let word = token.word.to_owned();
        match token.kind {
            Kind::Person => {
                let found = self.people(begin, &browser::folded(&word));
                self.offer(begin, end, found);
            }
            Kind::Emoji => self.with_table(
                true,
                Box::new(move |table| {
                    let tone = self.kept.tone();
                    let found = domain_emoji::find(table, &word, MOST).into_iter().map(|emoji| {
                        let glyph = emoji.toned(tone);
                        let hint = format!(":{}:", emoji.shortcode());
                        (glyph.clone(), Offer { picture: Picture::Glyph(glyph), title: emoji.name.to_owned(), hint, unread: false })
                    });
                    self.offer(begin, end, found.collect());
                }),
            ),
            Kind::Whole if typed => self.with_table(
                false,
                Box::new(move |table| {
                    self.shut();
                    if let (Some(emoji), Some(field)) = (domain_emoji::by_shortcode(table, &word), self.field.try_get_untracked().flatten()) {
                        let glyph = emoji.toned(self.kept.tone());
                        self.kept.use_now(&glyph);
                        // Not before all have heard what was typed: it would be put back, and nothing could be undone any more.
                        let typed = format!(":{word}:");
                        set_timeout(move || markdown_edit::replace_typed(&field, begin, &typed, &glyph), Duration::ZERO);
                    }
                }),
            ),
            Kind::Whole => self.shut(),
        }
    }

    /// The table may have to be fetched; when it comes, the field may say something else.
    fn with_table(self, only_unchanged: bool, then: Box<dyn Fn(&'static str)>) {
        if let Some(table) = emoji::here() {
            return then(table);
        }
        let state = move || self.field.try_get_untracked().flatten().map(|field| (field.value(), field.selection_start().ok().flatten()));
        let asked = state();
        emoji::fetch(Box::new(move |table| {
            if let Some(table) = table.filter(|_| !only_unchanged || state() == asked) {
                then(table);
            }
        }));
    }

    fn offer(self, begin: u32, end: u32, found: Vec<(String, Offer)>) {
        let (mut inserts, mut offers) = (Vec::new(), Vec::new());
        for (insert, offer) in found {
            inserts.push(insert);
            offers.push(offer);
        }
        self.found.update_value(|found| (found.begin, found.end, found.inserts) = (begin, end, inserts));
        self.offers.show(offers);
    }

    /// Who of this conversation is meant, the most fitting first; and everyone, where one may ring them.
    fn people(self, begin: u32, wanted: &str) -> Vec<(String, Offer)> {
        let me = self.chat.my_id();
        self.chat.book.with_untracked(|book| {
            let Some(summary) = book.find(self.id) else { return Vec::new() };
            let offer = |picture: Picture, title: String, username: &str| {
                let hint = format!("@{username}");
                (format!("{hint} "), Offer { picture, title, hint, unread: false })
            };
            // Other products have other names for it.
            let is_like = wanted.len() > 1 && mention::LIKE_EVERYONE.iter().any(|name| name.starts_with(wanted));
            let may_ring = summary.conversation.may_ring_everyone(me).is_ok() && (mention::EVERYONE.starts_with(wanted) || is_like);
            self.chat.roster.with_untracked(|roster| {
                let itself = || picture_now(me, roster, summary, summary.conversation.name.as_deref().unwrap_or_default());
                let everyone = may_ring.then(|| offer(itself(), "Everyone in this group".to_owned(), mention::EVERYONE));
                let is_here =
                    |person: &&Person| person.id != me && (summary.conversation.kind == Sort::Everyone || summary.members.contains(&person.id));
                let found = self.found.try_update_value(|found| {
                    // Read once for each word: there may be thousands.
                    if found.people_at != Some(begin) {
                        found.people_at = Some(begin);
                        found.people = roster.all().filter(is_here).map(|person| (person.id, browser::folded(&person.display_name))).collect();
                    }
                    let fit = |(id, name): &&(PersonId, String)| {
                        let username = roster.find(*id).and_then(|person| fuzzy_match::fits(&person.username, wanted));
                        fuzzy_match::fits(name, wanted).into_iter().chain(username).min()
                    };
                    fuzzy_match::best(found.people.iter(), MOST, fit).into_iter().map(|(id, _)| *id).collect::<Vec<_>>()
                });
                let people = found.unwrap_or_default().into_iter().filter_map(|id| roster.find(id));
                people.map(|person| offer(person_now(roster, person.id), person.display_name.clone(), &person.username)).chain(everyone).collect()
            })
        })
    }

    /// Nothing is offered, until something else is typed.
    pub(in crate::ui::conversation) fn shut(self) {
        self.offers.shut();
    }

    /// Whether the key was for the list.
    pub(in crate::ui::conversation) fn press(self, event: &KeyboardEvent) -> bool {
        match self.offers.press(event, true) {
            Press::Other => return false,
            Press::Walked => {}
            Press::Taken(at) => self.take(at),
            Press::Shut => {
                self.found.update_value(|found| found.unwanted = Some(found.begin));
                self.shut();
            }
        }
        true
    }

    fn take(self, at: usize) {
        let Some(field) = self.field.get_untracked() else { return };
        let taken = self.found.with_value(|found| Some((found.begin, found.end, found.inserts.get(at)?.clone())));
        self.shut();
        if let Some((begin, end, text)) = taken {
            markdown_edit::replace(&field, begin, end, &text);
        }
    }

    /// The current offer's id.
    pub(in crate::ui::conversation) fn active(self) -> Option<String> {
        self.offers.active()
    }

    /// The list.
    pub(in crate::ui::conversation) fn view(self) -> impl IntoView {
        view! { <OfferList offers=self.offers label="Suggestions" take=Callback::new(move |at| self.take(at))/> }
    }
}
