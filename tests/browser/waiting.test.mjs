// The waiting page: a one-time code instead, a QR code, a denied request, and a second tab.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Authenticator } from "./authenticator.mjs";
import { launchChromium } from "./browsers.mjs";
import { startDemo } from "./demo.mjs";
import { press, takeStep } from "./sign_in.mjs";
import { newPage, newPhone, signInAgain } from "./walk.mjs";

const SECONDS_15 = { timeout: 15_000 };
let browser;
let demo;
let phone;

before(async () => {
  [browser, demo] = await Promise.all([launchChromium(), startDemo()]);
  phone = new Authenticator(await newPhone(browser, demo));
  const desktop = await beginSignIn(await newPage(browser));
  const code = await phone.enrollByLink(await desktop.$eval("#enroll-link", (link) => link.href));
  await desktop.type('[name="confirmation"]', code);
  await press(desktop, 'form:has([name="confirmation"]) button.primary');
  await desktop.waitForSelector("#number", SECONDS_15);
  await phone.approve(await numberOn(desktop));
  await isSignedIn(desktop);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

/** Enters name and password; resolves at the page that asks for the phone. */
async function beginSignIn(page) {
  await page.goto(new URL("login", demo.relying_party).href);
  await takeStep(page, { username: demo.username });
  await takeStep(page, { password: demo.password });
  await page.waitForSelector("#enroll-link, #number", SECONDS_15);
  return page;
}

async function numberOn(page) {
  const number = await page.waitForSelector("#number", SECONDS_15);
  return await number.evaluate((element) => element.textContent.trim());
}

/** Waits until the page has continued to the application. */
async function isSignedIn(page) {
  await page.waitForFunction(() => document.title.startsWith("Hello, Ada"), SECONDS_15);
}

test("a one-time code is accepted while the request waits", { timeout: 60_000 }, async () => {
  const desktop = await beginSignIn(await newPage(browser));
  await press(desktop, 'a[href*="/signin/totp"]');
  await takeStep(desktop, { code: () => phone.totpCode() });
  await isSignedIn(desktop);
});

test("the QR code of the page is scanned instead of typing the number", { timeout: 60_000 }, async () => {
  const desktop = await beginSignIn(await newPage(browser));
  assert.equal(await desktop.$("#push-qr"), null, "the number comes first");
  await press(desktop, "#show-qr");
  assert.equal(await desktop.$("#number"), null);
  const code = await desktop.$("#push-qr");
  await phone.scanAndApprove(await code.screenshot({ encoding: "base64" }));
  await isSignedIn(desktop);
});

test("after a denied request the sign-in is over and begins again", { timeout: 60_000 }, async () => {
  const desktop = await beginSignIn(await newPage(browser));
  await phone.deny();
  await desktop.waitForFunction(() => document.querySelector("h1").textContent === "Denied on the phone", SECONDS_15);
  await signInAgain(desktop, demo);
  await phone.approve(await numberOn(desktop));
  await isSignedIn(desktop);
});

test("in two tabs of one browser an approval signs in its own tab, and the session signs in the other", { timeout: 60_000 }, async () => {
  const first = await newPage(browser);
  const second = await first.browserContext().newPage();
  await second.goto(new URL("login", demo.relying_party).href);
  assert.equal(new URL(second.url()).pathname, "/signin/identifier");
  await first.bringToFront();
  await beginSignIn(first);
  await phone.approve(await numberOn(first));
  await isSignedIn(first);
  await second.goto(new URL("login", demo.relying_party).href);
  await isSignedIn(second);
});
