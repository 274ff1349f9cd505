//! A message's text as views: links recognised, line breaks kept, everything else as it was typed. Never raw HTML.

use leptos::prelude::*;
use linkify::{LinkFinder, LinkKind};

/// The text.
#[component]
pub fn RichText(
    /// As it was typed.
    text: String,
) -> impl IntoView {
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]);
    // Only what has a scheme is a link, and only these schemes lead anywhere.
    let leads = |address: &str| address.split_once("://").is_some_and(|(scheme, _)| matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https"));
    let spans: Vec<_> = finder
        .spans(&text)
        .map(|span| {
            let words = span.as_str().to_owned();
            if span.kind().is_some() && leads(&words) {
                let address = words.clone();
                view! { <a href=address target="_blank" rel="noopener noreferrer nofollow">{words}</a> }.into_any()
            } else {
                words.into_any()
            }
        })
        .collect();
    view! { <div class="text" dir="auto">{spans}</div> }
}
