//! Times: first rendered in UTC, the same on server and client; after hydration in local time.

use std::time::Duration;

use leptos::{ev::PointerEvent, prelude::*};

use crate::{
    client::browser,
    domain::time::{MINUTE, Millis, day_of, iso},
    ui::text,
};

/// Hour and minute; leading zeros and 12 or 24 hours follow the locale.
const TIME: browser::DateFormat = &[("hour", "numeric"), ("minute", "2-digit")];

/// Format of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeFormat {
    /// Time of day.
    Time,
    /// Date in words.
    Day,
    /// Time if today, else date.
    Short,
    /// For future times: time if today, else date and time.
    Upcoming,
}

/// The local date, once the time zone is known.
#[derive(Clone, Copy)]
pub struct Clock {
    today: RwSignal<Option<Millis>>,
    /// Updated every minute.
    now: RwSignal<Millis>,
}

impl Clock {
    /// Provides the clock, which starts on hydration.
    pub fn provide() {
        let clock = Self { today: RwSignal::new(None), now: RwSignal::new(0) };
        provide_context(clock);
        Effect::new(move || {
            let look = move || {
                browser::reset_time_zone();
                clock.now.set(browser::now());
                let today = day(browser::now(), true);
                if clock.today.get_untracked() != Some(today) {
                    clock.today.set(Some(today));
                }
            };
            // In a task of its own: the first formatters take as long as a tenth of hydration.
            set_timeout(look, Duration::ZERO);
            let _ = set_interval_with_handle(look, Duration::from_secs(60));
        });
    }

    /// Day number of a time, in local time.
    #[must_use]
    pub fn day(self, at: Millis) -> Millis {
        day(at, self.today.get().is_some())
    }

    /// A time in words.
    #[must_use]
    pub fn words(self, at: Millis, format: TimeFormat) -> String {
        let Some(today) = self.today.get() else { return utc_text(at, format) };
        let ago = today - day(at, true);
        match format {
            TimeFormat::Time => browser::local_time(at, TIME),
            TimeFormat::Short | TimeFormat::Upcoming if ago == 0 => browser::local_time(at, TIME),
            TimeFormat::Upcoming => browser::local_time(
                at,
                &[
                    ("weekday", "short"),
                    ("day", "numeric"),
                    ("month", "short"),
                    ("hour", "numeric"),
                    ("minute", "2-digit"),
                ],
            ),
            TimeFormat::Day if ago == 0 => text::kit::TODAY.to_owned(),
            TimeFormat::Day | TimeFormat::Short if ago == 1 => text::kit::YESTERDAY.to_owned(),
            TimeFormat::Short if ago < 7 => browser::local_time(at, &[("weekday", "short")]),
            TimeFormat::Short if ago < 300 => {
                browser::local_time(at, &[("day", "numeric"), ("month", "short")])
            }
            TimeFormat::Short => {
                browser::local_time(at, &[("year", "numeric"), ("month", "short")])
            }
            TimeFormat::Day => browser::local_time(
                at,
                &[("weekday", "long"), ("day", "numeric"), ("month", "long"), ("year", "numeric")],
            ),
        }
    }

    /// Relative time; only after hydration.
    #[must_use]
    pub fn ago(self, at: Millis) -> String {
        let minutes = (self.now.get() - at) / MINUTE;
        match minutes {
            ..=1 => text::kit::JUST_NOW.to_owned(),
            2..60 => text::kit::minutes_ago(minutes),
            _ if self.today.get() == Some(day(at, true)) => {
                text::kit::today_at(&self.words(at, TimeFormat::Time))
            }
            _ => self.words(at, TimeFormat::Short),
        }
    }
}

/// A `<time>` element. Its tooltip, the time to the second, is written when it is pointed at:
/// hydration would otherwise format each time twice.
#[component]
pub fn Timestamp(
    /// When.
    at: Millis,
    /// How it is written.
    format: TimeFormat,
) -> impl IntoView {
    let clock = expect_context::<Clock>();
    let write_tooltip = move |event: PointerEvent| {
        let exact = browser::local_time(at, &[("dateStyle", "full"), ("timeStyle", "medium")]);
        event_target::<web_sys::HtmlElement>(&event).set_title(&exact);
    };
    view! {
        <time datetime=iso(at) on:pointerenter=write_tooltip>
            {move || clock.words(at, format)}
        </time>
    }
}

fn day(at: Millis, local: bool) -> Millis {
    let ahead = if local { browser::utc_offset(at) } else { 0 };
    day_of(at + ahead)
}

/// UTC without a locale: what server and client render first.
fn utc_text(at: Millis, format: TimeFormat) -> String {
    let text = iso(at);
    match format {
        TimeFormat::Time | TimeFormat::Upcoming => text[11..16].to_owned(),
        TimeFormat::Day | TimeFormat::Short => text[..10].to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_first_rendered_in_utc() {
        assert_eq!(utc_text(1_795_337_142_301, TimeFormat::Time), "08:45");
        assert_eq!(utc_text(1_795_337_142_301, TimeFormat::Day), "2026-11-22");
    }
}
