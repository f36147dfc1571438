// Device keys: generated in the browser, never exported.

import { publicJwk, thumbprint } from "./jws.js";

/** @returns {Promise<{ kid: string, jwk: import("./jws.js").Jwk, privateKey: CryptoKey }>} */
export async function makeDeviceKey() {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
  const jwk = publicJwk(await crypto.subtle.exportKey("jwk", pair.publicKey));
  return { kid: await thumbprint(jwk), jwk, privateKey: pair.privateKey };
}
