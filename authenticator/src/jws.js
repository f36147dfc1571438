// Compact JWS by the device key (RFC 7515, ES256 only) and the key's thumbprint (RFC 7638).

import { sha256, toBase64url, utf8 } from "./encoding.js";

/** @typedef {{ crv: "P-256", kty: "EC", x: string, y: string }} Jwk */
/** @typedef {{ kid: string, privateKey: CryptoKey }} Signer */

/** The members that a thumbprint covers, in its order. @param {JsonWebKey} jwk @returns {Jwk} */
export function publicJwk(jwk) {
  if (jwk.crv !== "P-256" || jwk.kty !== "EC" || !jwk.x || !jwk.y) throw new TypeError("not a P-256 key");
  return { crv: "P-256", kty: "EC", x: jwk.x, y: jwk.y };
}

/** RFC 7638 §3. @param {Jwk} jwk @returns {Promise<string>} */
export async function thumbprint(jwk) {
  return toBase64url(await sha256(utf8(JSON.stringify(publicJwk(jwk)))));
}

/**
 * @param {{ typ: string, kid: string, jwk?: Jwk }} header
 * @param {object} payload
 * @returns {string} the signing input (RFC 7515 §5.1)
 */
export function signingInput({ typ, kid, jwk }, payload) {
  const header = jwk ? { alg: "ES256", typ, kid, jwk } : { alg: "ES256", typ, kid };
  return `${toBase64url(utf8(JSON.stringify(header)))}.${toBase64url(utf8(JSON.stringify(payload)))}`;
}

/**
 * @param {Signer} signer
 * @param {{ typ: string, jwk?: Jwk }} header
 * @param {object} payload
 * @returns {Promise<string>}
 */
export async function signJws(signer, header, payload) {
  const input = signingInput({ ...header, kid: signer.kid }, payload);
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, signer.privateKey, utf8(input));
  return `${input}.${toBase64url(signature)}`;
}
