//! The emoji picker: by name, group, and recent use, in a chosen skin tone.

mod recents;
mod table;

use leptos::{html, prelude::*};
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

use super::{
    dom::add,
    overlay::{
        dialog::Caret,
        popover::{Popover, hide},
    },
};
use crate::{
    client::browser,
    domain::emoji::{self, Emoji, Line, TONES},
    ui::text,
};
pub use recents::EmojiPreferences;
use table::{EmojiTable, load};
pub use table::{fetch, here};

/// Maximum number of results of a search.
const MAX_RESULTS: usize = 120;
/// The group of recent emoji, before the table's groups.
const RECENT: &str = text::kit::EMOJI_RECENT;

/// The picker as a popover; closes after a choice.
#[component]
pub fn EmojiPicker(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// Called with the chosen emoji.
    pick: Callback<String>,
) -> impl IntoView {
    view! {
        <Popover open role="dialog" label=text::kit::EMOJI class="emoji-picker">
            <Choice open pick />
        </Popover>
    }
}

#[component]
fn Choice(open: RwSignal<bool>, pick: Callback<String>) -> impl IntoView {
    let preferences = use_context::<EmojiPreferences>().unwrap_or_default();
    let recent = StoredValue::new(preferences.recent());
    let tone = RwSignal::new(preferences.tone());
    let query = RwSignal::new(String::new());
    let group = RwSignal::new(if recent.with_value(Vec::is_empty) {
        String::new()
    } else {
        RECENT.to_owned()
    });
    let table = RwSignal::new(EmojiTable::Loading);
    load(table);
    let field = NodeRef::<html::Input>::new();
    let grid = NodeRef::<html::Div>::new();
    // Browsers may restore the focus with the caret at the beginning.
    let caret = StoredValue::new(Caret::current().map(SendWrapper::new));
    on_cleanup(move || {
        if let Some(caret) =
            caret.try_update_value(Option::take).flatten().filter(|caret| caret.is_lost())
        {
            caret.restore();
        }
    });
    let none = RwSignal::new(false);
    Effect::new(move || {
        let (EmojiTable::Loaded(table), Some(grid)) = (table.get(), grid.get()) else { return };
        let shown = shown(table, &query.get(), &group.get(), &recent.get_value());
        fill(&grid, &shown, tone.get());
        none.set(shown.is_empty());
    });
    let choose = move |glyph: String| {
        preferences.record_use(&glyph);
        if let Some(grid) = grid.get_untracked() {
            hide(&grid, open);
        }
        pick.run(glyph);
    };
    let press = move |event: KeyboardEvent| {
        let Some(grid) = grid.get_untracked() else { return };
        if walk(&grid, &event, field.get_untracked().as_ref()) {
            event.prevent_default();
        }
    };
    view! {
        <div class="emoji" on:keydown=press>
            <div class="emoji-head">
                <input
                    node_ref=field
                    type="text"
                    aria-label=text::kit::EMOJI_SEARCH
                    placeholder=text::kit::EMOJI_SEARCH
                    // On touch devices the keyboard would cover the emoji.
                    autofocus=!browser::is_touch()
                    autocomplete="off"
                    prop:value=move || query.get()
                    on:input=move |event| query.set(event_target_value(&event))
                    on:keydown=move |event| {
                        if event.key() == "Enter" && !browser::is_composing(&event) {
                            event.prevent_default();
                            if let Some(first) = grid
                                .get_untracked()
                                .and_then(|grid| option(&grid, 0))
                            {
                                first.click()
                            }
                        }
                    }
                />
                <Tones tone preferences />
            </div>
            {move || match table.get() {
                EmojiTable::Loaded(table) => {
                    view! {
                        <Groups table group query has_recent=!recent.with_value(Vec::is_empty) />
                        // One listener for hundreds of buttons.
                        <div
                            class="emoji-grid"
                            role="listbox"
                            aria-label=text::kit::EMOJI
                            node_ref=grid
                            on:click=move |event| {
                                let target = event
                                    .target()
                                    .and_then(|target| target.dyn_into::<HtmlElement>().ok());
                                if let Some(option) = target
                                    .filter(|target| target.tag_name() == "BUTTON")
                                {
                                    choose(option.text_content().unwrap_or_default())
                                }
                            }
                        ></div>
                        <p class="quiet hint" role="status">
                            {move || none.get().then_some(text::kit::NO_MATCHES)}
                        </p>
                    }
                        .into_any()
                }
                EmojiTable::Loading => {
                    view! {
                        <p class="quiet hint" role="status">
                            {text::kit::LOADING}
                        </p>
                    }
                        .into_any()
                }
                EmojiTable::Unavailable => {
                    view! {
                        <p class="quiet hint" role="alert">
                            {text::kit::EMOJI_UNAVAILABLE}
                        </p>
                        <p>
                            <button
                                type="button"
                                class="button quiet small"
                                on:click=move |_| load(table)
                            >
                                {text::kit::TRY_AGAIN}
                            </button>
                        </p>
                    }
                        .into_any()
                }
            }}
        </div>
    }
}

