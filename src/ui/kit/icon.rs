//! The icons: paths after Lucide (ISC licence), drawn in the colour of the text around them.

use leptos::prelude::*;
use web_sys::Element;

/// Which picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// ChatBox itself.
    Logo,
    /// Something is wrong.
    Alert,
    /// Back.
    Back,
    /// Whom it is meant for.
    At,
    /// It does not ring.
    BellOff,
    /// Throw it away.
    Bin,
    /// It is kept for oneself.
    Bookmark,
    /// It is done.
    Check,
    /// It is done on both sides.
    Checks,
    /// It waits.
    Clock,
    /// Something is fastened to it.
    Clip,
    /// As in a program.
    Code,
    /// Copy it.
    Copy,
    /// Close.
    Cross,
    /// Down.
    Down,
    /// A conversation of all.
    Everyone,
    /// See how it will look.
    Eye,
    /// A file.
    File,
    /// Several people.
    Group,
    /// More about it.
    Info,
    /// How letters look.
    Letters,
    /// An address.
    Link,
    /// One thing below the other.
    List,
    /// The dark theme.
    Moon,
    /// What else there is.
    More,
    /// Change it.
    Pencil,
    /// Pin it.
    Pin,
    /// Something new.
    Plus,
    /// Somebody's words.
    Quote,
    /// Answer it.
    Reply,
    /// Look for something.
    Search,
    /// Look for something that was said.
    SearchText,
    /// Send it.
    Send,
    /// An emoji.
    Smile,
    /// The light theme.
    Sun,
    /// The system's theme.
    System,
    /// On.
    Next,
    /// Not read.
    Unread,
}

