// Checks every page with axe-core, on a phone and on a desktop, light and dark: no violation, no horizontal scrolling, and
// no violation of the content security policy. Also a sign-in without JavaScript.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { launchChromium } from "./browsers.mjs";
import { startDemo } from "./demo.mjs";
import { signIn } from "./sign_in.mjs";
import { totpCode } from "./totp.mjs";
import { VIEWS, show } from "./views.mjs";
import { adaReports, adaWalks, applicationPostsLongRequest, applicationsErr, authorizationRequest, graceWalks, newPage, operatorSetsUp } from "./walk.mjs";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const axe = await readFile(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");
// Colors depend only on the scheme and positions only on the size, so these two views are enough.
const EXAMINED = ["phone-light", "desktop-dark"];
let application;
let redirectUri;
let browser;
let demo;

before(async () => {
  application = createServer((request, response) => response.end("the application"));
  await new Promise((ready) => application.listen(0, "localhost", ready));
  redirectUri = `http://localhost:${application.address().port}/callback`;
  [browser, demo] = await Promise.all([launchChromium(), startDemo({ redirectUris: [redirectUri] })]);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
  application?.closeAllConnections();
  application?.close();
});

/** Checks pages and collects their violations, one line each. */
class Findings {
  lines = [];
  pages = 0;
  #listened = new WeakSet();

  look = async (name, _title, page) => {
    this.#listen(page);
    this.pages += 1;
    await page.evaluate(axe);
    for (const view of VIEWS) {
      await show(page, view);
      const found = await page.evaluate(examine, EXAMINED.includes(view.name) ? RULES : []);
      this.lines.push(...found.map((line) => `${name} (${view.name}): ${line}`));
    }
  };

  /** Records policy violations, also those before the first check: Chromium replays them in the console. */
  #listen(page) {
    if (this.#listened.has(page)) return;
    this.#listened.add(page);
    page.on("console", (message) => {
      if (message.text().includes("Content Security Policy")) this.lines.push(`${page.url()}: ${message.text()}`);
    });
    page.on("pageerror", (error) => this.lines.push(`${page.url()}: ${error}`));
  }
}

// Runs inside the page.
async function examine(rules) {
  const lines = [];
  if (rules.length > 0) {
    const { violations } = await globalThis.axe.run({ runOnly: rules, resultTypes: ["violations"], preload: false });
    lines.push(...violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(" ").slice(0, 400)}`));
  }
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) lines.push(`${scrollWidth} pixels wide on a screen of ${clientWidth}`);
  return lines;
}

async function findsNoViolation(walk) {
  const findings = new Findings();
  await walk(findings.look);
  assert.deepEqual(findings.lines, []);
  assert.ok(findings.pages > 0, "no page was checked");
}

test("the pages of a sign-in with a phone, and the authenticator, are accessible", { timeout: 120_000 }, () =>
  findsNoViolation(async (look) => {
    const phone = await adaWalks(browser, demo, look);
    await adaReports(browser, demo, phone, look);
  }));

test("the pages of a sign-in with a code, of errors and of the set-up are accessible", { timeout: 120_000 }, () =>
  findsNoViolation(async (look) => {
    await graceWalks(browser, demo, look);
    await applicationsErr(browser, demo, look);
    await applicationPostsLongRequest(browser, demo, redirectUri, look);
    await operatorSetsUp(browser, look);
  }));

test("a violation of the content security policy is found", async () => {
  const findings = new Findings();
  const page = await newPage(browser);
  await page.goto(demo.issuer);
  await findings.look("home", "", page);
  await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "0";
    document.body.append(script);
  });
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100)));
  assert.equal(findings.lines.length, 1, findings.lines.join("\n"));
  assert.match(findings.lines[0], /Content Security Policy/);
});

test("password, code and consent work without JavaScript", { timeout: 60_000 }, async () => {
  const page = await newPage(browser);
  await page.setJavaScriptEnabled(false);
  await page.goto(authorizationRequest(demo, redirectUri));
  const person = { username: demo.totp_username, password: demo.totp_password, code: () => totpCode(demo.totp_uri) };
  const steps = await signIn(page, demo.issuer, person);
  assert.deepEqual(steps, ["/signin/identifier", "/signin/password", "/signin/totp", "/consent"]);
  assert.ok(page.url().startsWith(redirectUri), page.url());
  assert.ok(new URL(page.url()).searchParams.get("code"), page.url());
});
