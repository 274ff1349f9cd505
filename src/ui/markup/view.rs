//! A message's markup tree as views.

use leptos::{html, prelude::*};

use super::{MentionResolver, mentions::ResolvedMentions};
use crate::{
    client::{browser, rendering},
    domain::{
        emoji_only,
        markup::{Align, Block, Facts, Inline, Item, ListKind, parse},
        rendering::{RenderKind, RenderRequest},
    },
    ui::text,
};

/// How long a button shows "Copied".
const COPIED_DURATION: std::time::Duration = std::time::Duration::from_secs(2);

/// The message text.
#[component]
pub fn RichText(
    /// As typed.
    text: String,
    /// Resolver of mentions; without it there are none.
    #[prop(optional)]
    names: Option<MentionResolver>,
) -> impl IntoView {
    let parts = parse(&text);
    let class = match emoji_only::count(&text) {
        None => "text",
        Some(..=3) => "text emoji-only few",
        Some(_) => "text emoji-only",
    };
    let mentions = names.map(|names| names.resolve(Facts::of(&parts).mentions)).unwrap_or_default();
    view! { <div class=class>{blocks(parts, Some("auto"), &mentions)}</div> }
}

/// The direction is found for each part that stands by itself, and holds for all inside it: a
/// list's marks stand where its words begin. With line ends between them, which are not seen: who
/// takes the words alone still has them apart.
fn blocks(of: Vec<Block>, dir: Option<&'static str>, mentions: &ResolvedMentions) -> Vec<AnyView> {
    let mut views = Vec::with_capacity(2 * of.len());
    for part in of {
        if !views.is_empty() {
            views.push("\n\n".into_any());
        }
        views.push(block(part, dir, mentions));
    }
    views
}

fn block(block: Block, dir: Option<&'static str>, mentions: &ResolvedMentions) -> AnyView {
    match block {
        Block::Paragraph(inside) => view! { <p dir=dir>{inlines(inside, mentions)}</p> }.into_any(),
        // Not a heading of the page, whose outline belongs to the app.
        Block::Heading(inside) => view! {
            <p dir=dir class="text-heading">
                {inlines(inside, mentions)}
            </p>
        }
        .into_any(),
        Block::Quote(inside) => {
            view! { <blockquote dir=dir>{blocks(inside, None, mentions)}</blockquote> }.into_any()
        }
        Block::List { kind, items } => {
            let items: Vec<_> =
                items.into_iter().map(|item| list_item(item, kind, mentions)).collect();
            // Without list markers some browsers drop the list role.
            match kind {
                ListKind::Numbered => view! {
                    <ol dir=dir role="list">
                        {items}
                    </ol>
                }
                .into_any(),
                ListKind::Bulleted | ListKind::Signed => view! {
                    <ul dir=dir role="list">
                        {items}
                    </ul>
                }
                .into_any(),
            }
        }
        Block::Code { language, text } => view! { <CodeBlock language text /> }.into_any(),
        Block::Formula(tex) => formula(tex, RenderKind::Display, "formula large"),
        Block::Table { align, headed, rows } => table(&align, headed, rows, mentions),
        Block::Rule => view! { <hr /> }.into_any(),
    }
}

/// The marker is text, as typed: it is selected and copied, and no width truncates it. It begins
/// the first paragraph.
fn list_item(item: Item, kind: ListKind, mentions: &ResolvedMentions) -> AnyView {
    let typed = item.marker.clone() + " ";
    let marker = match (item.done, kind) {
        (Some(done), _) => {
            let says = if done { text::message::DONE } else { text::message::NOT_DONE };
            view! {
                <span class="text-marker" role="img" aria-label=says>
                    {if done { "☑ " } else { "☐ " }}
                </span>
            }
            .into_any()
        }
        (None, ListKind::Bulleted) => view! {
            <span class="text-marker bullet" aria-hidden="true">
                <span>{typed}</span>
            </span>
        }
        .into_any(),
        (None, _) => view! { <span class="text-marker">{typed}</span> }.into_any(),
    };
    let mut inside = item.inside.into_iter().peekable();
    let first = match inside.next_if(|block| matches!(block, Block::Paragraph(_))) {
        Some(Block::Paragraph(words)) => {
            view! { <p>{marker}{inlines(words, mentions)}</p> }.into_any()
        }
        _ => view! { <p>{marker}</p> }.into_any(),
    };
    let rest: Vec<Block> = inside.collect();
    let gap = (!rest.is_empty()).then_some("\n\n");
    view! { <li>{first}{gap}{blocks(rest, None, mentions)}</li> }.into_any()
}

