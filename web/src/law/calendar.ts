/** Days as the law counts them (PROTOCOL 9, "Days"). */
import { daysLater, dayOf, isWeekend, startOf } from "./clock.ts";

/** A number of days; only working days where `working`. */
export interface Period {
  days: number;
  working: boolean;
}

/** Days off and weekend days worked, of all years adopted so far. */
export interface Calendar {
  holidays: Set<number>;
  workdays: Set<number>;
}

/** Most rest days in a row that are passed over; no calendar that anybody lives by comes near. */
const MOST_RESTS = 366;

/** Whether people work on a day. */
export function isWorkingDay(calendar: Calendar, day: number): boolean {
  return calendar.workdays.has(day) || (!isWeekend(day) && !calendar.holidays.has(day));
}

/** The last day of a period whose day 0 is `from`. */
export function lastDay(calendar: Calendar, from: number, { days, working }: Period): number {
  let day = working ? from : daysLater(from, days);
  if (working) {
    for (let left = days, steps = 2 * days + MOST_RESTS; left > 0 && steps > 0; steps--) {
      day = daysLater(day, 1);
      if (isWorkingDay(calendar, day)) left--;
    }
  } else if (days > 0) {
    for (let steps = MOST_RESTS; steps > 0 && !isWorkingDay(calendar, day); steps--) day = daysLater(day, 1);
  }
  return day;
}

/** The first instant after a period that began with an entry at `from`: 24:00 of its last day. */
export function endOf(calendar: Calendar, from: number, period: Period): number {
  return startOf(daysLater(lastDay(calendar, dayOf(from), period), 1));
}

/** Whether what was held on one day and entered on another was entered after more than three working days. */
export function isLateEntry(calendar: Calendar, held: number, entered: number): boolean {
  return entered > lastDay(calendar, held, { days: 3, working: true });
}
