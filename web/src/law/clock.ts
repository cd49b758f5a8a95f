/**
 * Times and days as numbers: milliseconds since 1970 UTC, and days since 1970 in Asia/Shanghai (UTC+8, without summer time).
 * Both are held within the years that four digits can write.
 */

/** Milliseconds in a minute and a day. */
export const MINUTE = 60_000;
export const DAY = 86_400_000;
const SHANGHAI = 8 * 3_600_000;
const LAST_INSTANT = 253_402_300_799_999;
const LAST_DAY = 2_932_896;

/** Reads an instant in its one spelling, `YYYY-MM-DDTHH:MM:SS.mmmZ`; undefined for anything else. */
export function parseTime(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/.test(text)) return undefined;
  const day = dayIn(text);
  if (day === undefined) return undefined;
  return day * DAY + ((number(text, 11, 13) * 60 + number(text, 14, 16)) * 60 + number(text, 17, 19)) * 1000 + number(text, 20, 23);
}

/** Reads a day, `YYYY-MM-DD`, from 1970 on; undefined for anything else. */
export function parseDay(text: string): number | undefined {
  return /^\d{4}-\d\d-\d\d$/.test(text) ? dayIn(text) : undefined;
}

/** The day that a text of the right shape begins with. */
function dayIn(text: string): number | undefined {
  const [year, month, day] = [number(text, 0, 4), number(text, 5, 7), number(text, 8, 10)];
  const date = new Date(Date.UTC(year, month - 1, day));
  const real = year >= 1970 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return real ? date.getTime() / DAY : undefined;
}

/** The number that digits of a text write. */
function number(text: string, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i++) value = value * 10 + text.charCodeAt(i) - 48;
  return value;
}

/** The spelling of an instant. */
export function formatTime(time: number): string {
  return new Date(time).toISOString();
}

/** The spelling of a day. */
export function formatDay(day: number): string {
  return new Date(day * DAY).toISOString().slice(0, 10);
}

/** The year that a day lies in. */
export function yearOf(day: number): number {
  return new Date(day * DAY).getUTCFullYear();
}

/** An instant moved by milliseconds. */
export function later(time: number, ms: number): number {
  return Math.min(Math.max(time + ms, 0), LAST_INSTANT);
}

/** A day moved by days. */
export function daysLater(day: number, days: number): number {
  return Math.min(day + days, LAST_DAY);
}

/** The day in Asia/Shanghai of an instant. */
export function dayOf(time: number): number {
  return Math.min(Math.floor((time + SHANGHAI) / DAY), LAST_DAY);
}

/** The first instant of a day. */
export function startOf(day: number): number {
  return later(day * DAY - SHANGHAI, 0);
}

/** The last day of what ends before this instant. */
export function lastDayBefore(end: number): number {
  return dayOf(later(end, -1));
}

/** Whether a day is a Saturday or Sunday; day 0 was a Thursday. */
export function isWeekend(day: number): boolean {
  return (((day + 4) % 7) + 7) % 7 % 6 === 0;
}
