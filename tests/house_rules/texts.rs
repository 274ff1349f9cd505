//! The rule of interface texts: what people read is in `src/ui/text`, not in the views.

use super::{
    assert_none,
    reader::Source,
    sources,
    tokens::{Kind, Token},
};

/// Where the texts are.
const CATALOGUE: &str = "src/ui/text/";

/// Attributes of elements and properties of components that people read.
const READ: [&str; 10] = [
    "alt",
    "aria-description",
    "aria-label",
    "consequence",
    "heading",
    "hint",
    "label",
    "lead",
    "placeholder",
    "title",
];

/// What is not a text although it looks like one, and where.
const EXCEPT: [(&str, &[&str]); 6] = [
    // Names of keys, as browsers report them.
    (
        "src/ui/",
        &[
            "AltGraph",
            "ArrowDown",
            "ArrowLeft",
            "ArrowRight",
            "ArrowUp",
            "Backspace",
            "Delete",
            "End",
            "Enter",
            "Escape",
            "Home",
            "Tab",
        ],
    ),
    ("src/ui/conversation/composer/markdown_edit.rs", &["Digit8", "Digit9"]),
    // The type of a drag that carries files.
    ("src/ui/conversation/attachments/attachment_tray.rs", &["Files"]),
    // Shortcuts, as `Keyboard::shortcut` takes them.
    (
        "src/ui/conversation/composer/format_toolbar.rs",
        &[
            "Ctrl B",
            "Ctrl I",
            "Ctrl E",
            "Ctrl Shift X",
            "Ctrl Shift U",
            "Ctrl Shift 8",
            "Ctrl Shift 9",
        ],
    ),
    ("src/ui/kit/shortcut.rs", &["Ctrl Shift ", "Ctrl ", "Alt ", "Shift "]),
    ("src/ui/sidebar/mod.rs", &["Ctrl K", "Ctrl Shift F"]),
];

#[test]
fn interface_texts_are_in_the_catalogue() {
    assert_none(sources().iter().flat_map(texts));
}

#[test]
fn the_kit_uses_only_its_own_texts() {
    assert_none(sources().iter().flat_map(foreign_texts));
}

/// Texts of chat that a file of the kit names.
fn foreign_texts(file: &Source) -> Vec<String> {
    if !file.path.starts_with("src/ui/kit/") {
        return Vec::new();
    }
    let is_foreign = |path: &str| {
        path.split_once("text::").is_some_and(|(before, name)| {
            matches!(before, "" | "crate::ui::") && !name.starts_with("kit")
        })
    };
    file.references
        .iter()
        .filter(|reference| is_foreign(&reference.path))
        .map(|reference| super::names(file, reference))
        .collect()
}

/// Texts in a file that may have none.
fn texts(file: &Source) -> Vec<String> {
    if !file.path.starts_with("src/ui/") || file.path.starts_with(CATALOGUE) {
        return Vec::new();
    }
    let is_misplaced = |at: usize, text: &str| {
        !file.tokens[at].in_test
            && is_text(&file.tokens[..at], &file.tokens[at], file.tokens.get(at + 1), text)
            && !is_excepted(&file.path, text)
    };
    let texts = file.tokens.iter().enumerate().filter_map(|(at, token)| {
        let text = token.text().filter(|text| is_misplaced(at, text))?;
        Some((token.start.line, text))
    });
    texts
        .map(|(line, text)| {
            format!("{}:{line}: a text belongs into {CATALOGUE}: {text:.60}", file.path)
        })
        .collect()
}

fn is_excepted(path: &str, text: &str) -> bool {
    EXCEPT.iter().any(|(place, texts)| path.starts_with(place) && texts.contains(&text))
}

/// Whether people read a literal, by the tokens around it.
fn is_text(before: &[Token], literal: &Token, after: Option<&Token>, text: &str) -> bool {
    if let Some(attribute) = attribute(before, literal) {
        return READ.contains(&attribute.as_str()) && has_word(text);
    }
    // Arguments of lint attributes are for developers.
    if matches!(before, [.., name, sign] if name.word() == Some("reason") && sign.is("=")) {
        return false;
    }
    if is_node(before, after) { has_word(text) } else { reads_as_text(text) }
}

/// The attribute whose value a literal is: nothing stands between its name, `=` and the value.
fn attribute(before: &[Token], literal: &Token) -> Option<String> {
    let (sign, before) = before.split_last()?;
    if !sign.is("=") || sign.end != literal.start {
        return None;
    }
    let (mut name, mut next) = (String::new(), sign.start);
    for token in before.iter().rev() {
        let part = match &token.kind {
            Kind::Word(part) => part,
            Kind::Sign(part) if matches!(part.as_str(), "-" | "_" | ":" | "#") => part,
            _ => break,
        };
        if token.end != next {
            break;
        }
        name.insert_str(0, part);
        next = token.start;
    }
    (!name.is_empty()).then_some(name)
}

