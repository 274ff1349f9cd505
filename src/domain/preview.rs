//! Previews of links: which links of a message are looked at, and what of a page may be shown with it.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{ConversationId, Seq, markup};

/// So many links of a message are looked at, until one shows something.
pub const MOST_LOOKED_AT: usize = 3;
/// Most bytes of an address that is looked at.
pub const LONGEST_ADDRESS: usize = 2_000;
/// Most characters of a page's title.
pub const TITLE_LENGTH: usize = 200;
/// Most characters of what a page says of itself.
pub const DESCRIPTION_LENGTH: usize = 400;
/// Most characters of a site's name.
pub const SITE_LENGTH: usize = 80;

/// What a link leads to, as the server saw it when the message was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// The link, as it stands in the message.
    pub url: String,
    /// What the site calls itself, or else its host.
    pub site: String,
    /// The page's title.
    pub title: String,
    /// What the page says of itself; empty where it says nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The page's picture, made anew and small.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<Picture>,
}

/// The picture of a preview, which the server has: no reader's browser asks another site for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// Another picture has another id.
    pub id: Uuid,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

impl Picture {
    /// Where it is, of the message at this place.
    #[must_use]
    pub fn path(&self, conversation: ConversationId, message: Seq) -> String {
        format!("/previews/{conversation}/{message}/{}", self.id)
    }

    /// How large it is shown, in pixels: all of it, in so small a box.
    #[must_use]
    pub fn shown(&self, widest: u32, highest: u32) -> (u32, u32) {
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

/// What a page says of itself, as it came: anything may stand in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// What its site is called.
    pub site: String,
    /// Its title.
    pub title: String,
    /// What it is about.
    pub description: String,
}

impl Seen {
    /// What may be shown of it with this link: one line each, cut to length, nothing in it that turns the words around it. Nothing
    /// for a page without a title.
    #[must_use]
    pub fn of(&self, url: &str, host: &str) -> Option<Preview> {
        let title = one_line(&self.title, TITLE_LENGTH)?;
        let site = one_line(&self.site, SITE_LENGTH).or_else(|| one_line(host, SITE_LENGTH))?;
        let description = one_line(&self.description, DESCRIPTION_LENGTH).unwrap_or_default();
        Some(Preview { url: url.to_owned(), site, title, description, picture: None })
    }
}

/// The links of a message that are looked at, in the order of the text, none twice. What stands in code is none.
#[must_use]
pub fn links(body: &str) -> Vec<String> {
    if !body.contains("://") && !body.to_ascii_lowercase().contains("www.") {
        return Vec::new();
    }
    let mut first: Vec<String> = Vec::new();
    for link in markup::links(body) {
        let is_page = ["http://", "https://"].iter().any(|scheme| link.get(..scheme.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(scheme)));
        if is_page && link.len() <= LONGEST_ADDRESS && !first.contains(&link) {
            first.push(link);
        }
        if first.len() == MOST_LOOKED_AT {
            break;
        }
    }
    first
}

fn one_line(text: &str, most: usize) -> Option<String> {
    let mut line = String::new();
    let mut length = 0;
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).map(|word| word.replace(turns, "")).filter(|word| !word.is_empty());
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
    line.chars().any(|c| !super::text::is_invisible(c) && c != ' ').then_some(line)
}

/// Whether a character turns the direction of what stands around it, or hides there. What joins the letters of many scripts stays.
fn turns(c: char) -> bool {
    super::text::is_invisible(c) && !matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_three_pages_are_looked_at() {
        assert_eq!(links("no link: news.example"), Vec::<String>::new());
        assert_eq!(links("`https://code.example/` mailto:a@b.example ftp://f.example/"), Vec::<String>::new());
        let body = "HTTPS://a.example/, https://b.example/ HTTPS://a.example/ [c](http://c.example/) https://d.example/";
        assert_eq!(links(body), ["HTTPS://a.example/", "https://b.example/", "http://c.example/"]);
        assert_eq!(links("WWW.a.example and www.b.example/x"), ["https://WWW.a.example", "https://www.b.example/x"]);
        assert!(links(&format!("https://a.example/{}", "x".repeat(LONGEST_ADDRESS))).is_empty());
    }

    #[test]
    fn a_picture_is_shown_whole_in_its_box() {
        let of = |width, height| Picture { id: Uuid::nil(), width, height }.shown(120, 84);
        assert_eq!(
            [of(240, 126), of(126, 240), of(240, 240), of(10, 10), of(240, 1), of(1, 240)],
            [(120, 63), (44, 84), (84, 84), (10, 10), (120, 1), (1, 84)]
        );
    }

    #[test]
    fn what_is_shown_of_a_page_is_short_and_turns_nothing_around() {
        let seen = Seen { site: " \u{202e}evil\u{2066}  site\n".into(), title: "字".repeat(500), description: "a\u{0}\tb\u{200d}c".into() };
        let preview = seen.of("https://a.example/", "a.example").unwrap();
        assert_eq!((preview.site.as_str(), preview.description.as_str()), ("evil site", "a b\u{200d}c"));
        assert_eq!(preview.title.chars().count(), TITLE_LENGTH);
        assert!(preview.title.ends_with('…'));
        let bare = Seen { title: "A".into(), ..Seen::default() }.of("https://a.example/", "a.example").unwrap();
        assert_eq!((bare.site.as_str(), bare.description.as_str()), ("a.example", ""));
        for nothing in ["", " \u{202e} \n", "\u{200d}"] {
            assert_eq!(Seen { title: nothing.into(), description: "x".into(), ..Seen::default() }.of("https://a.example/", "a.example"), None);
        }
    }
}
