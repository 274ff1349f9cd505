//! Completion in the composer: users after `@`, emoji after `:`.

use std::time::Duration;

use leptos::{html, prelude::*};
use web_sys::KeyboardEvent;

use super::{
    completion_token::{self, TokenKind},
    markdown_edit,
};
use crate::{
    client::{AppState, browser},
    domain::{
        ConversationId, Kind as ConversationKind, Person, PersonId, emoji as domain_emoji, mention,
    },
    ui::{
        kit::{
            avatar::AvatarKind,
            emoji::{self, EmojiPreferences},
            fuzzy_match,
            suggestion_list::{KeyOutcome, Suggestion, SuggestionList, Suggestions},
        },
        people::conversation_avatar::{conversation_avatar, person_avatar},
        text,
    },
};

/// Maximum number of suggestions.
const MAX_SUGGESTIONS: usize = 8;

/// The completion of one field.
#[derive(Clone, Copy)]
pub(in crate::ui::conversation) struct Completion {
    app: AppState,
    id: ConversationId,
    field: NodeRef<html::Textarea>,
    preferences: EmojiPreferences,
    suggestions: Suggestions,
    matches: StoredValue<Matches>,
}

/// The current token and what each suggestion inserts.
#[derive(Default)]
struct Matches {
    begin: u32,
    end: u32,
    inserts: Vec<String>,
    /// Start of a token whose suggestions were dismissed.
    dismissed: Option<u32>,
    /// Members with folded names, for the token at `people_for`.
    people: Vec<(PersonId, String)>,
    people_for: Option<u32>,
}

impl Completion {
    pub(in crate::ui::conversation) fn new(
        app: AppState,
        id: ConversationId,
        field: NodeRef<html::Textarea>,
    ) -> Self {
        let preferences = use_context::<EmojiPreferences>().unwrap_or_default();
        Self {
            app,
            id,
            field,
            preferences,
            suggestions: Suggestions::new("completion"),
            matches: StoredValue::new(Matches::default()),
        }
    }

    /// Updates the suggestions for the text before the caret; `typed` if it was just typed.
    pub(in crate::ui::conversation) fn update(self, typed: bool) {
        let Some((before, end)) = self
            .field
            .try_get_untracked()
            .flatten()
            .and_then(|field| markdown_edit::before_caret(&field))
        else {
            return self.close();
        };
        let Some(token) = completion_token::token_before(&before) else {
            self.matches
                .update_value(|matches| (matches.dismissed, matches.people_for) = (None, None));
            return self.close();
        };
        let begin = markdown_edit::utf16_len(&before[..token.begin]);
        if self.matches.with_value(|matches| matches.dismissed) == Some(begin) {
            return self.close();
        }
        let word = token.word.to_owned();
        match token.kind {
            TokenKind::Person => {
                let matches = self.people(begin, &browser::fold_name(&word));
                self.show(begin, end, matches);
            }
            TokenKind::Emoji => self.with_table(
                true,
                Box::new(move |table| {
                    let tone = self.preferences.tone();
                    let matches = domain_emoji::find(table, &word, MAX_SUGGESTIONS)
                        .into_iter()
                        .map(|emoji| {
                            let glyph = emoji.toned(tone);
                            let hint = format!(":{}:", emoji.shortcode());
                            (
                                glyph.clone(),
                                Suggestion {
                                    picture: AvatarKind::Glyph(glyph),
                                    title: emoji.name.to_owned(),
                                    hint,
                                    unread: false,
                                },
                            )
                        });
                    self.show(begin, end, matches.collect());
                }),
            ),
            TokenKind::Shortcode if typed => self.with_table(
                false,
                Box::new(move |table| {
                    self.close();
                    if let (Some(emoji), Some(field)) = (
                        domain_emoji::by_shortcode(table, &word),
                        self.field.try_get_untracked().flatten(),
                    ) {
                        let glyph = emoji.toned(self.preferences.tone());
                        self.preferences.record_use(&glyph);
                        // After all input handlers: otherwise the replacement is reverted and
                        // cannot be undone.
                        let typed = format!(":{word}:");
                        set_timeout(
                            move || markdown_edit::replace_typed(&field, begin, &typed, &glyph),
                            Duration::ZERO,
                        );
                    }
                }),
            ),
            TokenKind::Shortcode => self.close(),
        }
    }

