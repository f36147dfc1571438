// Time-based one-time passwords (RFC 6238) from a key that cannot be exported.

import { fromBase32 } from "./encoding.js";

/** @typedef {{ key: CryptoKey, digits: number, period: number }} Totp */

const HASHES = /** @type {Record<string, string>} */ ({ SHA1: "SHA-1", SHA256: "SHA-256", SHA512: "SHA-512" });

/**
 * @param {{ secret_base32: string, digits: number, period: number, algorithm: string }} offer
 * @returns {Promise<Totp>}
 */
export async function importTotp({ secret_base32, digits, period, algorithm }) {
  const hash = HASHES[algorithm];
  if (!hash) throw new TypeError(`unknown TOTP algorithm ${algorithm}`);
  const key = await crypto.subtle.importKey("raw", fromBase32(secret_base32), { name: "HMAC", hash }, false, ["sign"]);
  return { key, digits, period };
}

/**
 * The code of the time step at `seconds`, and its remaining seconds.
 * @param {Totp} totp
 * @param {number} seconds Unix time
 * @returns {Promise<{ code: string, remaining: number }>}
 */
export async function totpCode({ key, digits, period }, seconds) {
  const counter = new DataView(new ArrayBuffer(8));
  counter.setBigUint64(0, BigInt(Math.floor(seconds / period)));
  const mac = new DataView(await crypto.subtle.sign("HMAC", key, counter.buffer));
  const offset = mac.getUint8(mac.byteLength - 1) & 0x0f; // RFC 4226 §5.3
  const number = mac.getUint32(offset) & 0x7fffffff;
  return {
    code: String(number % 10 ** digits).padStart(digits, "0"),
    remaining: period - (Math.floor(seconds) % period),
  };
}
