//! Time as the record knows it: UTC milliseconds for entries, calendar dates in Asia/Shanghai for periods.

use std::fmt;
use std::str::FromStr;

use jiff::civil;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::core::ids::IdError;

/// Milliseconds in a minute.
pub const MINUTE_MS: i64 = 60_000;
/// Milliseconds in a day.
pub const DAY_MS: i64 = 86_400_000;
/// China has kept one fixed offset, UTC+8, since 1991.
const SHANGHAI_MS: i64 = 8 * 3_600_000;
/// Last instant with a four-digit year: 9999-12-31T23:59:59.999Z.
const MAX_MS: i64 = 253_402_300_799_999;

/// An instant, in milliseconds since 1970-01-01T00:00:00Z; text form `YYYY-MM-DDTHH:MM:SS.mmmZ` (RFC 3339, UTC).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(i64);

/// A calendar date in Asia/Shanghai; text form `YYYY-MM-DD`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(civil::Date);

impl Time {
    /// From milliseconds since the epoch; `None` outside 1970 to 9999.
    #[must_use]
    pub fn from_ms(ms: i64) -> Option<Self> {
        (0..=MAX_MS).contains(&ms).then_some(Self(ms))
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub fn ms(self) -> i64 {
        self.0
    }

    /// This instant moved by `ms` milliseconds, held within 1970 to 9999.
    #[must_use]
    pub fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms).clamp(0, MAX_MS))
    }

    /// The calendar date in Asia/Shanghai.
    #[must_use]
    pub fn date(self) -> Date {
        let days = (self.0 + SHANGHAI_MS).div_euclid(DAY_MS);
        Date(civil::date(1970, 1, 1).saturating_add(jiff::Span::new().days(days.min(2_932_896))))
    }

    /// The last day of a period that ends before this instant: a period ends at 24:00, which is the next day's first instant.
    /// Every end of a period is shown as this day.
    #[must_use]
    pub fn last_day(self) -> Date {
        self.plus_ms(-1).date()
    }

    /// Minutes since midnight in Asia/Shanghai, 0 to 1439.
    #[must_use]
    pub fn minute_of_day(self) -> i64 {
        (self.0 + SHANGHAI_MS).rem_euclid(DAY_MS) / MINUTE_MS
    }
}

impl Date {
    /// The first instant of the date in Asia/Shanghai.
    #[must_use]
    pub fn start(self) -> Time {
        let days = i64::from(civil::date(1970, 1, 1).until(self.0).map_or(0, |span| span.get_days()));
        Time((days * DAY_MS - SHANGHAI_MS).clamp(0, MAX_MS))
    }

    /// The date `days` later (or earlier), held within years 1 to 9999.
    #[must_use]
    pub fn plus_days(self, days: i32) -> Self {
        Self(self.0.saturating_add(jiff::Span::new().days(days)))
    }

    /// The same day so many months later, or the last day of a shorter month.
    #[must_use]
    pub fn plus_months(self, months: u8) -> Self {
        Self(self.0.saturating_add(jiff::Span::new().months(i32::from(months))))
    }

    /// Whether it is a Saturday or Sunday.
    #[must_use]
    pub fn is_weekend(self) -> bool {
        matches!(self.0.weekday(), civil::Weekday::Saturday | civil::Weekday::Sunday)
    }

    /// Writes the digits of the text form; the hyphens stand already. Years go to 9999.
    fn write(self, text: &mut [u8]) {
        write_digits(&mut text[..4], self.0.year().into());
        write_digits(&mut text[5..7], self.0.month().into());
        write_digits(&mut text[8..10], self.0.day().into());
    }

    /// The first day of a month; of the nearest one where there is no such month.
    #[must_use]
    pub fn first_of(year: i16, month: i8) -> Self {
        Self(civil::date(year.clamp(1, 9999), month.clamp(1, 12), 1))
    }

    /// Year, month and day.
    #[must_use]
    pub fn parts(self) -> (i16, i8, i8) {
        (self.0.year(), self.0.month(), self.0.day())
    }
}

