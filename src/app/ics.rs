//! Calendars that other programs read: iCalendar (RFC 5545). What goes in are words, days and times; what comes out depends on it alone.

use std::fmt::Write as _;

use crate::core::clock::{Date, Time};

/// Most octets of a line, its end not counted (RFC 5545, 3.1).
const LINE: usize = 75;
/// Who made it (RFC 5545, 3.7.3).
const PRODUCT: &str = "-//sunvote//calendar//ZH";
/// How often programs should ask again: dates move seldom, and a called session is told days before.
const AGAIN: &str = "PT6H";

/// When something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// All day.
    Day(Date),
    /// At a time. How long it takes nobody knows before.
    At(Time),
}

/// One thing in a calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its name, the same each time; unique in the world with what stands after its `@`.
    pub uid: String,
    /// When it is.
    pub when: When,
    /// What it is, in a line.
    pub summary: String,
    /// What else there is to say; may have several lines.
    pub description: String,
    /// Where, if anywhere.
    pub location: Option<String>,
    /// Its page.
    pub url: String,
    /// Whether it was called off.
    pub cancelled: bool,
}

/// A calendar with its events, as made at `stamp`.
#[must_use]
pub fn calendar(name: &str, stamp: Time, events: &[Event]) -> String {
    let mut text = String::new();
    let mut put = |line: &str| fold(line, &mut text);
    put("BEGIN:VCALENDAR");
    put("VERSION:2.0");
    put(&format!("PRODID:{PRODUCT}"));
    put("CALSCALE:GREGORIAN");
    let name = escaped(name);
    // The first is RFC 7986's; programs that are older know the second.
    put(&format!("NAME:{name}"));
    put(&format!("X-WR-CALNAME:{name}"));
    put(&format!("REFRESH-INTERVAL;VALUE=DURATION:{AGAIN}"));
    for event in events {
        put("BEGIN:VEVENT");
        put(&format!("UID:{}", escaped(&event.uid)));
        put(&format!("DTSTAMP:{}", utc(stamp)));
        put(&match event.when {
            When::Day(day) => format!("DTSTART;VALUE=DATE:{}", digits(day)),
            When::At(time) => format!("DTSTART:{}", utc(time)),
        });
        put(&format!("SUMMARY:{}", escaped(&event.summary)));
        if !event.description.is_empty() {
            put(&format!("DESCRIPTION:{}", escaped(&event.description)));
        }
        if let Some(location) = &event.location {
            put(&format!("LOCATION:{}", escaped(location)));
        }
        // An address is no text: nothing in it is escaped (RFC 5545, 3.3.13). Ours hold no control characters.
        put(&format!("URL:{}", event.url));
        put(if event.cancelled { "STATUS:CANCELLED" } else { "STATUS:CONFIRMED" });
        put("TRANSP:TRANSPARENT");
        put("END:VEVENT");
    }
    put("END:VCALENDAR");
    text
}

/// A value of type TEXT (RFC 5545, 3.3.11): line breaks and what separates values escaped, other controls left out.
fn escaped(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    for char in text.replace("\r\n", "\n").chars() {
        match char {
            '\\' | ';' | ',' => value.extend(['\\', char]),
            '\n' => value.push_str("\\n"),
            char if char.is_control() => {}
            char => value.push(char),
        }
    }
    value
}

/// A line in pieces of at most [`LINE`] octets, each further one begun by a space, and no letter cut in two.
fn fold(line: &str, text: &mut String) {
    let mut room = LINE;
    for char in line.chars() {
        if char.len_utf8() > room {
            text.push_str("\r\n ");
            room = LINE - 1;
        }
        text.push(char);
        room -= char.len_utf8();
    }
    text.push_str("\r\n");
}

/// 20261121
fn digits(day: Date) -> String {
    let (year, month, day) = day.parts();
    format!("{year:04}{month:02}{day:02}")
}

/// 20261121T113000Z
fn utc(time: Time) -> String {
    let text = time.to_string();
    let mut value = String::with_capacity(16);
    let seconds = text.split('.').next().unwrap_or_default();
    // Writing to a string never fails.
    let _ = write!(value, "{}Z", seconds.replace(['-', ':'], ""));
    value
}

#[cfg(test)]
mod tests {
    use super::{Event, LINE, When, calendar, escaped, fold};

    #[test]
    fn lines_are_folded_between_letters_and_unfold_to_what_they_were() {
        for line in ["A".repeat(75), "A".repeat(76), "票".repeat(60), format!("A{}", "决".repeat(50))] {
            let mut folded = String::new();
            fold(&line, &mut folded);
            let lines: Vec<&str> = folded.strip_suffix("\r\n").unwrap().split("\r\n").collect();
            assert!(lines.iter().all(|line| line.len() <= LINE), "{folded:?}");
            assert!(lines[1..].iter().all(|line| line.starts_with(' ')), "{folded:?}");
            assert_eq!(folded.replace("\r\n ", "").trim_end(), line);
        }
    }

    #[test]
    fn what_separates_values_is_escaped() {
        assert_eq!(escaped("一,二;三\\四\r\n五\u{7}"), "一\\,二\\;三\\\\四\\n五");
    }

    #[test]
    fn a_title_can_not_put_a_line_of_its_own_into_the_calendar() {
        let event = Event {
            uid: "1@x".to_owned(),
            when: When::Day("2026-11-21".parse().unwrap()),
            summary: "修路\r\nSTATUS:CANCELLED".to_owned(),
            description: String::new(),
            location: None,
            url: "https://x".to_owned(),
            cancelled: false,
        };
        let text = calendar("村", "2026-11-21T11:30:00.000Z".parse().unwrap(), &[event]);
        assert!(text.contains("\r\nSUMMARY:修路\\nSTATUS:CANCELLED\r\n") && !text.contains("\nSTATUS:CANCELLED"));
        assert!(
            text.contains("\r\nDTSTART;VALUE=DATE:20261121\r\n") && text.contains("\r\nDTSTAMP:20261121T113000Z\r\n")
        );
    }
}
