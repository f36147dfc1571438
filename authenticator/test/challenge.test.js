// Answers and proofs, checked with the vectors that the server's tests use as well.

import assert from "node:assert/strict";
import { test } from "node:test";
import { coreBytes, detailsHash, parseNumber, signAnswer, userVerificationChallenge } from "../src/challenge.js";
import { fromBase64url, toBase64url, utf8 } from "../src/encoding.js";
import { signJws, thumbprint } from "../src/jws.js";
import { vectors } from "./vectors.js";

const { key, device, details, answers, proofs } = vectors;
const answerer = { issuer: device.issuer, deviceId: device.device_id };
const curve = { name: "ECDSA", namedCurve: "P-256" };
const publicKey = await crypto.subtle.importKey("jwk", key.jwk, curve, true, ["verify"]);
const privateKey = await crypto.subtle.importKey("jwk", { ...key.jwk, d: key.d }, curve, false, ["sign"]);

async function read(jws, by = publicKey) {
  const [header, payload, signature] = jws.split(".");
  const input = utf8(`${header}.${payload}`);
  return {
    header: JSON.parse(Buffer.from(header, "base64url").toString()),
    payload: JSON.parse(Buffer.from(payload, "base64url").toString()),
    verifies: await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, by, fromBase64url(signature), input),
  };
}

test("a key is identified by its thumbprint", async () => {
  assert.equal(await thumbprint(key.jwk), key.kid);
  assert.equal(await thumbprint({ y: key.jwk.y, x: key.jwk.x, kty: "EC", crv: "P-256" }), key.kid);
});

test("details are hashed as the received text", async () => {
  assert.equal(await detailsHash(details.text), details.dh);
  assert.notEqual(await detailsHash(details.text + " "), details.dh);
});

for (const [name, answer, stamp] of [
  ["approve", { act: "approve", num: "07", chn: answers.chn, dh: details.dh }, { iat: 1795295990, ctr: 42 }],
  ["deny", { act: "deny" }, { iat: 1795295991, ctr: 43 }],
  ["report", { act: "report", why: "not_me", chn: answers.chn, dh: details.dh }, { iat: 1795295992, ctr: 44 }],
]) {
  test(`the core of ${name} and its verification challenge are the published bytes`, async () => {
    const core = coreBytes(answerer, answers.cid, answer, stamp);
    assert.equal(new TextDecoder().decode(core), answers[name].core);
    assert.equal(toBase64url(core), answers[name].core_b64u);
    assert.equal(toBase64url(await userVerificationChallenge(core)), answers[name].uvc);
  });
}

for (const name of ["approve", "approve_with_uv", "deny", "report"]) {
  test(`the published answer ${name} verifies, and our own has the same header and payload`, async () => {
    const published = await read(answers[name].jws);
    assert.ok(published.verifies);
    const core = fromBase64url(answers[name].core_b64u);
    const ours = await read(await signAnswer({ kid: key.kid, privateKey }, core, answers[name].uv));
    assert.ok(ours.verifies);
    assert.deepEqual(ours, published);
    assert.deepEqual(ours.header, { alg: "ES256", typ: "countersign-answer+jwt", kid: key.kid });
  });
}

test("an answer does not verify with another key", async () => {
  const other = await crypto.subtle.generateKey(curve, false, ["sign", "verify"]);
  assert.equal((await read(answers.approve.jws, other.publicKey)).verifies, false);
});

for (const [name, { jws, payload }] of Object.entries(proofs)) {
  test(`the published proof ${name} verifies, and our own has the same header and payload`, async () => {
    const published = await read(jws);
    const header = name === "claim" ? { typ: "countersign-proof+jwt", jwk: key.jwk } : { typ: "countersign-proof+jwt" };
    const ours = await read(await signJws({ kid: key.kid, privateKey }, header, payload));
    assert.ok(published.verifies && ours.verifies);
    assert.deepEqual(ours, published);
  });
}

test("a number is accepted only with the right length and digits only", () => {
  assert.equal(parseNumber("07", 2), "07");
  assert.equal(parseNumber(" 0 7 ", 2), "07");
  for (const typed of ["7", "007", "0x", "", "٠٧"]) assert.equal(parseNumber(typed, 2), null, typed);
});
