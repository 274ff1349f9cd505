//! Avatars of users and groups: an image, or initials on a colour derived from the id.

use leptos::prelude::*;
use uuid::Uuid;
use web_sys::Element;

use super::{
    dom::add,
    icon::{Shape, add_icon},
};

/// Number of avatar colours in `style/kit.css`.
const HUES: u8 = 12;

/// An avatar. Hidden from assistive technology: the name is beside it.
#[component]
pub fn Avatar(
    /// Id of the user or group.
    id: Uuid,
    /// Their name.
    #[prop(into)]
    name: String,
    /// Round for users, else rounded.
    #[prop(default = true)]
    round: bool,
    /// URL of the image, if there is one.
    #[prop(into, optional)]
    picture: Option<Signal<Option<String>>>,
    /// CSS class of the presence dot; none where presence is unknown.
    #[prop(into, optional)]
    dot: Option<Signal<&'static str>>,
) -> impl IntoView {
    view! {
        <span class="avatar" class:square=!round data-hue=hue(id).to_string() aria-hidden="true">
            {initials(&name)}
            {picture.map(image)}
            {dot.map(|dot| view! { <span class=move || dot.get()></span> })}
        </span>
    }
}

/// Covers the initials once it is loaded.
fn image(picture: Signal<Option<String>>) -> AnyView {
    (move || {
        picture
            .get()
            .map(|address| view! { <img src=address alt="" loading="lazy" decoding="async" /> })
    })
    .into_any()
}

/// What an avatar is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AvatarSource {
    /// Id of the user or group.
    pub id: Uuid,
    /// Their name.
    pub name: String,
    /// URL of the image, if there is one.
    pub image_url: Option<String>,
}

/// The avatar of a list row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AvatarKind {
    /// A user.
    Person(AvatarSource),
    /// A group with its own image or initials.
    Group(AvatarSource),
    /// A group composed of some members.
    People(Vec<AvatarSource>),
    /// The Everyone conversation.
    Everyone,
    /// A character.
    Glyph(String),
}

/// A group's avatar: its own image, or up to four members.
#[component]
pub fn GroupAvatar(
    /// Which of the two.
    picture: Memo<AvatarKind>,
) -> impl IntoView {
    let cell = |AvatarSource { id, name, image_url }: AvatarSource| {
        let image = image_url.map(|address| view! { <img src=address alt="" loading="lazy" /> });
        view! { <span data-hue=hue(id).to_string()>{letter(&name)} {image}</span> }.into_any()
    };
    move || match picture.get() {
        AvatarKind::Group(AvatarSource { id, name, image_url }) => {
            view! { <Avatar id name round=false picture=Signal::stored(image_url) /> }.into_any()
        }
        AvatarKind::People(people) => {
            let class = composed_class(people.len());
            view! {
                <span class=class aria-hidden="true">
                    {people.into_iter().map(cell).collect::<Vec<_>>()}
                </span>
            }
            .into_any()
        }
        AvatarKind::Person(_) | AvatarKind::Everyone | AvatarKind::Glyph(_) => ().into_any(),
    }
}

/// Creates the DOM directly, for lists that are rebuilt with every key.
pub(super) fn add_picture(to: &Element, picture: &AvatarKind) -> Option<()> {
    let (class, words) = match picture {
        AvatarKind::Person(source) => ("avatar", initials(&source.name)),
        AvatarKind::Group(source) => ("avatar square", initials(&source.name)),
        AvatarKind::People(people) => (composed_class(people.len()), String::new()),
        AvatarKind::Everyone => ("avatar square everyone", String::new()),
        AvatarKind::Glyph(glyph) => ("avatar glyph", glyph.clone()),
    };
    let place = add(to, "span", class, &words)?;
    place.set_attribute("aria-hidden", "true").ok()?;
    match picture {
        AvatarKind::Person(source) | AvatarKind::Group(source) => set_source(&place, source),
        AvatarKind::People(people) => people.iter().try_for_each(|source| {
            set_source(&add(&place, "span", "", &letter(&source.name))?, source)
        }),
        AvatarKind::Everyone => add_icon(&place, Shape::Everyone),
        AvatarKind::Glyph(_) => Some(()),
    }
}

fn set_source(place: &Element, source: &AvatarSource) -> Option<()> {
    place.set_attribute("data-hue", &hue(source.id).to_string()).ok()?;
    if let Some(address) = &source.image_url {
        let image = add(place, "img", "", "")?;
        image.set_attribute("alt", "").ok()?;
        image.set_attribute("loading", "lazy").ok()?;
        image.set_attribute("src", address).ok()?;
    }
    Some(())
}

const fn composed_class(people: usize) -> &'static str {
    if people == 2 { "avatar square composed two" } else { "avatar square composed" }
}

fn letter(name: &str) -> String {
    initials(name).chars().take(1).collect()
}

/// The colour index of an id.
fn hue(id: Uuid) -> u8 {
    id.as_bytes().iter().fold(0_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(*byte)) % HUES
}

/// Up to two initials: of the first and the last word.
fn initials(name: &str) -> String {
    let mut words =
        name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = words.next();
    let letters = [first, words.next_back()];
    // A name without letters is shown by its first character.
    let instead = first.is_none().then(|| name.chars().next()).flatten();
    letters.into_iter().flatten().chain(instead).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_are_taken_from_the_first_and_last_word() {
        assert_eq!(initials("Ada Byron Lovelace"), "AL");
        assert_eq!(initials("grace"), "G");
        assert_eq!(initials("李 雷"), "李雷");
        assert_eq!(initials("(the) group"), "TG");
        assert_eq!(initials("👩‍💻 👍"), "👩");
        assert_eq!(initials(""), "");
    }
}
