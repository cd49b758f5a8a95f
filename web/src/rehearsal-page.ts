/** The rehearsal's page: a form whose answer takes a while says so and can't be sent twice; a button prints the entrance sheet. */
import { tell } from "./page.ts";

export async function enhanceRehearsal(part: HTMLElement): Promise<void> {
  if (part instanceof HTMLFormElement) {
    part.addEventListener("submit", () => {
      tell(part, "busy", part.dataset["busy"] ?? "");
      for (const button of part.querySelectorAll("button")) button.disabled = true;
    });
  } else {
    part.addEventListener("click", () => window.print());
    part.hidden = false;
  }
}
