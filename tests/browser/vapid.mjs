// Checks a sender's VAPID header (RFC 8292) like the strictest push services.
//
// Never sends anything. Called by: push_service.mjs.

import { createPublicKey, verify } from "node:crypto";

const DAY_SECONDS = 24 * 60 * 60;

/** A refusal with the HTTP status for the sender. */
export class Refusal extends Error {
  constructor(status, reason) {
    super(reason);
    this.status = status;
  }
}

/**
 * Checks `Authorization: vapid t=…, k=…` for a push to `origin`.
 *
 * `expectedKey` is the application server key of the subscription, in base64url; without it any key is accepted.
 * Returns the token's claims, or throws a `Refusal`.
 */
export function checkVapid(authorization, { origin, expectedKey, now = Date.now() / 1000 }) {
  const fields = /^vapid\s+(.*)$/i.exec(authorization ?? "")?.[1];
  if (!fields) throw new Refusal(401, "expected `Authorization: vapid t=…, k=…` (RFC 8292 §3)");
  const { t, k } = Object.fromEntries(fields.split(",").map((field) => field.trim().split(/=(.*)/s).slice(0, 2)));
  if (!t || !k) throw new Refusal(401, "both `t` and `k` are needed (RFC 8292 §3)");
  if (expectedKey && k !== expectedKey) throw new Refusal(403, "`k` is not the key this subscription was made with");
  const claims = verifiedClaims(t, k);
  if (claims.aud !== origin) throw new Refusal(403, `\`aud\` is ${claims.aud}, expected ${origin}`);
  if (!(claims.exp > now)) throw new Refusal(403, "the token has expired");
  if (claims.exp > now + DAY_SECONDS) throw new Refusal(403, "`exp` is more than 24 hours away (RFC 8292 §2)");
  if (!isContact(claims.sub)) throw new Refusal(403, "`sub` must be a `mailto:` or `https:` address, not of localhost");
  return claims;
}

function verifiedClaims(token, key) {
  const [header, payload, signature, more] = token.split(".");
  if (!signature || more !== undefined) throw new Refusal(401, "`t` is not a JWS in compact form");
  const { alg } = decodeJson(header);
  if (alg !== "ES256") throw new Refusal(401, `the token is signed with ${alg}, expected ES256`);
  const signed = Buffer.from(`${header}.${payload}`);
  const options = { key: publicKey(key), dsaEncoding: "ieee-p1363" };
  if (!verify("sha256", signed, options, Buffer.from(signature, "base64url"))) {
    throw new Refusal(401, "the token's signature is not by `k`");
  }
  return decodeJson(payload);
}

function publicKey(key) {
  const point = Buffer.from(key, "base64url");
  if (point.length !== 65 || point[0] !== 4) throw new Refusal(401, "`k` is not an uncompressed P-256 point");
  const jwk = {
    kty: "EC",
    crv: "P-256",
    x: point.subarray(1, 33).toString("base64url"),
    y: point.subarray(33).toString("base64url"),
  };
  try {
    return createPublicKey({ key: jwk, format: "jwk" });
  } catch {
    throw new Refusal(401, "`k` is not a point on P-256");
  }
}

function decodeJson(part) {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString());
  } catch {
    throw new Refusal(401, "the token's parts are not base64url of JSON");
  }
}

function isContact(subject) {
  return /^(mailto:[^@\s]+@|https:\/\/)[^\s]+$/.test(subject ?? "") && !/localhost(\/|:|$)/.test(subject);
}