    /// Calls back with the emoji table; the field may have changed by then.
    fn with_table(self, only_unchanged: bool, then: Box<dyn Fn(&'static str)>) {
        if let Some(table) = emoji::here() {
            return then(table);
        }
        let state = move || {
            self.field
                .try_get_untracked()
                .flatten()
                .map(|field| (field.value(), field.selection_start().ok().flatten()))
        };
        let asked = state();
        emoji::fetch(Box::new(move |table| {
            if let Some(table) = table.filter(|_| !only_unchanged || state() == asked) {
                then(table);
            }
        }));
    }

    fn show(self, begin: u32, end: u32, matches: Vec<(String, Suggestion)>) {
        let (mut inserts, mut suggestions) = (Vec::new(), Vec::new());
        for (insert, suggestion) in matches {
            inserts.push(insert);
            suggestions.push(suggestion);
        }
        self.matches.update_value(|matches| {
            (matches.begin, matches.end, matches.inserts) = (begin, end, inserts)
        });
        self.suggestions.show(suggestions);
    }

    /// Matching members, and @everyone where it is allowed.
    fn people(self, begin: u32, query: &str) -> Vec<(String, Suggestion)> {
        let me = self.app.my_id();
        self.app.conversations.with_untracked(|conversations| {
            let Some(summary) = conversations.find(self.id) else { return Vec::new() };
            let suggestion = |picture: AvatarKind, title: String, username: &str| {
                let hint = format!("@{username}");
                (format!("{hint} "), Suggestion { picture, title, hint, unread: false })
            };
            // Names of @everyone in other products.
            let is_like = query.len() > 1
                && mention::EVERYONE_ALIASES.iter().any(|name| name.starts_with(query));
            let may_mention_everyone = summary.conversation.may_mention_everyone(me).is_ok()
                && (mention::EVERYONE.starts_with(query) || is_like);
            self.app.roster.with_untracked(|roster| {
                let itself = || {
                    conversation_avatar(
                        me,
                        roster,
                        summary,
                        summary.conversation.name.as_deref().unwrap_or_default(),
                    )
                };
                let everyone = may_mention_everyone.then(|| {
                    suggestion(itself(), text::composer::EVERYONE.to_owned(), mention::EVERYONE)
                });
                let is_here = |person: &&Person| {
                    person.id != me
                        && (summary.conversation.kind == ConversationKind::Everyone
                            || summary.members.contains(&person.id))
                };
                let matches = self.matches.try_update_value(|matches| {
                    // Computed once per token: there may be thousands.
                    if matches.people_for != Some(begin) {
                        matches.people_for = Some(begin);
                        matches.people = roster
                            .all()
                            .filter(is_here)
                            .map(|person| (person.id, browser::fold_name(&person.display_name)))
                            .collect();
                    }
                    let fit = |(id, name): &&(PersonId, String)| {
                        let username = roster
                            .find(*id)
                            .and_then(|person| fuzzy_match::score(&person.username, query));
                        fuzzy_match::score(name, query).into_iter().chain(username).min()
                    };
                    fuzzy_match::best_matches(matches.people.iter(), MAX_SUGGESTIONS, fit)
                        .into_iter()
                        .map(|(id, _)| *id)
                        .collect::<Vec<_>>()
                });
                let people =
                    matches.unwrap_or_default().into_iter().filter_map(|id| roster.find(id));
                people
                    .map(|person| {
                        suggestion(
                            person_avatar(roster, person.id),
                            person.display_name.clone(),
                            &person.username,
                        )
                    })
                    .chain(everyone)
                    .collect()
            })
        })
    }

    /// Closes the suggestions until the next input.
    pub(in crate::ui::conversation) fn close(self) {
        self.suggestions.clear();
    }

    /// Returns whether the key was handled.
    pub(in crate::ui::conversation) fn handle_key(self, event: &KeyboardEvent) -> bool {
        match self.suggestions.handle_key(event, true) {
            KeyOutcome::Ignored => return false,
            KeyOutcome::Moved => {}
            KeyOutcome::Accepted(at) => self.accept(at),
            KeyOutcome::Dismissed => {
                self.matches.update_value(|matches| matches.dismissed = Some(matches.begin));
                self.close();
            }
        }
        true
    }

    fn accept(self, at: usize) {
        let Some(field) = self.field.get_untracked() else { return };
        let taken = self.matches.with_value(|matches| {
            Some((matches.begin, matches.end, matches.inserts.get(at)?.clone()))
        });
        self.close();
        if let Some((begin, end, text)) = taken {
            markdown_edit::replace(&field, begin, end, &text);
        }
    }

    /// Id of the current suggestion.
    pub(in crate::ui::conversation) fn active(self) -> Option<String> {
        self.suggestions.active()
    }

    /// The list.
    pub(in crate::ui::conversation) fn view(self) -> impl IntoView {
        view! {
            <SuggestionList
                suggestions=self.suggestions
                label=text::composer::SUGGESTIONS
                accept=Callback::new(move |at| self.accept(at))
            />
        }
    }
}
