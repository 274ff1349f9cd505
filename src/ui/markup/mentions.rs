//! Names in running text that mean somebody: who, is known outside of here.

use std::sync::Arc;

use leptos::prelude::*;

use crate::domain::{PersonId, mention};

/// Somebody who is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// What they are called.
    pub name: String,
    /// Who it is, if it is one person.
    pub person: Option<PersonId>,
    /// Whether it is the reader.
    pub is_me: bool,
}

/// Finds who is meant by a name; whatever it reads is watched.
#[derive(Clone)]
pub struct MentionResolver(Arc<Find>);

type Find = dyn Fn(&str) -> Option<Mention> + Send + Sync;

impl MentionResolver {
    /// By this.
    pub fn new(find: impl Fn(&str) -> Option<Mention> + Send + Sync + 'static) -> Self {
        Self(Arc::new(find))
    }

    /// Those whom a message means.
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

/// The names that count in one message.
#[derive(Default)]
pub(super) struct ResolvedMentions(Vec<(String, Memo<Option<Mention>>)>);

impl ResolvedMentions {
    /// Running text, with a name instead of each that means somebody who is known.
    pub(super) fn view(&self, text: String) -> AnyView {
        if self.0.is_empty() {
            return text.into_any();
        }
        let (mut views, mut from) = (Vec::new(), 0);
        for (at, _) in text.match_indices('@') {
            let Some(typed) = mention::name_at(&text, at) else { continue };
            let Some((_, named)) = self.0.iter().find(|(username, _)| username.eq_ignore_ascii_case(typed)) else { continue };
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
        Some(Mention { name, person, is_me }) => {
            view! { <span class="mention" class:me=is_me title=typed.clone() data-person=person.map(|person| person.to_string())>"@"{name}</span> }
                .into_any()
        }
        None => typed.clone().into_any(),
    };
    view.into_any()
}
