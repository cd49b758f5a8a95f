/** The only script that pages load: it looks what a page has and loads the module for it. Pages without such parts stop here. */
import type { Texts } from "./texts.ts";

/** A part of a page and what makes it work with a script. */
interface Part {
  selector: string;
  enhance(element: HTMLElement, t: Texts): Promise<void>;
}

const PARTS: Part[] = [
  { selector: "form[data-sign]", enhance: async (form, t) => (await import("./sign.ts")).enhanceSigning(form as HTMLFormElement, t) },
  { selector: "form[data-vote]", enhance: async (form, t) => (await import("./vote.ts")).enhanceVoting(form as HTMLFormElement, t) },
  { selector: "form[data-publish]", enhance: async (form, t) => (await import("./vote.ts")).enhancePublishing(form as HTMLFormElement, t) },
  { selector: "form[data-login]", enhance: async (form, t) => (await import("./login.ts")).enhanceLogin(form as HTMLFormElement, t) },
  { selector: "[data-computer]", enhance: async (part, t) => (await import("./computer.ts")).enhanceComputer(part, t) },
  { selector: "form[data-let-in]", enhance: async (form, t) => (await import("./computer.ts")).enhanceLetIn(form as HTMLFormElement, t) },
  { selector: "form[data-sign-several]", enhance: async (form, t) => (await import("./several.ts")).enhanceSeveral(form as HTMLFormElement, t) },
  { selector: "[data-read-aloud]", enhance: async (part, t) => (await import("./aloud.ts")).enhanceAloud(part, t) },
  { selector: "[data-keys]", enhance: async (place, t) => (await import("./login.ts")).enhanceKeys(place, t) },
  { selector: "form[data-enrol-slips]", enhance: async (form, t) => (await import("./enrol.ts")).enhanceSlips(form as HTMLFormElement, t) },
  { selector: "form[data-enrol-device]", enhance: async (form, t) => (await import("./enrol.ts")).enhanceDevice(form as HTMLFormElement, t) },
  { selector: "form[data-first-key]", enhance: async (form, t) => (await import("./enrol.ts")).enhanceFirst(form as HTMLFormElement, t) },
  { selector: "form[data-cards]", enhance: async (form) => (await import("./cards-page.ts")).enhanceCards(form as HTMLFormElement) },
  { selector: "form[data-card]", enhance: async (form) => (await import("./card-page.ts")).enhanceCard(form as HTMLFormElement) },
  { selector: 'form[action="/logout"]:not([data-card-session])', enhance: async (form) => (await import("./leave.ts")).enhanceLogOut(form as HTMLFormElement) },
  { selector: "form[data-card-session]", enhance: async (form) => (await import("./card-session.ts")).enhanceCardSession(form as HTMLFormElement) },
  { selector: "[data-desk]", enhance: async (place) => (await import("./desk.ts")).enhanceDesk(place) },
  { selector: "[data-door]", enhance: async (place) => (await import("./door/page.ts")).enhanceDoor(place) },
  { selector: "form[data-count]", enhance: async (form) => (await import("./count-page.ts")).enhanceCount(form as HTMLFormElement) },
  { selector: "[data-busy], [data-print-page]", enhance: async (part) => (await import("./rehearsal-page.ts")).enhanceRehearsal(part) },
  { selector: "form[data-reach-push]", enhance: async (form) => (await import("./reach.ts")).enhanceReach(form as HTMLFormElement) },
  { selector: "[data-tick-all]", enhance: async (button) => (await import("./tick.ts")).enhanceTickAll(button) },
  { selector: "[data-phrase]", enhance: async (button) => (await import("./tick.ts")).enhancePhrase(button) },
  { selector: "[data-follow]", enhance: async (part) => (await import("./follow.ts")).enhanceFollow(part) },
  { selector: "[data-copy]", enhance: async (button) => (await import("./copy.ts")).enhanceCopy(button) },
  { selector: "[data-receipt]", enhance: async (place, t) => (await import("./receipt-page.ts")).enhanceReceipt(place, t) },
  { selector: "[data-my-ballots]", enhance: async (place) => (await import("./my-ballots.ts")).enhanceMyBallots(place) },
  { selector: "form[data-check-receipt]", enhance: async (form, t) => (await import("./receipt-page.ts")).enhanceCheck(form as HTMLFormElement, t) },
  { selector: "form[data-check-record]", enhance: async (form) => (await import("./record-page.ts")).enhanceRecordCheck(form as HTMLFormElement) },
  { selector: "form[data-visit]", enhance: async (form) => (await import("./visit/page.ts")).enhanceVisit(form as HTMLFormElement) },
  { selector: "[data-filled]", enhance: async (place) => (await import("./filled.ts")).enhanceFilled(place) },
  { selector: "form:has(input[type=file][data-upload])", enhance: async (form, t) => (await import("./upload.ts")).enhanceUpload(form as HTMLFormElement, t) },
];

async function enhancePage(): Promise<void> {
  await enhanceParts();
  // For tests and style sheets: every part that a script makes work now works.
  document.documentElement.dataset["ready"] = "";
}

async function enhanceParts(): Promise<void> {
  const found = PARTS.flatMap((part) => [...document.querySelectorAll<HTMLElement>(part.selector)].map((element) => ({ part, element })));
  const fresh = found.filter(({ part, element }) => !(element.dataset["enhanced"] ?? "").split(" ").includes(part.selector));
  if (fresh.length === 0) return;
  const t = await (await import("./texts.ts")).texts();
  for (const { part, element } of fresh) {
    element.dataset["enhanced"] = `${element.dataset["enhanced"] ?? ""} ${part.selector}`.trim();
    await part.enhance(element, t).catch(async (error: unknown) => {
      const { explain, tell } = await import("./page.ts");
      tell(element, "bad", ...explain(error, t));
    });
  }
}

document.addEventListener("sunvote:content", () => void enhancePage());
void enhancePage();
