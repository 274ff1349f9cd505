//! A message's tree as views.

use leptos::prelude::*;

use super::{Align, Block, Inline, parse};
use crate::client::browser;

/// How long a button says that it has done what it was pressed for.
const SAID: std::time::Duration = std::time::Duration::from_secs(2);

/// The text.
#[component]
pub fn RichText(
    /// As it was typed.
    text: String,
) -> impl IntoView {
    view! { <div class="text">{blocks(parse(&text), Some("auto"))}</div> }
}

/// The direction is found for each part that stands by itself, and holds for all inside it: a list's marks stand where its words
/// begin. With line ends between them, which are not seen: who takes the words alone still has them apart.
fn blocks(of: Vec<Block>, dir: Option<&'static str>) -> Vec<AnyView> {
    let mut views = Vec::with_capacity(2 * of.len());
    for part in of {
        if !views.is_empty() {
            views.push("\n\n".into_any());
        }
        views.push(block(part, dir));
    }
    views
}

fn block(block: Block, dir: Option<&'static str>) -> AnyView {
    match block {
        Block::Paragraph(inside) => view! { <p dir=dir>{inlines(inside)}</p> }.into_any(),
        // No heading of the page: those belong to the app.
        Block::Heading(inside) => view! { <p dir=dir class="text-heading">{inlines(inside)}</p> }.into_any(),
        Block::Quote(inside) => view! { <blockquote dir=dir>{blocks(inside, None)}</blockquote> }.into_any(),
        Block::List { start, items } => {
            let items: Vec<_> = items.into_iter().map(|item| view! { <li>{blocks(item, None)}</li> }.into_any()).collect();
            match start {
                Some(start) => view! { <ol dir=dir start=start.to_string()>{items}</ol> }.into_any(),
                None => view! { <ul dir=dir>{items}</ul> }.into_any(),
            }
        }
        Block::Code { language, text } => view! { <CodeBlock language text/> }.into_any(),
        Block::Table { align, rows } => table(&align, rows),
        Block::Rule => view! { <hr/> }.into_any(),
    }
}

fn inlines(of: Vec<Inline>) -> Vec<AnyView> {
    of.into_iter().map(inline).collect()
}

fn inline(inline: Inline) -> AnyView {
    match inline {
        Inline::Text(text) => text.into_any(),
        Inline::Strong(inside) => view! { <strong>{inlines(inside)}</strong> }.into_any(),
        Inline::Emphasis(inside) => view! { <em>{inlines(inside)}</em> }.into_any(),
        Inline::Strike(inside) => view! { <s>{inlines(inside)}</s> }.into_any(),
        Inline::Code(code) => view! { <code>{code}</code> }.into_any(),
        Inline::Link { address, inside } => {
            // What is shown may say something else than where it leads: the pointer can ask.
            let title = address.clone();
            view! { <a href=address title=title target="_blank" rel="noopener noreferrer nofollow">{inlines(inside)}</a> }.into_any()
        }
    }
}

fn table(align: &[Align], rows: Vec<Vec<Vec<Inline>>>) -> AnyView {
    let class = |column: usize| match align.get(column) {
        Some(Align::Center) => "center",
        Some(Align::End) => "end",
        _ => "",
    };
    let mut rows = rows.into_iter();
    let head: Vec<_> = rows
        .next()
        .unwrap_or_default()
        .into_iter()
        .enumerate()
        .map(|(n, cell)| view! { <th class=class(n)>{inlines(cell)}</th> }.into_any())
        .collect();
    let body: Vec<_> = rows
        .map(|cells| {
            let cells: Vec<_> = cells.into_iter().enumerate().map(|(n, cell)| view! { <td class=class(n)>{inlines(cell)}</td> }.into_any()).collect();
            view! { <tr>{cells}</tr> }.into_any()
        })
        .collect();
    view! {
        <div class="text-table" tabindex="0" role="group" aria-label="Table">
            <table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>
        </div>
    }
    .into_any()
}

/// Code as it stands, to be read sideways where it is wide, and to be copied.
#[component]
fn CodeBlock(language: String, text: String) -> impl IntoView {
    let copied = RwSignal::new(false);
    let code = StoredValue::new(text.clone());
    let copy = move |_| {
        if browser::copy(&code.get_value()) {
            copied.set(true);
            set_timeout(
                move || {
                    // Its message may be gone by then.
                    let _ = copied.try_set(false);
                },
                SAID,
            );
        }
    };
    view! {
        <div class="text-code" dir="ltr">
            <div class="text-code-head">
                <span>{language}</span>
                <button type="button" class="button quiet small" on:click=copy>{move || if copied.get() { "Copied" } else { "Copy" }}</button>
            </div>
            <pre tabindex="0" role="group" aria-label="Code"><code>{text}</code></pre>
        </div>
    }
}
