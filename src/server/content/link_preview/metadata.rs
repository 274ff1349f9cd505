//! Reads the metadata of a page from its head: token by token, without a tree, so that nesting does
//! not matter.

use encoding_rs::{Encoding, UTF_8};
use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};

use crate::domain::link_preview::PageMetadata;

/// Bytes at the beginning in which a page declares its charset.
const CHARSET_WITHIN: usize = 1024;
/// Maximum number of bytes of one value.
const MAX_FIELD: usize = 4_000;

/// The metadata of a page and the URL of its image; `kind` is the `Content-Type`.
pub(super) fn read(bytes: &[u8], kind: &str) -> (PageMetadata, Option<String>) {
    let beginning =
        String::from_utf8_lossy(&bytes[..bytes.len().min(CHARSET_WITHIN)]).to_ascii_lowercase();
    let named = charset(kind).or_else(|| charset(&beginning)).unwrap_or(UTF_8);
    // A byte order mark outweighs the declared charset.
    let (text, ..) = named.decode(bytes);
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let mut head = HeadFields::default();
    for Ok(token) in Tokenizer::new_with_emitter(&*text, emitter) {
        match token {
            Token::StartTag(tag) if tag.name.as_slice() == b"body" => break,
            Token::StartTag(tag) if tag.name.as_slice() == b"title" => {
                head.in_title = head.title.is_empty()
            }
            Token::StartTag(tag) if tag.name.as_slice() == b"meta" => head.meta(&tag),
            Token::EndTag(tag) if tag.name.as_slice() == b"head" => break,
            Token::EndTag(_) => head.in_title = false,
            Token::String(text) if head.in_title && head.title.len() < MAX_FIELD => {
                head.title.push_str(&String::from_utf8_lossy(&text.value))
            }
            _ => {}
        }
    }
    head.page_metadata()
}

fn charset(text: &str) -> Option<&'static Encoding> {
    let (_, rest) = text.split_once("charset=")?;
    let label =
        rest.trim_start_matches(['"', '\'', ' ']).split(['"', '\'', ' ', ';', '>', '/']).next()?;
    Encoding::for_label(label.as_bytes())
}

#[derive(Default)]
struct HeadFields {
    title: String,
    in_title: bool,
    /// The first value of each name.
    values: [String; META_NAMES.len()],
}

const META_NAMES: [&str; 8] = [
    "og:title",
    "twitter:title",
    "og:description",
    "twitter:description",
    "description",
    "og:site_name",
    "og:image",
    "twitter:image",
];

impl HeadFields {
    fn meta(&mut self, tag: &StartTag<()>) {
        let value = |name: &[u8]| {
            tag.attributes.get(name).map(|found| String::from_utf8_lossy(&found.value).into_owned())
        };
        let Some(content) = value(b"content").filter(|content| content.len() < MAX_FIELD) else {
            return;
        };
        for name in [value(b"property"), value(b"name")].into_iter().flatten() {
            if let Some(place) =
                META_NAMES.iter().position(|known| name.trim().eq_ignore_ascii_case(known))
                && self.values[place].trim().is_empty()
            {
                self.values[place].clone_from(&content);
            }
        }
    }

    fn page_metadata(self) -> (PageMetadata, Option<String>) {
        let [
            og_title,
            twitter_title,
            og_description,
            twitter_description,
            description,
            site,
            og_image,
            twitter_image,
        ] = self.values;
        let first = |of: Vec<String>| {
            of.into_iter().find(|values| !values.trim().is_empty()).unwrap_or_default()
        };
        let picture = first(vec![og_image, twitter_image]);
        let page_metadata = PageMetadata {
            site,
            title: first(vec![og_title, twitter_title, self.title]),
            description: first(vec![og_description, twitter_description, description]),
        };
        (page_metadata, Some(picture).filter(|picture| !picture.is_empty()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(html: &str) -> (String, String, String) {
        let (PageMetadata { site, title, description }, _) = read(html.as_bytes(), "text/html");
        (site, title.trim().to_owned(), description)
    }

    #[test]
    fn open_graph_metadata_takes_precedence() {
        let own = "<html><head><title>\nDucks &amp; geese</title><meta name=description \
                   content='All of them'></head>";
        assert_eq!(of(own), (String::new(), "Ducks & geese".into(), "All of them".into()));
        let html = "<META PROPERTY=og:title CONTENT='Ducks'><meta property='og:title' \
                    content='Geese'><meta property=og:site_name content=Pond>\
                    <title>Own</title><meta name=twitter:description content='Of water'>";
        assert_eq!(of(html), ("Pond".into(), "Ducks".into(), "Of water".into()));
    }

    #[test]
    fn only_the_head_is_read_and_scripts_are_ignored() {
        assert_eq!(
            of("<script>'<title>no</title>'</script><title>yes</title></head><title>no</title>").1,
            "yes"
        );
        assert_eq!(
            of("<!-- <title>no</title> --><style><title>no</title></style><body><title>no</title>")
                .1,
            ""
        );
        assert_eq!(
            of("<title>never closed <meta property=og:title content=no>").1,
            "never closed <meta property=og:title content=no>"
        );
    }

    #[test]
    fn the_declared_charset_is_used() {
        let ducks = b"<meta charset=\"windows-1252\"><title>Z\xfcrich</title>";
        assert_eq!(read(ducks, "text/html").0.title, "Zürich");
        assert_eq!(read(b"<title>\x82\xa0</title>", "text/html; charset=shift_jis").0.title, "あ");
        assert_eq!(read(b"\xff\xfe<\0t\0i\0t\0l\0e\0>\0A\0", "text/html").0.title, "A");
        assert_eq!(
            read(b"<title>\xff\xfe\xfd", "text/html; charset=none-such").0.title,
            "\u{fffd}\u{fffd}\u{fffd}"
        );
    }

    #[test]
    fn hostile_pages_are_parsed_quickly() {
        for piece in [
            "<div>",
            "<title>",
            "<meta property=og:title content=",
            "<a b=c ",
            "&amp",
            "<!--",
            "</",
            "<svg><title>",
        ] {
            let _ = read(piece.repeat(1024 * 1024 / piece.len()).as_bytes(), "text/html");
        }
    }
}
