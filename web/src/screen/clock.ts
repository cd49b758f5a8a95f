/** Countdowns by the server's clock: the page says what time the server had when it was made, and how long a moment lasts is this device's to tell. */

/** The server's clock, as far as a page knows it. */
export class ServerClock {
  private readonly ahead: number;

  /** `now`: the server's time in the page that came just now; `here`: the device's steady clock, in milliseconds. */
  constructor(
    now: string,
    private readonly here: () => number,
  ) {
    this.ahead = Date.parse(now) - here();
  }

  /** The server's time now. */
  now(): number {
    return this.here() + this.ahead;
  }

  /** How long it is until a time, at least 0. */
  until(time: string): number {
    return Math.max(0, Date.parse(time) - this.now());
  }
}

/** A duration as clocks show it: `4:07`, or `1:04:07`; what is left of a second counts as a whole one, so that `0:00` is the end. */
export function countdown(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  const two = (part: number): string => String(part).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
