/** Tells screens that something has changed. */
export class Bell {
  private readonly heard = new Set<() => void>();

  /** Calls back at each change, until what it gives is called. */
  on(act: () => void): () => void {
    this.heard.add(act);
    return () => void this.heard.delete(act);
  }

  /** Tells all who listen now: a screen that is drawn anew by this listens anew, and is not told a second time. */
  ring(): void {
    for (const act of [...this.heard]) act();
  }
}
