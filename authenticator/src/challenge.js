// A challenge and the bytes of its answer (protocol §5.3). Pure; used by the page and the service worker.

import { sha256, toBase64url, utf8 } from "./encoding.js";
import { signJws } from "./jws.js";

/** @typedef {{ id: string, transports?: string[] }} CredentialDescriptor */
/** @typedef {{ rpId?: string, timeout?: number, allowCredentials?: CredentialDescriptor[] }} RequestOptions as JSON (WebAuthn Level 3) */
/**
 * @typedef {{
 *   kind?: string, app: { name: string }, acct: string, when: number, ip: string,
 *   place: string | null, agent: string, flags: string[], binding: string[] }} Details
 */
/**
 * @typedef {{
 *   cid: string, state: string, exp: number, details: string | null, chn: string | null,
 *   number_digits: number, actions: string[], advice: string[], server_time: number,
 *   uv: { requirement: "required" | "preferred" | "off", options: RequestOptions | null } | null
 * }} Challenge
 */
/** @typedef {{ id: string, ad: string, cd: string, sig: string }} Assertion */
/** @typedef {{ issuer: string, deviceId: string }} Answerer the `aud` and `iss` of an answer */
/** @typedef {({ num: string } | { qr: string })} Shown the number or code of the browser, typed or scanned */
/**
 * @typedef {Shown & { act: "approve", chn: string, dh: string }
 *   | { act: "deny", chn?: string, dh?: string }
 *   | { act: "report", why: "not_me" | "unsure", chn?: string, dh?: string }} Answer
 */

/** b64u(SHA-256(details)) of the text as received. @param {string} details @returns {Promise<string>} */
export const detailsHash = async (details) => toBase64url(await sha256(utf8(details)));

/**
 * The core of an answer. Serialize it once: hashes and signatures cover these bytes.
 * @param {Answerer} answerer
 * @param {string} cid
 * @param {Answer} answer
 * @param {{ iat: number, ctr: number }} stamp
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function coreBytes({ issuer, deviceId }, cid, answer, { iat, ctr }) {
  return utf8(JSON.stringify({ aud: issuer, iss: deviceId, cid, ...answer, iat, ctr }));
}

/** The WebAuthn challenge: SHA-256("countersign-uv" ‖ 0x00 ‖ core). @param {Uint8Array<ArrayBuffer>} core */
export function userVerificationChallenge(core) {
  const label = utf8("countersign-uv\0");
  const bytes = new Uint8Array(label.length + core.length);
  bytes.set(label);
  bytes.set(core, label.length);
  return sha256(bytes);
}

/**
 * @param {import("./jws.js").Signer} signer
 * @param {Uint8Array<ArrayBuffer>} core
 * @param {Assertion | null} uv
 * @returns {Promise<string>}
 */
export function signAnswer(signer, core, uv) {
  const payload = uv ? { core: toBase64url(core), uv } : { core: toBase64url(core) };
  return signJws(signer, { typ: "countersign-answer+jwt" }, payload);
}

/**
 * The typed number without spaces, or null unless it has exactly `digits` digits.
 * @param {string} typed
 * @param {number} digits
 * @returns {string | null}
 */
export function parseNumber(typed, digits) {
  const number = typed.replaceAll(/\s/g, "");
  return number.length === digits && /^[0-9]+$/.test(number) ? number : null;
}
