/** Copying words: a button `[data-copy="#id"]` puts the words of the part it names where the next program can paste them. */

/** Makes the button work, and says beside it what came of it. */
export function enhanceCopy(button: HTMLElement): void {
  const part = document.querySelector<HTMLElement>(button.dataset["copy"] || "main");
  const said = button.parentElement?.querySelector("[role=status]");
  if (part === null) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    void copied(part).then((done) => {
      if (said) said.textContent = (done ? button.dataset["copied"] : button.dataset["failed"]) ?? "";
    });
  });
}

/** Whether the words were taken; where they were not, they stay marked, to be copied by hand. */
async function copied(part: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(part.textContent ?? "");
    return true;
  } catch {
    // No permission, or a browser inside of another program that has no clipboard for pages.
    const range = document.createRange();
    range.selectNodeContents(part);
    const selection = getSelection();
    selection?.removeAllRanges();
    selection?.addRange(range);
    return document.execCommand("copy");
  }
}