fn inlines(of: Vec<Inline>, mentions: &ResolvedMentions) -> Vec<AnyView> {
    of.into_iter().map(|part| inline(part, mentions)).collect()
}

fn inline(inline: Inline, mentions: &ResolvedMentions) -> AnyView {
    match inline {
        Inline::Text(text) => mentions.view(text),
        Inline::Strong(inside) => view! { <strong>{inlines(inside, mentions)}</strong> }.into_any(),
        Inline::Emphasis(inside) => view! { <em>{inlines(inside, mentions)}</em> }.into_any(),
        Inline::Strike(inside) => view! { <s>{inlines(inside, mentions)}</s> }.into_any(),
        Inline::Code(code) => view! { <code>{code}</code> }.into_any(),
        Inline::Formula { tex, display: false } => formula(tex, RenderKind::Formula, "formula"),
        Inline::Formula { tex, display: true } => formula(tex, RenderKind::Display, "formula"),
        Inline::Link { address, inside } => {
            // The text may claim another destination; the tooltip tells.
            let title = address.clone();
            view! {
                <a href=address title=title target="_blank" rel="noopener noreferrer nofollow">
                    {inlines(inside, &ResolvedMentions::default())}
                </a>
            }
            .into_any()
        }
    }
}

/// A formula, as typed until it is rendered.
fn formula(tex: String, kind: RenderKind, class: &'static str) -> AnyView {
    let mark = if kind == RenderKind::Formula { "$" } else { "$$" };
    let typed = format!("{mark}{tex}{mark}");
    let place =
        rendered_span(RenderRequest { kind, language: String::new(), text: tex }, typed.clone());
    view! {
        <span class=class dir="ltr" node_ref=place>
            {typed}
        </span>
    }
    .into_any()
}

/// An element whose text is rendered by the server after hydration.
fn rendered_span(request: RenderRequest, typed: String) -> NodeRef<html::Span> {
    let place = NodeRef::<html::Span>::new();
    Effect::new(move || {
        if let Some(place) = place.get() {
            rendering::render(request.clone(), &typed, (*place).clone().into());
        }
    });
    place
}

fn table(
    align: &[Align],
    headed: bool,
    rows: Vec<Vec<Vec<Inline>>>,
    mentions: &ResolvedMentions,
) -> AnyView {
    let class = |column: usize| match align.get(column) {
        Some(Align::Center) => "center",
        Some(Align::End) => "end",
        _ => "",
    };
    let mut rows = rows.into_iter().peekable();
    let head = rows.next_if(|_| headed).map(|cells| {
        let cells: Vec<_> = cells
            .into_iter()
            .enumerate()
            .map(|(n, cell)| view! { <th class=class(n)>{inlines(cell, mentions)}</th> }.into_any())
            .collect();
        view! {
            <thead>
                <tr>{cells}</tr>
            </thead>
        }
    });
    let body: Vec<_> = rows
        .map(|cells| {
            let cells: Vec<_> = cells
                .into_iter()
                .enumerate()
                .map(|(n, cell)| {
                    view! { <td class=class(n)>{inlines(cell, mentions)}</td> }.into_any()
                })
                .collect();
            view! { <tr>{cells}</tr> }.into_any()
        })
        .collect();
    view! {
        <div class="text-table" tabindex="0" role="group" aria-label=text::message::TABLE>
            <table>{head}<tbody>{body}</tbody></table>
        </div>
    }
    .into_any()
}

/// A code block that scrolls sideways and can be copied.
#[component]
fn CodeBlock(language: String, text: String) -> impl IntoView {
    let place = rendered_span(
        RenderRequest { kind: RenderKind::Code, language: language.clone(), text: text.clone() },
        text.clone(),
    );
    let copied = RwSignal::new(false);
    let code = StoredValue::new(text.clone());
    let copy = move |_| {
        if browser::copy_text(&code.get_value()) {
            copied.set(true);
            set_timeout(
                move || {
                    // The message may be gone by now.
                    let _ = copied.try_set(false);
                },
                COPIED_DURATION,
            );
        }
    };
    view! {
        <div class="text-code" dir="ltr">
            <div class="text-code-head">
                <span>{language}</span>
                <button type="button" class="button quiet small" on:click=copy>
                    {move || if copied.get() { text::message::COPIED } else { text::message::COPY }}
                </button>
            </div>
            <pre tabindex="0" role="group" aria-label=text::message::CODE>
                <code>
                    <span node_ref=place>{text}</span>
                </code>
            </pre>
        </div>
    }
}
