/** The district's root keys as this device's owner typed them from paper: what a record's founding must be signed by. */
import { get, put } from "./storage.ts";

interface Kept {
  name: "roots";
  keys: string[];
}

/** Reads keys in hex, one a line, spaces within a line as printed; undefined when a line is none. */
export function parseRoots(text: string): string[] | undefined {
  const lines = text.normalize("NFKC").toLowerCase().split("\n").map((line) => line.replace(/\s/g, "")).filter(Boolean);
  return lines.every((line) => /^[0-9a-f]{64}$/.test(line)) ? lines : undefined;
}

/** The keys kept on this device. */
export async function keptRoots(): Promise<string[]> {
  return (await get<Kept>("settings", "roots"))?.keys ?? [];
}

/** Keeps the keys in place of those before. */
export async function keepRoots(keys: string[]): Promise<void> {
  await put("settings", { name: "roots", keys } satisfies Kept);
}
