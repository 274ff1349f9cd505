//! Days in a search query: `2026-01-31`, `today`, `yesterday`, `7d`.

use crate::domain::{
    Millis,
    time::{DAY, MINUTE, day_of, day_of_date},
};

/// Before any message.
const MAX_DAYS: u32 = 100_000;

/// A day, where the one who asks is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Day {
    /// So many days after 1970-01-01.
    Of(Millis),
    /// So many days before today.
    Ago(u32),
}

impl Day {
    /// Parses a day.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "today" => return Some(Self::Ago(0)),
            "yesterday" => return Some(Self::Ago(1)),
            ago => {
                if let Some(days) =
                    ago.strip_suffix('d').and_then(number).filter(|days| *days <= MAX_DAYS)
                {
                    return Some(Self::Ago(days));
                }
            }
        }
        let mut parts = text.split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || year.len() != 4 || month.len() > 2 || day.len() > 2 {
            return None;
        }
        let (year, month, day) = (number(year)?, number(month)?, number(day)?);
        day_of_date(year, month, day).map(Self::Of)
    }

    /// Start of the day. `now` is the current time, `ahead` the UTC offset in minutes.
    #[must_use]
    pub fn begins(self, now: Millis, ahead: i32) -> Millis {
        let ahead = Millis::from(ahead) * MINUTE;
        let day = match self {
            Self::Of(day) => day,
            Self::Ago(days) => day_of(now + ahead) - Millis::from(days),
        };
        day * DAY - ahead
    }
}

/// Parses a number of digits only: no sign, no blank.
fn number(text: &str) -> Option<u32> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::HOUR;

    #[test]
    fn days_are_parsed() {
        assert_eq!(Day::parse("1970-01-01"), Some(Day::Of(0)));
        assert_eq!(Day::parse("2000-2-29"), Some(Day::Of(11_016)));
        assert_eq!(Day::parse("2026-11-22"), Some(Day::Of(20_779)));
        assert_eq!(
            (Day::parse("Today"), Day::parse("yesterday"), Day::parse("7d")),
            (Some(Day::Ago(0)), Some(Day::Ago(1)), Some(Day::Ago(7)))
        );
        for none in [
            "",
            "d",
            "-1d",
            "2026",
            "2026-13-01",
            "2026-02-30",
            "1900-02-29",
            "2026-01-01-01",
            "26-01-01",
            "2026-1-001",
            "999999999999d",
            "１d",
            "2026-00-10",
            "+2026-01-01",
        ] {
            assert_eq!(Day::parse(none), None, "{none}");
        }
    }

    #[test]
    fn days_start_at_local_midnight() {
        let noon = 20_779 * DAY + DAY / 2;
        assert_eq!(Day::Ago(0).begins(noon, 0), 20_779 * DAY);
        assert_eq!(Day::Ago(1).begins(noon, 0), 20_778 * DAY);
        assert_eq!(
            Day::Ago(0).begins(noon, 60),
            20_779 * DAY - HOUR,
            "an hour ahead, midnight was an hour earlier"
        );
        assert_eq!(
            Day::Ago(0).begins(noon, 13 * 60),
            20_780 * DAY - 13 * HOUR,
            "there it is tomorrow already"
        );
        assert_eq!(Day::Of(0).begins(noon, -60), HOUR);
    }
}
