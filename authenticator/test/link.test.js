// What is typed and scanned.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseActivationCode } from "../src/activation_code.js";
import { parseFragment, parseLink } from "../src/link.js";
import { vectors } from "./vectors.js";

const { link, enrollment, secret } = vectors.enrollment_link;
const origin = "https://idp.example";

for (const { typed, code } of vectors.activation_codes) {
  test(`the typed code "${typed}" is read as ${code}`, () => assert.equal(parseActivationCode(typed), code));
}

test("an enrollment link gives its enrollment and secret", () => {
  assert.deepEqual(parseLink(link, origin), { kind: "enrollment", enrollment, secret });
  assert.deepEqual(parseLink(` ${link}\n`, origin), { kind: "enrollment", enrollment, secret });
  assert.deepEqual(parseFragment(`#1.${enrollment}.${secret}`), { kind: "enrollment", enrollment, secret });
});

test("a link of another server is named, not followed", () => {
  assert.deepEqual(parseLink(link, "https://other.example"), { kind: "other_server", origin });
});

test("a cut link, a newer version and anything else are told apart", () => {
  assert.deepEqual(parseLink(link.slice(0, -1), origin), { kind: "broken" });
  assert.deepEqual(parseLink(`${link}.more`, origin), { kind: "broken" });
  assert.deepEqual(parseLink(link.replace("#1.", "#2."), origin), { kind: "unsupported" });
  for (const text of ["https://idp.example/", "hello", "otpauth://totp/x?secret=ABC", link.replace("/enroll#", "/elsewhere#")])
    assert.deepEqual(parseLink(text, origin), { kind: "none" }, text);
});
