//! Days as the law counts them: the day of posting is not counted, a period ends at 24:00 of its last day, and a last day
//! that is a holiday moves to the next day that isn't (Civil Code arts. 201–203).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::core::clock::{Date, Time};

/// A period in days; working days only where the rule says 工作日.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// How many days.
    pub days: u16,
    /// Whether only working days count.
    pub working: bool,
}

/// Public holidays and the weekend days worked in exchange, as the State Council announces them each year.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    holidays: BTreeSet<Date>,
    workdays: BTreeSet<Date>,
}

impl Calendar {
    /// This calendar with one year's days added.
    pub fn extend(&mut self, holidays: &[Date], workdays: &[Date]) {
        self.holidays.extend(holidays);
        self.workdays.extend(workdays);
    }

    /// Whether people work on `date`.
    #[must_use]
    pub fn is_working_day(&self, date: Date) -> bool {
        self.workdays.contains(&date) || (!date.is_weekend() && !self.holidays.contains(&date))
    }

    /// The first instant after a period that began with an act at `from`: 24:00 of its last day.
    #[must_use]
    pub fn end_of(&self, from: Time, period: Period) -> Time {
        self.last_day(from.date(), period).plus_days(1).start()
    }

    /// The last day of a period whose day 0 is `from`.
    #[must_use]
    pub fn last_day(&self, from: Date, period: Period) -> Date {
        let mut day = from;
        if period.working {
            let mut left = period.days;
            for _ in 0..u32::from(period.days) * 2 + 366 {
                if left == 0 {
                    break;
                }
                day = day.plus_days(1);
                left -= u16::from(self.is_working_day(day));
            }
            return day;
        }
        day = day.plus_days(i32::from(period.days));
        // A last day on a holiday is extended (art. 203). A period of no days has no last day to extend.
        // No calendar has a year without a working day; the bound keeps a record from holding up its reader for ever.
        for _ in 0..366 {
            if period.days == 0 || self.is_working_day(day) {
                break;
            }
            day = day.plus_days(1);
        }
        day
    }

    /// The last day of a period as counted, where it is a rest day and the period therefore ends later (art. 203).
    #[must_use]
    pub fn moved_from(&self, from: Date, period: Period) -> Option<Date> {
        let counted = from.plus_days(i32::from(period.days));
        (!period.working && counted != self.last_day(from, period)).then_some(counted)
    }

    /// Whether an act of `held_on` entered on `entered` is late: after more than three working days.
    #[must_use]
    pub fn is_late_entry(&self, held_on: Date, entered: Date) -> bool {
        entered > self.last_day(held_on, Period { days: 3, working: true })
    }
}

#[cfg(test)]
mod tests {
    use super::{Calendar, Period};
    use crate::core::clock::{Date, Time};

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    /// National Day 2026 as planned in these tests: 1 to 7 October off, Saturday 10 October worked.
    fn calendar() -> Calendar {
        let mut calendar = Calendar::default();
        let off: Vec<Date> = (1..=7).map(|d| date(&format!("2026-10-0{d}"))).collect();
        calendar.extend(&off, &[date("2026-10-10")]);
        calendar
    }

    #[test]
    fn the_day_of_posting_is_not_counted_and_the_last_day_ends_at_midnight() {
        let posted: Time = "2026-11-10T01:00:00.000Z".parse().unwrap();
        let end = calendar().end_of(posted, Period { days: 3, working: false });
        assert_eq!(end, date("2026-11-14").start());
    }

    #[test]
    fn a_last_day_on_a_holiday_moves_on() {
        let calendar = calendar();
        assert_eq!(calendar.last_day(date("2026-09-28"), Period { days: 5, working: false }), date("2026-10-08"));
        assert_eq!(calendar.last_day(date("2026-11-12"), Period { days: 3, working: false }), date("2026-11-16"));
        let moved = |from, days, working| calendar.moved_from(date(from), Period { days, working });
        assert_eq!(moved("2026-11-12", 3, false), Some(date("2026-11-15")), "a Sunday");
        assert_eq!(moved("2026-11-12", 4, false), None, "a Monday");
        assert_eq!(moved("2026-11-12", 3, true), None, "working days have no rest days among them");
        assert_eq!(moved("2026-11-15", 0, false), None);
    }

    #[test]
    fn working_days_skip_weekends_and_holidays_and_count_exchanged_saturdays() {
        let calendar = calendar();
        let three = Period { days: 3, working: true };
        assert_eq!(calendar.last_day(date("2026-09-30"), three), date("2026-10-10"));
        assert!(!calendar.is_late_entry(date("2026-09-30"), date("2026-10-10")));
        assert!(calendar.is_late_entry(date("2026-09-30"), date("2026-10-11")));
    }
}
