// Generates one-time codes from an `otpauth:` URI. Spec: RFC 6238.

import { createHmac } from "node:crypto";

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** The code of an `otpauth:` URI at a time in milliseconds. */
export function totpCode(uri, milliseconds = Date.now()) {
  const parameters = new URL(uri).searchParams;
  const [digits, period] = [Number(parameters.get("digits") ?? 6), Number(parameters.get("period") ?? 30)];
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(milliseconds / 1000 / period)));
  const mac = createHmac(parameters.get("algorithm") ?? "SHA1", fromBase32(parameters.get("secret"))).update(counter).digest();
  const number = mac.readUInt32BE(mac.at(-1) & 0x0f) & 0x7fffffff;
  return String(number % 10 ** digits).padStart(digits, "0");
}

function fromBase32(text) {
  const bits = [...text.replace(/=+$/, "")].map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, "0")).join("");
  return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
}
