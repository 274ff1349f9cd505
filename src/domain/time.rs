//! Times and the calendar. The calendar is proleptic Gregorian, in UTC; its arithmetic is Howard
//! Hinnant's `days_from_civil` and `civil_from_days`.

/// Milliseconds since 1970-01-01 UTC. For display only: nothing is ordered by it.
pub type Millis = i64;

/// A minute.
pub const MINUTE: Millis = 60_000;
/// An hour.
pub const HOUR: Millis = 60 * MINUTE;
/// A day.
pub const DAY: Millis = 24 * HOUR;

/// Days from 1970-01-01 to 0000-03-01, where the years of the arithmetic begin.
const EPOCH: i64 = 719_468;
/// Days of 400 years.
const ERA: i64 = 146_097;

/// The day that contains a time, counted from 1970-01-01.
#[must_use]
pub const fn day_of(at: Millis) -> i64 {
    at.div_euclid(DAY)
}

/// Days from 1970-01-01 to a date. `None` for a date that does not exist.
#[must_use]
pub fn day_of_date(year: u32, month: u32, date: u32) -> Option<i64> {
    let longest = match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=longest).contains(&date) {
        return None;
    }
    let (year, month, date) =
        (i64::from(year) - i64::from(month <= 2), i64::from(month), i64::from(date));
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + date - 1;
    Some(era * ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year - EPOCH)
}

/// Year, month and date of a day counted from 1970-01-01.
#[must_use]
pub const fn date_of_day(day: i64) -> (i64, i64, i64) {
    let day = day + EPOCH;
    let (era, of_era) = (day.div_euclid(ERA), day.rem_euclid(ERA));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let date = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + if month <= 2 { 1 } else { 0 }, month, date)
}

/// A time to the second, in UTC, as ISO 8601: `2026-11-22T08:45:42Z`.
#[must_use]
pub fn iso(at: Millis) -> String {
    let (year, month, date) = date_of_day(day_of(at));
    let seconds = at.rem_euclid(DAY) / 1000;
    format!(
        "{year:04}-{month:02}-{date:02}T{:02}:{:02}:{:02}Z",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_days_convert_both_ways() {
        let mut day = day_of_date(1600, 1, 1).unwrap();
        for year in 1600_u32..2401 {
            for month in 1..=12 {
                for date in 1..=31 {
                    let Some(counted) = day_of_date(year, month, date) else { continue };
                    assert_eq!(counted, day, "{year}-{month}-{date}");
                    assert_eq!(date_of_day(day), (year.into(), month.into(), date.into()));
                    day += 1;
                }
            }
        }
        assert_eq!(day_of_date(1970, 1, 1), Some(0));
        for (year, month, date) in
            [(1900, 2, 29), (2026, 2, 30), (2026, 13, 1), (2026, 0, 1), (2026, 4, 31), (2026, 1, 0)]
        {
            assert_eq!(day_of_date(year, month, date), None, "{year}-{month}-{date}");
        }
    }

    #[test]
    fn times_are_written_in_iso_8601() {
        assert_eq!(iso(0), "1970-01-01T00:00:00Z");
        assert_eq!(iso(-1), "1969-12-31T23:59:59Z");
        assert_eq!(iso(951_827_696_789), "2000-02-29T12:34:56Z");
        assert_eq!(day_of(-1), -1);
    }
}