impl Shape {
    const fn path(self) -> &'static str {
        match self {
            Self::Logo => {
                "M21 11.5a8.4 8.4 0 0 1-12.2 7.5L3 21l2-5.8A8.5 8.5 0 1 1 21 11.5ZM8.5 10.5h7M8.5 13.5h4"
            }
            Self::Alert => {
                "M12 8v5M12 16.5v.01M10.3 3.9 2.4 17.6A2 2 0 0 0 4.1 20.6h15.8a2 2 0 0 0 \
                 1.7-3L13.7 3.9a2 2 0 0 0-3.4 0Z"
            }
            Self::Back => "M15 18l-6-6 6-6",
            Self::At => {
                "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM16 8v5a3 3 0 0 0 6 0v-1a10 10 0 1 0-4 8"
            }
            Self::BellOff => {
                "M8.700 3A6 6 0 0 1 18 8a21 21 0 0 0 .600 5M17 17H3s3-2 3-9a5 5 0 0 1 \
                 .300-1.700M10.300 21a2 2 0 0 0 3.400 0M2 2l20 20"
            }
            Self::Bin => "M4 7h16M10 11v6M14 11v6M6 7l1 13h10l1-13M9 7V4h6v3",
            Self::Bookmark => "m19 21-7-4-7 4V5a2 2 0 0 1 2-2h10a2 2 0 0 1 2 2v16Z",
            Self::Check => "M20 6 9 17l-5-5",
            Self::Checks => "M18 6 7 17l-5-5M22 10l-7.500 7.500L13 16",
            Self::Clock => "M12 7v5l3 2M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z",
            Self::Clip => {
                "M21 11.500 12.500 20a5.500 5.500 0 0 1-7.800-7.800l8.500-8.500a3.700 3.700 0 0 1 \
                 5.200 5.200l-8.500 8.500a1.800 1.800 0 0 1-2.600-2.600l7.800-7.800"
            }
            Self::File => {
                "M14 3H7a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V8ZM14 3v5h5M9 13h6M9 17h4"
            }
            Self::Next => "M9 18l6-6-6-6",
            Self::Copy => "M9 9h11v11H9zM5 15H4V4h11v1",
            Self::Code => "M16 18l6-6-6-6M8 6l-6 6 6 6",
            Self::Letters => {
                "M3 18l5-12 5 12M4.700 14h6.600M20 18v-6.500M20 15a2.800 2.800 0 1 1-5.600 0 2.800 \
                 2.800 0 0 1 5.600 0Z"
            }
            Self::List => "M9 6h12M9 12h12M9 18h12M4 6v.01M4 12v.01M4 18v.01",
            Self::Quote => "M5 5v14M10 7h10M10 12h10M10 17h6",
            Self::Cross => "M18 6 6 18M6 6l12 12",
            Self::Down => "M12 5v14M6 13l6 6 6-6",
            Self::Everyone => {
                "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM3 12h18M12 3c2.5 2.6 3.8 5.6 3.8 9s-1.300 \
                 6.400-3.800 9c-2.500-2.600-3.800-5.600-3.800-9S9.500 5.600 12 3Z"
            }
            Self::Eye => {
                "M2.100 12.300a1 1 0 0 1 0-.700 10.800 10.800 0 0 1 19.800 0 1 1 0 0 1 0 .700 \
                 10.800 10.800 0 0 1-19.800 0ZM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z"
            }
            Self::Group => {
                "M16 20v-1.500a4 4 0 0 0-4-4H7a4 4 0 0 0-4 4V20M9.500 11a3.500 3.500 0 1 0 0-7 \
                 3.500 3.500 0 0 0 0 7ZM21 20v-1.500a4 4 0 0 0-3-3.870M15.500 4.200a3.500 3.500 0 \
                 0 1 0 6.600"
            }
            Self::Info => "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 11v5M12 8v.01",
            Self::Link => {
                "M10 14a4.5 4.5 0 0 0 6.800.500l3-3a4.500 4.500 0 0 0-6.400-6.400L12 6.500M14 \
                 10a4.500 4.500 0 0 0-6.800-.500l-3 3a4.500 4.500 0 0 0 6.400 6.400L12 17.500"
            }
            Self::Moon => {
                "M20.500 13.200A8.500 8.500 0 1 1 10.800 3.500a6.600 6.600 0 0 0 9.700 9.700Z"
            }
            Self::More => "M5 12v.010M12 12v.010M19 12v.010",
            Self::Pencil => "M4 20l1-4L16.500 4.500a2.100 2.100 0 0 1 3 3L8 19ZM14.500 6.500l3 3",
            Self::Pin => "M12 17v4M8 4h8l-1 7 3 3v3H6v-3l3-3Z",
            Self::Plus => "M12 5v14M5 12h14",
            Self::Reply => "M9 8 4 13l5 5M4 13h10a6 6 0 0 1 6 6",
            Self::Search => "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM20.500 20.500 16 16",
            Self::SearchText => {
                "M4 5h16M4 12h5M4 19h5M16 18.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7ZM21 \
                 20.500l-2.500-2.500"
            }
            Self::Send => "M5 12h14M13 6l6 6-6 6",
            Self::Smile => {
                "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM8.500 14a4.500 4.500 0 0 0 7 0M9 \
                 9.500v.010M15 9.500v.010"
            }
            Self::Sun => {
                "M12 16.500a4.500 4.500 0 1 0 0-9 4.500 4.500 0 0 0 0 9ZM12 2v2M12 20v2M4.900 \
                 4.900l1.400 1.400M17.700 17.700l1.400 1.400M2 12h2M20 12h2M4.900 \
                 19.100l1.400-1.400M17.700 6.300l1.400-1.400"
            }
            Self::System => "M4 5h16v11H4zM9 20h6M12 16v4",
            Self::Unread => "M20 11.500V18H4V6h9M4 7l8 6 3-2.200M19 7v.010",
        }
    }
}

/// A picture that says nothing to assistive technology: the words stand beside it or are the
/// button's name.
#[component]
pub fn Icon(
    /// Which.
    shape: Shape,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d=shape.path()></path>
        </svg>
    }
}

/// The same by hand, at the end of another element.
pub(super) fn add_icon(to: &Element, shape: Shape) -> Option<()> {
    let make = |name, attributes: &[(&str, &str)]| {
        let made = document().create_element_ns(Some("http://www.w3.org/2000/svg"), name).ok()?;
        attributes
            .iter()
            .try_for_each(|(name, value)| made.set_attribute(name, value))
            .ok()
            .map(|()| made)
    };
    let icon = make("svg", &[("class", "icon"), ("viewBox", "0 0 24 24")])?;
    let path = make("path", &[("d", shape.path())])?;
    icon.append_child(&path).ok()?;
    to.append_child(&icon).ok().map(drop)
}
