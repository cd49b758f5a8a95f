/** DSSE envelopes: what a person signs and how it travels (PROTOCOL 1). */
import { sha256 } from "@noble/hashes/sha2.js";

import { base64, type Bytes, concat, FormatError, fromBase64, fromHex, hex, utf8 } from "./bytes.ts";
import { SIGNATURE_LENGTH, verify } from "./ed25519.ts";
import { isObject, type Json, type JsonObject, parseObject } from "./ijson.ts";

/** Payload type of every statement of a village's record. */
export const STATEMENT_TYPE = "application/vnd.sunvote.statement.v1+json";
/** The number in the payload type of a statement of any version. */
const STATEMENT_VERSION = /^application\/vnd\.sunvote\.statement\.v([1-9]\d*)\+json$/;
/** Payload type of a log-in; apart, so that a log-in can never be taken for a statement. */
export const LOGIN_TYPE = "application/vnd.sunvote.login.v1+json";

/** One signature as it stands in an envelope. `keyid` is only a hint; what counts is the payload's `by`. */
export interface EnvelopeSignature {
  keyid: string;
  sig: string;
}

/** An envelope, ready for JSON. `payload` and `sig` are canonical base64. */
export interface Envelope {
  payloadType: string;
  payload: string;
  signatures: EnvelopeSignature[];
}

/** One signer as named in `by`. Log and root keys stand without a person. */
export interface Signer {
  person?: string;
  role: string;
  key: string;
}

/** Visible ASCII without quote and backslash. */
const PAYLOAD_TYPE = /^[!#-[\]-~]{1,128}$/;

/** Whether this is the payload type of statements of another version, which this program cannot read (PROTOCOL 13). */
export function isNewerType(payloadType: string): boolean {
  const version = STATEMENT_VERSION.exec(payloadType)?.[1];
  return version !== undefined && version !== "1";
}

/** The bytes that are signed: `DSSEv1 <len type> <type> <len body> <body>`. */
export function pae(payloadType: string, payload: Uint8Array): Bytes {
  const type = utf8(payloadType);
  return concat(utf8(`DSSEv1 ${type.length} `), type, utf8(` ${payload.length} `), payload);
}

/** Statement id: SHA-256 of the signed bytes, unique within a village. */
export function statementId(payload: Uint8Array): Bytes {
  return sha256(pae(STATEMENT_TYPE, payload)) as Bytes;
}

/** keyid of a public key: lower-case hex SHA-256(0x01 ‖ key). */
export function keyId(publicKey: Uint8Array): string {
  return hex(sha256(concat(Uint8Array.of(1), publicKey)));
}

/** An envelope with one signature. */
export function envelope(payloadType: string, payload: Uint8Array, publicKey: Uint8Array, signature: Uint8Array): Envelope {
  return {
    payloadType,
    payload: base64(payload),
    signatures: [{ keyid: keyId(publicKey), sig: base64(signature) }],
  };
}

/** Reads an envelope; throws `FormatError` for a missing or unknown field or a wrong encoding. */
export function parseEnvelope(value: Json | undefined): Envelope {
  if (!isObject(value) || !hasOnly(value, ["payloadType", "payload", "signatures"])) throw new FormatError("expected an envelope");
  const { payloadType, payload, signatures } = value;
  if (typeof payloadType !== "string" || typeof payload !== "string" || !Array.isArray(signatures)) {
    throw new FormatError("expected an envelope");
  }
  if (!PAYLOAD_TYPE.test(payloadType)) throw new FormatError("expected a payload type");
  if (signatures.length === 0) throw new FormatError("expected a signature");
  fromBase64(payload);
  return { payloadType, payload, signatures: signatures.map(parseSignature) };
}

function parseSignature(value: Json): EnvelopeSignature {
  if (!isObject(value) || !hasOnly(value, ["keyid", "sig"])) throw new FormatError("expected a signature");
  const { keyid, sig } = value;
  if (typeof keyid !== "string" || typeof sig !== "string" || !/^[0-9a-f]{64}$/.test(keyid)) throw new FormatError("expected a signature");
  if (fromBase64(sig).length !== SIGNATURE_LENGTH) throw new FormatError("expected a signature of 64 bytes");
  return { keyid, sig };
}

function hasOnly(value: JsonObject, names: string[]): boolean {
  return Object.keys(value).length === names.length && names.every((name) => name in value);
}

/** The signers named in a payload; throws `FormatError` when `by` is missing or malformed. */
export function signers(payload: JsonObject): Signer[] {
  const by = payload["by"];
  if (!Array.isArray(by) || by.length === 0) throw new FormatError("expected signers");
  return by.map((one) => {
    if (!isObject(one)) throw new FormatError("expected a signer");
    const { person, role, key } = one;
    if (typeof role !== "string" || typeof key !== "string" || !/^[0-9a-f]{64}$/.test(key)) throw new FormatError("expected a signer");
    if (person === undefined) return { role, key };
    if (typeof person !== "string") throw new FormatError("expected a signer");
    return { person, role, key };
  });
}

/** Whether a statement's envelope carries exactly one good signature per signer in `by`, in order. Throws only for malformed bytes. */
export async function verifyStatement(one: Envelope): Promise<boolean> {
  if (one.payloadType !== STATEMENT_TYPE) return false;
  const payload = fromBase64(one.payload);
  const by = signers(parseObject(payload));
  if (by.length !== one.signatures.length) return false;
  const message = pae(one.payloadType, payload);
  for (const [i, signer] of by.entries()) {
    const key = fromHex(signer.key);
    const signature = one.signatures[i] as EnvelopeSignature;
    if (signature.keyid !== keyId(key) || !(await verify(key, message, fromBase64(signature.sig)))) return false;
  }
  return true;
}
