/** The tlog-policy that this device's owner entered: which witnesses a record must have, as the printed notice or the inspector names them. */
import { FormatError, utf8 } from "../bytes.ts";
import { parsePolicy } from "../policy.ts";
import { get, put } from "../storage.ts";

interface Kept {
  name: "policy";
  text: string;
}

/** Reads what was entered: the policy, "" for none, undefined when it is no policy. */
export function readPolicy(entered: string): string | undefined {
  const text = entered.trim();
  if (text === "") return "";
  try {
    parsePolicy(utf8(`${text}\n`));
    return `${text}\n`;
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

/** The policy kept on this device, "" when there is none. */
export async function keptPolicy(): Promise<string> {
  return (await get<Kept>("settings", "policy"))?.text ?? "";
}

/** Keeps the policy in place of the one before. */
export async function keepPolicy(text: string): Promise<void> {
  await put("settings", { name: "policy", text } satisfies Kept);
}
