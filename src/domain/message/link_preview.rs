//! Link previews: which links of a message get one, and what of a page is shown.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::{ConversationId, Seq, markup};

/// Maximum number of links that are tried until one has a preview.
pub const MAX_LINKS: usize = 3;
/// Maximum bytes of a URL.
pub const MAX_URL_BYTES: usize = 2_000;
/// Maximum characters of a page's title.
pub const TITLE_LENGTH: usize = 200;
/// Maximum characters of a page's description.
pub const DESCRIPTION_LENGTH: usize = 400;
/// Maximum characters of a site's name.
pub const SITE_LENGTH: usize = 80;

/// Preview of a link, made when the message was posted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkPreview {
    /// The link.
    pub url: String,
    /// Name of the site, or its host.
    pub site: String,
    /// Title of the page.
    pub title: String,
    /// Description of the page; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Re-encoded thumbnail of the page's image.
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "picture")]
    pub thumbnail: Option<Thumbnail>,
}

/// Image of a preview. This server serves it, so that clients send no request to the linked site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thumbnail {
    /// Its id; a new image has a new one.
    pub id: Uuid,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
}

impl Thumbnail {
    /// Its path, for the message at this position.
    #[must_use]
    pub fn path(&self, conversation: ConversationId, message: Seq) -> String {
        format!("/previews/{conversation}/{message}/{}", self.id)
    }

    /// Its size scaled down into a box, in pixels, keeping the aspect ratio.
    #[must_use]
    pub fn fit_within(&self, widest: u32, highest: u32) -> (u32, u32) {
        let (width, height) = (self.width.max(1), self.height.max(1));
        let fits = |most: u32, length: u32, other: u32| (other * most / length).max(1);
        if width <= widest && height <= highest {
            (width, height)
        } else if width * highest > height * widest {
            (widest, fits(widest, width, height))
        } else {
            (fits(highest, height, width), highest)
        }
    }
}

/// Metadata of a page. Untrusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageMetadata {
    /// Name of the site.
    pub site: String,
    /// Title.
    pub title: String,
    /// Description.
    pub description: String,
}

impl PageMetadata {
    /// The preview for a link: each text on one line, truncated, without bidi controls. `None` for
    /// a page without a title.
    #[must_use]
    pub fn to_preview(&self, url: &str, host: &str) -> Option<LinkPreview> {
        let title = one_line(&self.title, TITLE_LENGTH)?;
        let site = one_line(&self.site, SITE_LENGTH).or_else(|| one_line(host, SITE_LENGTH))?;
        let description = one_line(&self.description, DESCRIPTION_LENGTH).unwrap_or_default();
        Some(LinkPreview { url: url.to_owned(), site, title, description, thumbnail: None })
    }
}

/// The links of a message that may get a preview, in order, without duplicates and without those in
/// code.
#[must_use]
pub fn candidate_links(body: &str) -> Vec<String> {
    if !body.contains("://") && !body.to_ascii_lowercase().contains("www.") {
        return Vec::new();
    }
    let mut first: Vec<String> = Vec::new();
    for link in markup::links(body) {
        let is_page = ["http://", "https://"].iter().any(|scheme| {
            link.get(..scheme.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(scheme))
        });
        if is_page && link.len() <= MAX_URL_BYTES && !first.contains(&link) {
            first.push(link);
        }
        if first.len() == MAX_LINKS {
            break;
        }
    }
    first
}

fn one_line(text: &str, most: usize) -> Option<String> {
    let mut line = String::new();
    let mut length = 0;
    let words = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .map(|word| word.replace(is_hidden_or_bidi, ""))
        .filter(|word| !word.is_empty());
    'cut: for word in words {
        for c in (length > 0).then_some(' ').into_iter().chain(word.chars()) {
            if length >= most - 1 {
                line.push('…');
                break 'cut;
            }
            line.push(c);
            length += 1;
        }
    }
    line.chars().any(|c| !crate::domain::text::is_invisible(c) && c != ' ').then_some(line)
}

/// Whether a character is invisible or a bidi control. Joiners and variation selectors, which many
/// scripts need, are not.
fn is_hidden_or_bidi(c: char) -> bool {
    crate::domain::text::is_invisible(c)
        && !matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_three_links_are_candidates() {
        assert_eq!(candidate_links("no link: news.example"), Vec::<String>::new());
        assert_eq!(
            candidate_links("`https://code.example/` mailto:a@b.example ftp://f.example/"),
            Vec::<String>::new()
        );
        let body = "HTTPS://a.example/, https://b.example/ HTTPS://a.example/ \
                    [c](http://c.example/) https://d.example/";
        assert_eq!(
            candidate_links(body),
            ["HTTPS://a.example/", "https://b.example/", "http://c.example/"]
        );
        assert_eq!(
            candidate_links("WWW.a.example and www.b.example/x"),
            ["https://WWW.a.example", "https://www.b.example/x"]
        );
        assert!(
            candidate_links(&format!("https://a.example/{}", "x".repeat(MAX_URL_BYTES))).is_empty()
        );
    }

    #[test]
    fn thumbnails_keep_their_aspect_ratio() {
        let of = |width, height| Thumbnail { id: Uuid::nil(), width, height }.fit_within(120, 84);
        assert_eq!(
            [of(240, 126), of(126, 240), of(240, 240), of(10, 10), of(240, 1), of(1, 240)],
            [(120, 63), (44, 84), (84, 84), (10, 10), (120, 1), (1, 84)]
        );
    }

    #[test]
    fn previews_are_truncated_and_have_no_bidi_controls() {
        let page_metadata = PageMetadata {
            site: " \u{202e}evil\u{2066}  site\n".into(),
            title: "字".repeat(500),
            description: "a\u{0}\tb\u{200d}c".into(),
        };
        let preview = page_metadata.to_preview("https://a.example/", "a.example").unwrap();
        assert_eq!(
            (preview.site.as_str(), preview.description.as_str()),
            ("evil site", "a b\u{200d}c")
        );
        assert_eq!(preview.title.chars().count(), TITLE_LENGTH);
        assert!(preview.title.ends_with('…'));
        let bare = PageMetadata { title: "A".into(), ..PageMetadata::default() }
            .to_preview("https://a.example/", "a.example")
            .unwrap();
        assert_eq!((bare.site.as_str(), bare.description.as_str()), ("a.example", ""));
        for nothing in ["", " \u{202e} \n", "\u{200d}"] {
            assert_eq!(
                PageMetadata {
                    title: nothing.into(),
                    description: "x".into(),
                    ..PageMetadata::default()
                }
                .to_preview("https://a.example/", "a.example"),
                None
            );
        }
    }
}
