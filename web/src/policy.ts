/** C2SP tlog-policy files: which logs a reader knows, which witnesses, and how many of them are enough (PROTOCOL 6). Pinned by the reader. */
import { decimal, equal, FormatError, fromUtf8 } from "./bytes.ts";
import { ALG_COSIGNATURE, parseVerifierKey, type VerifierKey } from "./note.ts";

/** Longest file, in bytes. */
const MAX_BYTES = 1 << 18;
/** Most logs, witnesses and groups each. */
const MAX_EACH = 256;

/** Who must have cosigned: nobody, the witness of a number, or so many of these. */
type Rule = "nobody" | number | { needed: number; members: Rule[] };

/** A policy. */
export interface Policy {
  logs: VerifierKey[];
  /** In the file's order. */
  witnesses: VerifierKey[];
  quorum: Rule;
}

/** The policy that asks for no witness. */
export const NO_WITNESSES: Policy = { logs: [], witnesses: [], quorum: "nobody" };

/** Whether those who cosigned are enough. */
export function isMet(rule: Rule, cosigned: ReadonlySet<number>): boolean {
  if (rule === "nobody") return true;
  if (typeof rule === "number") return cosigned.has(rule);
  return rule.members.filter((member) => isMet(member, cosigned)).length >= rule.needed;
}

/** Reads a policy file; throws `FormatError`. Names in it are octets, so it is read from bytes. */
export function parsePolicy(file: Uint8Array): Policy {
  if (file.length > MAX_BYTES) throw new FormatError("the policy is too long");
  let text = "";
  for (const byte of file) text += String.fromCharCode(byte);
  const lines = text.split("\n");
  if (lines.pop() !== "") throw new FormatError("no newline at the end of the policy");
  const reader = new Reader();
  for (const line of lines) reader.line(line);
  if (reader.quorum === undefined) throw new FormatError("the policy has no quorum line");
  return { logs: reader.logs, witnesses: reader.witnesses, quorum: reader.quorum };
}

/** Reads line by line; each text holds one octet a character. */
class Reader {
  readonly logs: VerifierKey[] = [];
  readonly witnesses: VerifierKey[] = [];
  quorum: Rule | undefined;
  private readonly names = new Map<string, { rule: Rule; member: boolean }>();
  private groups = 0;

  line(line: string): void {
    if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(line)) throw new FormatError("control character in a policy");
    const [keyword, ...words] = line.split(/[ \t]+/).filter((word) => word !== "");
    if (keyword === undefined || keyword.startsWith("#")) return;
    if (keyword === "log") this.log(words);
    else if (keyword === "witness") this.witness(words);
    else if (keyword === "group") this.group(words);
    else if (keyword === "quorum") this.setQuorum(words);
    else throw new FormatError("unknown line in a policy");
  }

  private log(words: string[]): void {
    if (words.length < 1 || words.length > 2) throw new FormatError("expected: log <vkey> [<url>]");
    add(this.logs, verifierKey(words[0]));
  }

  private witness(words: string[]): void {
    if (words.length < 2 || words.length > 3) throw new FormatError("expected: witness <name> <vkey> [<url>]");
    const key = verifierKey(words[1]);
    if (key.alg !== ALG_COSIGNATURE) throw new FormatError("a witness needs a cosignature key");
    this.name(words[0] as string, this.witnesses.length);
    add(this.witnesses, key);
  }

  private group(words: string[]): void {
    const [name, threshold, ...members] = words;
    if (name === undefined || threshold === undefined) throw new FormatError("expected: group <name> all|any|<k> <name>…");
    const needed = threshold === "all" ? members.length : threshold === "any" ? 1 : decimal(threshold);
    if (needed < 1 || needed > members.length) throw new FormatError("a threshold that can't be met");
    if (this.groups++ === MAX_EACH) throw new FormatError("too many groups");
    this.name(name, { needed, members: members.map((member) => this.member(member)) });
  }

  private member(name: string): Rule {
    const named = this.names.get(name);
    if (named === undefined || named.member) throw new FormatError("a member that is unknown or in a group already");
    named.member = true;
    return named.rule;
  }

  private setQuorum(words: string[]): void {
    const [name] = words;
    if (words.length !== 1 || this.quorum !== undefined) throw new FormatError("expected one line: quorum <name>");
    this.quorum = name === "none" ? "nobody" : this.names.get(name as string)?.rule;
    if (this.quorum === undefined) throw new FormatError("the quorum names nobody that the policy knows");
  }

  private name(name: string, rule: Rule): void {
    if (name === "none" || this.names.has(name)) throw new FormatError("a name that is taken");
    this.names.set(name, { rule, member: false });
  }
}

function add(list: VerifierKey[], key: VerifierKey): void {
  if (list.some((earlier) => equal(earlier.key, key.key))) throw new FormatError("a public key that stands twice");
  if (list.length === MAX_EACH) throw new FormatError("too many lines of one kind");
  list.push(key);
}

function verifierKey(octets: string | undefined): VerifierKey {
  return parseVerifierKey(fromUtf8(Uint8Array.from(octets ?? "", (letter) => letter.charCodeAt(0))));
}
