//! A person or group as a small picture: their own, else initials on a colour that follows from the id.

use leptos::prelude::*;
use uuid::Uuid;

/// How many colours `style/kit.css` has for avatars.
const HUES: u8 = 12;

/// The picture. It says nothing to assistive technology: the name stands beside it.
#[component]
pub fn Avatar(
    /// Whose.
    id: Uuid,
    /// Their name.
    #[prop(into)]
    name: String,
    /// Round for people, else rounded.
    #[prop(default = true)]
    round: bool,
    /// Where their own picture lies, if they have one.
    #[prop(into, optional)]
    picture: Option<Signal<Option<String>>>,
    /// How the dot looks that says whether they are there; none where that is not known.
    #[prop(into, optional)]
    dot: Option<Signal<&'static str>>,
) -> impl IntoView {
    view! {
        <span class="avatar" class:square=!round data-hue=hue(id).to_string() aria-hidden="true">
            {initials(&name)}
            {picture.map(own)}
            {dot.map(|dot| view! { <span class=move || dot.get()></span> })}
        </span>
    }
}

/// Over the initials, which are seen until it has come.
fn own(picture: Signal<Option<String>>) -> AnyView {
    (move || picture.get().map(|address| view! { <img src=address alt="" loading="lazy" decoding="async"/> })).into_any()
}

/// A group: its own picture, else up to four of its people, each with their picture or one letter.
#[component]
pub fn GroupAvatar(
    /// Of which group.
    id: Uuid,
    /// Its name.
    name: String,
    /// Whose pictures: id, name, and where it lies.
    people: Memo<Vec<(Uuid, String, Option<String>)>>,
    /// Where its own picture lies, if it has one.
    picture: Memo<Option<String>>,
) -> impl IntoView {
    move || {
        if picture.with(Option::is_some) {
            return view! { <Avatar id name=name.clone() round=false picture=Signal::derive(move || picture.get())/> }.into_any();
        }
        let people = people.get();
        if people.len() < 2 {
            return view! { <Avatar id name=name.clone() round=false/> }.into_any();
        }
        let cell = |(id, name, picture): (Uuid, String, Option<String>)| {
            let letter: String = initials(&name).chars().take(1).collect();
            view! { <span data-hue=hue(id).to_string()>{letter} {picture.map(|address| view! { <img src=address alt="" loading="lazy"/> })}</span> }
                .into_any()
        };
        let class = if people.len() == 2 { "avatar square composed two" } else { "avatar square composed" };
        view! { <span class=class aria-hidden="true">{people.into_iter().map(cell).collect::<Vec<_>>()}</span> }.into_any()
    }
}

/// Which of the hues: always the same for the same id.
pub(super) fn hue(id: Uuid) -> u8 {
    id.as_bytes().iter().fold(0_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(*byte)) % HUES
}

/// Up to two letters: of the first and the last word.
pub(super) fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = words.next();
    let letters = [first, words.next_back()];
    letters.into_iter().flatten().flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_are_of_the_first_and_last_word() {
        assert_eq!(initials("Ada Byron Lovelace"), "AL");
        assert_eq!(initials("grace"), "G");
        assert_eq!(initials("李 雷"), "李雷");
        assert_eq!(initials("(the) group"), "TG");
        assert_eq!(initials("👍"), "");
    }
}
