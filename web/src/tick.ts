/** Ticks every box of a list at once: most of those who are listed come to a meeting, and those who did not are unticked. */

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