/// Where the present time comes from. Handed in, so that tests and verification choose it.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Time;
}

/// Fills `place` with the last decimal digits of `number`, which is not negative.
fn write_digits(place: &mut [u8], number: i64) {
    let mut rest = number.unsigned_abs();
    for digit in place.iter_mut().rev() {
        *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
    }
}

fn digits(text: &str, range: std::ops::Range<usize>) -> Option<i64> {
    let part = text.get(range)?;
    part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok())?
}

impl FromStr for Date {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let parse = || {
            let bytes = text.as_bytes();
            if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
                return None;
            }
            let year = i16::try_from(digits(text, 0..4)?).ok()?;
            let month = i8::try_from(digits(text, 5..7)?).ok()?;
            let day = i8::try_from(digits(text, 8..10)?).ok()?;
            civil::Date::new(year, month, day).ok().filter(|d| d.year() >= 1970)
        };
        parse().map(Self).ok_or(IdError { what: "Date" })
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = *b"yyyy-mm-dd";
        self.write(&mut text);
        f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl FromStr for Time {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let parse = || {
            let bytes = text.as_bytes();
            let marks = [(10, b'T'), (13, b':'), (16, b':'), (19, b'.'), (23, b'Z')];
            if bytes.len() != 24 || marks.iter().any(|&(at, mark)| bytes[at] != mark) {
                return None;
            }
            let date: Date = text.get(0..10)?.parse().ok()?;
            let (hour, minute, second) = (digits(text, 11..13)?, digits(text, 14..16)?, digits(text, 17..19)?);
            let milli = digits(text, 20..23)?;
            if hour > 23 || minute > 59 || second > 59 {
                return None;
            }
            let days = i64::from(civil::date(1970, 1, 1).until(date.0).ok()?.get_days());
            Time::from_ms(days * DAY_MS + hour * 3_600_000 + minute * MINUTE_MS + second * 1_000 + milli)
        };
        parse().ok_or(IdError { what: "Time" })
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = i32::try_from(self.0.div_euclid(DAY_MS)).map_err(|_| fmt::Error)?;
        let ms = self.0.rem_euclid(DAY_MS);
        let date = Date(civil::date(1970, 1, 1)).plus_days(days);
        let mut text = *b"yyyy-mm-ddThh:mm:ss.mmmZ";
        date.write(&mut text[..10]);
        write_digits(&mut text[11..13], ms / 3_600_000);
        write_digits(&mut text[14..16], ms / MINUTE_MS % 60);
        write_digits(&mut text[17..19], ms / 1_000 % 60);
        write_digits(&mut text[20..23], ms % 1_000);
        f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

macro_rules! text_serde {
    ($name:ident) => {
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::core::ids::from_text(deserializer)
            }
        }
    };
}
text_serde!(Time);
text_serde!(Date);

#[cfg(test)]
mod tests {
    use super::{Date, Time};

    #[test]
    fn times_have_one_spelling() {
        let time: Time = "2026-11-21T16:00:00.000Z".parse().unwrap();
        assert_eq!(time.to_string(), "2026-11-21T16:00:00.000Z");
        for text in ["1970-01-01T00:00:00.000Z", "2001-02-03T04:05:06.007Z", "9999-12-31T23:59:59.999Z"] {
            assert_eq!(text.parse::<Time>().unwrap().to_string(), text);
        }
        for bad in
            ["2026-11-21T16:00:00Z", "2026-02-30T00:00:00.000Z", "2026-11-21t16:00:00.000Z", "2026-11-21T24:00:00.000Z"]
        {
            assert!(bad.parse::<Time>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_day_in_liandu_begins_at_sixteen_utc() {
        let time: Time = "2026-11-21T16:00:00.000Z".parse().unwrap();
        let date: Date = "2026-11-22".parse().unwrap();
        assert_eq!(time.date(), date);
        assert_eq!(date.start(), time);
        assert_eq!(time.last_day(), "2026-11-21".parse().unwrap(), "24:00 belongs to the day that it ends");
        assert_eq!(time.plus_ms(1).last_day(), date);
        assert!(date.is_weekend());
    }
}
