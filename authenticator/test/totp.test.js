// One-time codes: the vectors of RFC 6238 appendix B.

import assert from "node:assert/strict";
import { test } from "node:test";
import { importTotp, totpCode } from "../src/totp.js";

const SECRETS = {
  SHA1: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
  SHA256: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA",
  SHA512: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNA",
};
const VECTORS = [
  [59, "94287082", "46119246", "90693936"],
  [1111111109, "07081804", "68084774", "25091201"],
  [1111111111, "14050471", "67062674", "99943326"],
  [1234567890, "89005924", "91819424", "93441116"],
  [2000000000, "69279037", "90698825", "38618901"],
  [20000000000, "65353130", "77737706", "47863826"],
];

for (const [at, [algorithm, secret_base32]] of Object.entries(SECRETS).entries()) {
  test(`${algorithm} gives the codes of the RFC`, async () => {
    const totp = await importTotp({ secret_base32, algorithm, digits: 8, period: 30 });
    for (const [seconds, ...codes] of VECTORS) assert.equal((await totpCode(totp, seconds)).code, codes[at]);
  });
}

test("a code has the last six digits, and remaining counts to the end of the step", async () => {
  const totp = await importTotp({ secret_base32: SECRETS.SHA1, algorithm: "SHA1", digits: 6, period: 30 });
  assert.deepEqual(await totpCode(totp, 59), { code: "287082", remaining: 1 });
  assert.equal((await totpCode(totp, 60)).remaining, 30);
});

test("the secret cannot be read back", async () => {
  const { key } = await importTotp({ secret_base32: SECRETS.SHA1, algorithm: "SHA1", digits: 6, period: 30 });
  await assert.rejects(crypto.subtle.exportKey("raw", key));
});

test("an unknown algorithm or a secret that is not base32 is refused", async () => {
  await assert.rejects(importTotp({ secret_base32: SECRETS.SHA1, algorithm: "MD5", digits: 6, period: 30 }), /MD5/);
  await assert.rejects(importTotp({ secret_base32: "0189", algorithm: "SHA1", digits: 6, period: 30 }), /base32/);
});