/// Search results, or a group.
fn shown(table: &'static str, query: &str, group: &str, recent: &[String]) -> Vec<Emoji<'static>> {
    if !query.trim().is_empty() {
        return emoji::find(table, query.trim(), MAX_RESULTS);
    }
    if group == RECENT {
        let known = |glyph: &String| {
            emoji::plain(glyph)
                .and_then(|(plain, _)| emoji::all(table).find(|emoji| same(emoji.glyph, &plain)))
        };
        return recent.iter().filter_map(known).collect();
    }
    let mut here = group.is_empty();
    let mut of_group = Vec::new();
    for line in emoji::read(table) {
        match line {
            // No group chosen: the first.
            Line::Group(_) if group.is_empty() && !of_group.is_empty() => break,
            Line::Group(name) => here = group.is_empty() || name == group,
            Line::Emoji(emoji) if here => of_group.push(emoji),
            Line::Emoji(_) => {}
        }
    }
    of_group
}

/// Whether a table entry is this emoji, ignoring variation selectors.
fn same(glyph: &str, plain: &str) -> bool {
    glyph.chars().filter(|c| *c != '\u{fe0f}').eq(plain.chars())
}

/// Creates the DOM directly: hundreds of static buttons.
fn fill(grid: &Element, shown: &[Emoji<'static>], tone: Option<char>) {
    grid.set_text_content(None);
    grid.set_scroll_top(0);
    for (at, emoji) in shown.iter().enumerate() {
        let Some(option) = add(grid, "button", "", &emoji.toned(tone)) else { continue };
        let title = text::kit::emoji_title(emoji.name, emoji.shortcode());
        // One tab stop; arrows move inside.
        let stop = if at == 0 { "0" } else { "-1" };
        for (name, value) in [
            ("type", "button"),
            ("role", "option"),
            ("aria-selected", "false"),
            ("tabindex", stop),
            ("aria-label", emoji.name),
            ("title", &title),
        ] {
            let _ = option.set_attribute(name, value);
        }
    }
}

#[component]
fn Groups(
    table: &'static str,
    group: RwSignal<String>,
    query: RwSignal<String>,
    has_recent: bool,
) -> impl IntoView {
    let names: Vec<&'static str> = emoji::read(table)
        .filter_map(|line| if let Line::Group(name) = line { Some(name) } else { None })
        .collect();
    let first = names.first().copied().unwrap_or_default();
    let names = has_recent.then_some(RECENT).into_iter().chain(names);
    let button = move |name: &'static str| {
        let is_here = move || {
            query.with(|query| query.trim().is_empty())
                && group.with(|group| group == name || group.is_empty() && name == first)
        };
        view! {
            <button
                type="button"
                class="emoji-group"
                aria-pressed=move || is_here().to_string()
                on:click=move |_| {
                    query.set(String::new());
                    group.set(name.to_owned());
                }
            >
                {name}
            </button>
        }
        .into_any()
    };
    view! {
        <div class="emoji-groups" role="group" aria-label=text::kit::EMOJI_GROUPS>
            {names.map(button).collect::<Vec<_>>()}
        </div>
    }
}

/// The skin tone selector; the choice is kept.
#[component]
fn Tones(tone: RwSignal<Option<char>>, preferences: EmojiPreferences) -> impl IntoView {
    let glyph = |tone: Option<char>| {
        tone.into_iter().fold("✋".to_owned(), |hand, tone| format!("{hand}{tone}"))
    };
    let now = tone.get_untracked();
    let change = move |event: leptos::ev::Event| {
        let chosen = event_target_value(&event).chars().nth(1);
        preferences.set_tone(chosen);
        tone.set(chosen);
    };
    let options = std::iter::once(None).chain(TONES.into_iter().map(Some));
    let options = options.map(|tone| {
        view! {
            <option value=glyph(tone) selected=tone == now>
                {glyph(tone)}
            </option>
        }
        .into_any()
    });
    view! {
        <select
            aria-label=text::kit::EMOJI_SKIN_TONE
            title=text::kit::EMOJI_SKIN_TONE
            on:change=change
        >
            {options.collect::<Vec<_>>()}
        </select>
    }
}

fn option(grid: &HtmlElement, at: i32) -> Option<HtmlElement> {
    grid.children().item(u32::try_from(at).ok()?)?.dyn_into().ok()
}

/// Arrow keys move in the grid and up into the field. Returns whether the key was handled.
fn walk(
    grid: &HtmlElement,
    event: &KeyboardEvent,
    field: Option<&web_sys::HtmlInputElement>,
) -> bool {
    let active =
        document().active_element().and_then(|active| active.dyn_into::<HtmlElement>().ok());
    let count = i32::try_from(grid.child_element_count()).unwrap_or(0);
    let here = (0..count).find(|at| option(grid, *at) == active);
    // From the field down into the grid.
    let Some(here) = here else {
        let down = event.key() == "ArrowDown"
            && active
                .is_some_and(|active| field.is_some_and(|field| field.is_same_node(Some(&active))));
        return down && option(grid, 0).is_some_and(|first| first.focus().is_ok());
    };
    let top = |at: i32| option(grid, at).map(|one| one.offset_top());
    let columns = (0..count).take_while(|at| top(*at) == top(0)).count();
    let columns = i32::try_from(columns).unwrap_or(1).max(1);
    let next = match event.key().as_str() {
        "ArrowRight" => here + 1,
        "ArrowLeft" => here - 1,
        "ArrowDown" => here + columns,
        "ArrowUp" => here - columns,
        "Home" => 0,
        "End" => count - 1,
        _ => return false,
    };
    if next < 0 && event.key() == "ArrowUp" {
        return field.is_some_and(|field| field.focus().is_ok());
    }
    let _ = option(grid, next).map(|next| next.focus());
    true
}
