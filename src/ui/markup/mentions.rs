//! Mentions in messages, with a resolver from the caller.

use std::sync::Arc;

use leptos::prelude::*;

use crate::domain::{PersonId, mention};

/// A resolved mention.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// Name to show.
    pub name: String,
    /// The user, if it is one.
    pub person: Option<PersonId>,
    /// Whether it is the current user.
    pub is_me: bool,
}

/// Resolves usernames; reactive in what it reads.
#[derive(Clone)]
pub struct MentionResolver(Arc<Find>);

type Find = dyn Fn(&str) -> Option<Mention> + Send + Sync;

impl MentionResolver {
    /// From a function.
    pub fn new(find: impl Fn(&str) -> Option<Mention> + Send + Sync + 'static) -> Self {
        Self(Arc::new(find))
    }

    /// The mentions of a message.
    pub(super) fn resolve(self, mentions: mention::Mentions) -> ResolvedMentions {
        let mention::Mentions { usernames, everyone } = mentions;
        let all = usernames.into_iter().chain(everyone.then(|| mention::EVERYONE.to_owned()));
        let one = |username: String| {
            let (names, query) = (self.clone(), username.clone());
            (username, Memo::new(move |_| (names.0)(&query)))
        };
        ResolvedMentions(all.map(one).collect())
    }
}

/// The mentions that count in one message.
#[derive(Default)]
pub(super) struct ResolvedMentions(Vec<(String, Memo<Option<Mention>>)>);

impl ResolvedMentions {
    /// Text with its mentions as elements.
    pub(super) fn view(&self, text: String) -> AnyView {
        if self.0.is_empty() {
            return text.into_any();
        }
        let (mut views, mut from) = (Vec::new(), 0);
        for (at, _) in text.match_indices('@') {
            let Some(typed) = mention::name_at(&text, at) else { continue };
            let Some((_, named)) =
                self.0.iter().find(|(username, _)| username.eq_ignore_ascii_case(typed))
            else {
                continue;
            };
            if from < at {
                views.push(text[from..at].to_owned().into_any());
            }
            from = at + 1 + typed.len();
            views.push(mention_view(text[at..from].to_owned(), *named));
        }
        if from < text.len() {
            views.push(text[from..].to_owned().into_any());
        }
        views.into_any()
    }
}

fn mention_view(typed: String, named: Memo<Option<Mention>>) -> AnyView {
    let view = move || match named.get() {
        Some(Mention { name, person, is_me }) => view! {
            <span
                class="mention"
                class:me=is_me
                title=typed.clone()
                data-person=person.map(|person| person.to_string())
            >
                "@"
                {name}
            </span>
        }
        .into_any(),
        None => typed.clone().into_any(),
    };
    view.into_any()
}
