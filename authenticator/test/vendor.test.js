// Checks that vendored files are the published ones, and that the offline shell is complete.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

const read = (path) => readFileSync(new URL(`../${path}`, import.meta.url));

test("every vendored file has the hash of its lock", () => {
  const lines = read("vendor/vendor.lock").toString().split("\n").filter((line) => line && !line.startsWith("#"));
  assert.ok(lines.length > 0);
  for (const line of lines) {
    const [, , file, hash] = line.split(" ");
    assert.equal(`sha384-${createHash("sha384").update(read(file)).digest("base64")}`, hash, file);
  }
});

test("the offline shell lists every module and nothing that is missing", () => {
  const listed = [.../const SHELL = \[([^\]]*)\]/s.exec(read("worker.js").toString())[1].matchAll(/"([^"]+\.js)"/g)].map(([, path]) => path);
  const here = readdirSync(new URL("../src", import.meta.url), { recursive: true }).filter((path) => path.endsWith(".js")).map((path) => `src/${path}`);
  assert.deepEqual(listed.filter((path) => path.startsWith("src/")).sort(), here.sort());
  for (const path of listed) read(path);
});
