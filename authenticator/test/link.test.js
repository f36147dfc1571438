// Typed activation codes and scanned links.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseActivationCode, parseTypedCode } from "../src/activation_code.js";
import { parseChallenge, parseFragment, parseLink } from "../src/link.js";
import { vectors } from "./vectors.js";

const { link, enrollment, secret } = vectors.enrollment_link;
const origin = "https://idp.example";

for (const { typed, code } of vectors.activation_codes) {
  test(`the typed code "${typed}" is parsed as ${code}`, () => assert.equal(parseActivationCode(typed), code));
}

test("an enrollment link gives its enrollment and secret", () => {
  assert.deepEqual(parseLink(link, origin), { kind: "enrollment", enrollment, secret });
  assert.deepEqual(parseLink(` ${link}\n`, origin), { kind: "enrollment", enrollment, secret });
  assert.deepEqual(parseFragment(`#1.${enrollment}.${secret}`), { kind: "enrollment", enrollment, secret });
});

test("an enrollment link of a workspace that is not served at the root gives its slug as well", () => {
  const expected = { kind: "enrollment", enrollment, secret, workspace: "acme-2" };
  assert.deepEqual(parseLink(`${link}/w/acme-2`, origin), expected);
  for (const path of ["/w/", "/w/Acme", "/w/2", "/x/acme", "/w/acme/w/other", "/w/acme."])
    assert.deepEqual(parseLink(`${link}${path}`, origin), { kind: "broken" }, path);
});

test("a typed code may begin with the slug of its workspace", () => {
  assert.deepEqual(parseTypedCode("7k2qm-x9d4r"), { code: "7K2QMX9D4R" });
  assert.deepEqual(parseTypedCode(" Acme / 7k2qm x9d4r"), { code: "7K2QMX9D4R", workspace: "acme" });
  for (const typed of ["acme/7K2QM", "/7K2QM-X9D4R", "a/b/7K2QM-X9D4R", "2/7K2QM-X9D4R"]) assert.equal(parseTypedCode(typed), null, typed);
});

test("a link of another server is reported with its origin and not used", () => {
  assert.deepEqual(parseLink(link, "https://other.example"), { kind: "other_server", origin });
});

test("a truncated link, a newer version and other texts are distinguished", () => {
  assert.deepEqual(parseLink(link.slice(0, -1), origin), { kind: "broken" });
  assert.deepEqual(parseLink(`${link}.more`, origin), { kind: "broken" });
  assert.deepEqual(parseLink(link.replace("#1.", "#2."), origin), { kind: "unsupported" });
  for (const text of ["https://idp.example/", "hello", "otpauth://totp/x?secret=ABC", link.replace("/enroll#", "/elsewhere#")])
    assert.deepEqual(parseLink(text, origin), { kind: "none" }, text);
});

const { link: challengeLink, cid, qr } = vectors.challenge_link;

test("the QR code of a waiting page gives its challenge and nonce", () => {
  assert.deepEqual(parseLink(challengeLink, origin), { kind: "challenge", cid, qr });
  assert.deepEqual(parseLink(`${origin}/#c=${cid}.${qr}`, origin), { kind: "challenge", cid, qr });
  assert.deepEqual(parseChallenge(`#c=${cid}.${qr}`), { kind: "challenge", cid, qr });
});

test("the code of another server, a truncated one and an enrollment link are not accepted as the code of a challenge", () => {
  const elsewhere = "https://other.example";
  assert.deepEqual(parseLink(`${elsewhere}/authenticator/#c=${cid}.${qr}`, origin), { kind: "other_server", origin: elsewhere });
  for (const fragment of [`#c=${cid}.${qr.slice(1)}`, `#c=${cid}`, `#c=${cid}.${qr}.more`, "#c="])
    assert.deepEqual(parseLink(`${origin}/authenticator/${fragment}`, origin), { kind: "broken" }, fragment);
  assert.deepEqual(parseLink(`${origin}/elsewhere#c=${cid}.${qr}`, origin), { kind: "none" });
  assert.deepEqual(parseFragment(`#c=${cid}.${qr}`), { kind: "none" });
  assert.deepEqual(parseChallenge(`#1.${enrollment}.${secret}`), { kind: "none" });
});
