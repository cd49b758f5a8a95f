/** Makes what is shown fit its window: a long text is made smaller first, and turned by pages where it would become too small. */

/** Sizes that are tried, in hundredths, the largest first: what is short is shown larger. The style sheet has a class for each. */
export const SIZES = [160, 145, 130, 120, 110, 100, 92, 85, 78, 72, 66, 60, 54, 48] as const;
/** Smallest size of a text that can be turned by pages: it is to be read from the last row. */
const TURNED = 78;

/** The first size at which everything fits; undefined where none does. */
export function sizeThatFits(fits: (size: number) => boolean): number | undefined {
  return SIZES.find(fits);
}

const overflows = (section: Element): boolean => section.scrollHeight > section.clientHeight + 1 || section.scrollWidth > section.clientWidth + 1;

/** Takes from a part how it was fitted. */
function plain(section: HTMLElement): void {
  section.classList.remove("screen-turning", ...SIZES.map((size) => `fit-${size}`));
}

/** Fits one part: where no size will do, its text is turned. */
function fitSection(section: HTMLElement): void {
  const set = (size: number): void => {
    plain(section);
    section.classList.add(`fit-${size}`);
  };
  const turns = section.querySelector("[data-turned]") !== null;
  const size = sizeThatFits((one) => (one >= TURNED || !turns) && (set(one), !overflows(section)));
  if (size !== undefined || !turns) return;
  set(TURNED);
  section.classList.add("screen-turning");
}

/** What is on the wall, and how it is turned. */
export class Fitted {
  /** `page`: which one is shown first, from 0 on. */
  constructor(
    private readonly shown: HTMLElement,
    private readonly told: (page: number, pages: number) => void,
    public page = 0,
  ) {}

  /** Fits each part of it to the window as it is now. A narrow window is scrolled, as every page is. */
  fit(): void {
    const fixed = getComputedStyle(document.body).overflowY === "hidden";
    for (const section of this.shown.querySelectorAll<HTMLElement>("[data-fit]")) {
      if (fixed) fitSection(section);
      else plain(section);
    }
    this.turnTo(this.page);
  }

  /** Turns on, or back; after the last page comes the first. */
  turn(by: number): void {
    this.turnTo(this.page + by);
  }

  private turnTo(page: number): void {
    const text = this.shown.querySelector<HTMLElement>(".screen-turning [data-turned]");
    const gap = text === null ? 0 : Number.parseFloat(getComputedStyle(text).columnGap);
    const width = (text?.clientWidth ?? 0) + gap;
    const pages = text === null ? 1 : Math.max(1, Math.round((text.scrollWidth + gap) / width));
    this.page = (page + pages) % pages;
    if (text !== null) text.scrollLeft = this.page * width;
    this.told(this.page + 1, pages);
  }
}
