/** What spares hands: ticking every box of a list at once, taking over a sentence that people often write. */

/** Makes a button `[data-tick-all]` work for the boxes of its own list; pressed when all are ticked, it unticks them. */
export function enhanceTickAll(button: HTMLElement): void {
  const list = button.closest("fieldset");
  if (list === null) return;
  const boxes = (): HTMLInputElement[] => [...list.querySelectorAll<HTMLInputElement>("input[type=checkbox]")];
  button.hidden = false;
  button.addEventListener("click", () => {
    const all = boxes().every((box) => box.checked);
    for (const box of boxes()) box.checked = !all;
  });
}

/** Makes a button `[data-phrase="id"]` add its sentence to the field with this id, which stays the writer's to change. */
export function enhancePhrase(button: HTMLElement): void {
  const field = document.getElementById(button.dataset["phrase"] ?? "");
  if (!(field instanceof HTMLTextAreaElement)) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const before = field.value.trimEnd();
    field.value = before + (before === "" ? "" : "\n") + (button.textContent ?? "");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
