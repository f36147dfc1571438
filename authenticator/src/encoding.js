// Text encodings of bytes.

const encoder = new TextEncoder();

/** @param {string} text @returns {Uint8Array<ArrayBuffer>} */
export const utf8 = (text) => encoder.encode(text);

/** Unpadded base64url. @param {ArrayBuffer | Uint8Array} bytes @returns {string} */
export function toBase64url(bytes) {
  let binary = "";
  for (const byte of new Uint8Array(bytes)) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @param {string} text @returns {Uint8Array<ArrayBuffer>} */
export function fromBase64url(text) {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) throw new TypeError("not base64url without padding");
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
}

/** @param {Uint8Array<ArrayBuffer>} bytes @returns {Promise<Uint8Array<ArrayBuffer>>} */
export const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

/** Base32 (RFC 4648 §6); padding and case are ignored. @param {string} text @returns {Uint8Array<ArrayBuffer>} */
export function fromBase32(text) {
  const bytes = [];
  let bits = 0;
  let value = 0;
  for (const symbol of text.toUpperCase().replaceAll(/[\s=]/g, "")) {
    const five = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(symbol);
    if (five < 0) throw new TypeError("not base32");
    value = ((value << 5) | five) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((value >> bits) & 0xff);
    }
  }
  return Uint8Array.from(bytes);
}