/// Whether a literal is a child of an element: between tags, blocks and other literals.
fn is_node(before: &[Token], after: Option<&Token>) -> bool {
    let begins = match before {
        [.., name, bang, brace] if name.word() == Some("view") && bang.is("!") => brace.is("{"),
        [.., token] => token.is(">") || token.is("}"),
        [] => false,
    };
    let ends = |token: &Token| ["<", "{", "}"].iter().any(|sign| token.is(sign));
    begins && after.is_some_and(|token| ends(token) || token.text().is_some())
}

fn has_word(text: &str) -> bool {
    text.chars()
        .zip(text.chars().skip(1))
        .any(|(one, next)| one.is_alphabetic() && next.is_alphabetic())
}

/// Whether a literal anywhere in the code reads as a text: it begins with a capitalised word, ends
/// as a sentence, or has a lower-case word beside a value.
fn reads_as_text(text: &str) -> bool {
    let words = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    let mut letters = words.chars();
    // Names of elements are all upper case.
    let is_capitalised = letters.next().is_some_and(char::is_uppercase)
        && letters.next().is_some_and(|c| c.is_lowercase() || c == ' ')
        && !is_code(text);
    let is_sentence = text.contains(' ') && text.ends_with(['.', '?', '!', '…', '”']);
    is_capitalised || is_sentence || is_beside_a_value(text)
}

/// Texts around a value: " more", "{n} new", "at {time}".
fn is_beside_a_value(text: &str) -> bool {
    let is_word = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '{' && c != '}');
        word.len() > 1 && word.chars().all(char::is_alphabetic)
    };
    let words: Vec<&str> = text.split(' ').collect();
    let is_value = |word: &str| {
        word.is_empty() || word.contains('{') && !word.contains(['/', '#', '-', '.', '='])
    };
    words
        .windows(2)
        .any(|pair| is_value(pair[0]) && is_word(pair[1]) || is_word(pair[0]) && pair[1].is_empty())
}

/// Selectors, addresses, and names of methods and types.
fn is_code(text: &str) -> bool {
    text.starts_with(['/', '.', '#', '[', ':', '&', '-', '_'])
}

#[test]
fn foreign_texts_in_the_kit_are_noticed() {
    let found = |text: &str| !foreign_texts(&Source::of("src/ui/kit/x.rs", text)).is_empty();
    assert!(
        found("use crate::ui::text; fn f() { text::message::COPY }")
            && found("use crate::ui::text::search::SEARCH;")
    );
    assert!(!found("use crate::ui::text; fn f() { text::kit::CLOSE }"));
}

#[test]
fn texts_in_views_are_noticed() {
    let found = |text: &str| !texts(&Source::of("src/ui/x.rs", text)).is_empty();
    for text in [
        "view! { <p>\"Not found\"</p> }",
        "view! { <p>\"new\"</p> }",
        "view! { <p>{n} \" more\"</p> }",
        "view! { <p>\"and \" {n}</p> }",
        "view! { \"Muted until \"<Timestamp at/>\".\" }",
        "view! { <input aria-label=\"search\"/> }",
        "view! { <input placeholder=\"Search\"/> }",
        "view! { <button title=\"close it\"/> }",
        "view! { <Confirm label=\"Remove\"/> }",
        "fn f() { \"Today\".to_owned() }",
        "fn f() { \"could not be loaded.\" }",
        "fn f() { format!(\"{n} new\") }",
        "fn f() { format!(\"({n} chosen)\") }",
        "const WORD: &str = \"“Quoted” text\";",
    ] {
        assert!(found(text), "{text}");
    }
    for text in [
        "view! { <p class=\"button quiet\">{text::kit::CLOSE}</p> }",
        "view! { <span>\"@\"</span> \" \" <b>\"1:1\"</b> }",
        "fn f() { match key { \"Enter\" => 1, \"ArrowUp\" => 2 } }",
        "fn f() { find(\".tray button, .composer textarea\") }",
        "fn f() { format!(\"/c/{id}?at={seq}\") }",
        "fn f() { if two { \"avatar square composed\" } else { \"avatar\" } }",
        "#[expect(clippy::x, reason = \"A reason.\")] fn f() {}",
        "mod tests { } #[cfg(test)] mod tests { fn f() { \"Ada Lovelace\" } }",
    ] {
        assert!(!found(text), "{text}");
    }
    assert!(
        texts(&Source::of("src/ui/text/kit.rs", "pub const CLOSE: &str = \"Close\";")).is_empty()
    );
}
