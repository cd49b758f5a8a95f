/** Public keys in use, each checked and made ready once, and signatures by them (PROTOCOL 9, signature set). */
import { type Bytes, fromHex } from "../bytes.ts";
import { isSoundKey, verifyByEquation } from "../curve.ts";
import { keyId } from "../dsse.ts";
import { hasNative, SIGNATURE_LENGTH } from "../ed25519.ts";

interface Known {
  bytes: Bytes;
  id: string;
  /** WebCrypto's form of the key, where there is one. */
  native: Promise<CryptoKey | undefined> | undefined;
}

export class Keyring {
  private readonly keys = new Map<string, Known>();

  /** The key id of a key in hex. */
  idOf(key: string): string {
    return this.known(key).id;
  }

  /** Whether a signature counts. WebCrypto is faster and may only say yes; its no is judged again by the equation. */
  async verify(key: string, message: Bytes, signature: Bytes): Promise<boolean> {
    if (!isSoundKey(key) || signature.length !== SIGNATURE_LENGTH) return false;
    const known = this.known(key);
    known.native ??= importKey(known.bytes);
    const native = await known.native;
    if (native !== undefined && (await crypto.subtle.verify("Ed25519", native, signature, message).catch(() => false))) return true;
    return verifyByEquation(known.bytes, message, signature);
  }

  private known(key: string): Known {
    let known = this.keys.get(key);
    if (known === undefined) {
      const bytes = fromHex(key);
      known = { bytes, id: keyId(bytes), native: undefined };
      this.keys.set(key, known);
    }
    return known;
  }
}

async function importKey(bytes: Bytes): Promise<CryptoKey | undefined> {
  if (!(await hasNative())) return undefined;
  return crypto.subtle.importKey("raw", bytes, "Ed25519", false, ["verify"]).catch(() => undefined);
}
