/** The page where anyone checks a downloaded record, on their own device. */
import { busy, find, tell, Told, value } from "./page.ts";
import { isLogKey } from "./receipt-page.ts";
import { keepRoots, keptRoots, parseRoots } from "./roots.ts";
import { recordLines } from "./record-words.ts";
import { recordTexts } from "./texts.ts";
import { checkAside } from "./verify/aside.ts";

/** Takes over `form[data-check-record]`: a downloaded record, checked here while it is read. */
export async function enhanceRecordCheck(form: HTMLFormElement): Promise<void> {
  const t = await recordTexts();
  const printed = find(form, "textarea[name=roots]", HTMLTextAreaElement);
  if (printed !== undefined && printed.value === "") printed.value = (await keptRoots()).join("\n");
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void busy(form, t, async () => {
      const file = find(form, "input[type=file]", HTMLInputElement)?.files?.[0];
      const logKey = value(form, "log_key").trim();
      if (file === undefined) throw new Told(t("client-record-need"));
      if (logKey !== "" && !isLogKey(logKey)) throw new Told(t("client-check-key"));
      const roots = parseRoots(value(form, "roots"));
      if (roots === undefined) throw new Told(t("client-check-roots"));
      await keepRoots(roots);
      const progress = (read: number): void => tell(form, "busy", t("client-record-reading", { percent: Math.floor((100 * read) / Math.max(1, file.size)) }));
      progress(0);
      const checked = await checkAside(file, { ...(roots.length > 0 && { roots }), ...(logKey !== "" && { logKey }) }, progress);
      tell(form, checked.verdict === "lawful" ? "good" : "bad", ...recordLines(checked, t));
    });
  });
}
