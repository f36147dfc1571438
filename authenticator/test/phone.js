// A phone: a profile of a real browser, with a mock server of its own that implements the protocol exactly.
// CHROMIUM names the browser (default /usr/bin/chromium); PICTURES a folder for screenshots.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before } from "node:test";
import puppeteer from "puppeteer-core";
import { MockDeviceApi } from "./mock_device_api.js";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
assert.ok(existsSync(CHROMIUM), `no browser at ${CHROMIUM}: install Debian's package chromium or set CHROMIUM`);

/** @type {import("puppeteer-core").Browser} */
export let browser;
/** @type {MockDeviceApi} */
export let api;
export let context;
export let page;
let violations = [];

before(async () => {
  browser = await puppeteer.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
});
after(() => browser.close());

/** A new phone with a server of its own. */
export async function unpack(t, options = {}) {
  const server = (api = await new MockDeviceApi(options).start());
  context = await browser.createBrowserContext();
  t.after(() => Promise.all([context.close(), server.stop()]));
  page = await context.newPage();
  await page.setViewport({ width: 390, height: 844 });
  violations = [];
  page.on("console", (message) => /Content Security Policy|Trusted/.test(message.text()) && violations.push(message.text()));
  page.on("pageerror", (error) => violations.push(error.message));
}

/** @param {string} selector */
export const textOf = async (selector) => (await page.waitForSelector(selector, { timeout: 8000 })).evaluate((node) => node.textContent);
export const waitForText = (text) => page.waitForFunction((text) => document.body.innerText.includes(text), { timeout: 8000 }, text);
export const tap = (name) => page.$eval(`button[name=${name}]`, (button) => button.click());
export const press = (name) => page.$eval(`[data-challenge] button[name=${name}]`, (button) => button.click());
export const picture = async (name) => {
  if (!process.env.PICTURES) return;
  for (const [size, width, height] of [["phone", 390, 844], ["desktop", 1280, 800]])
    for (const scheme of ["light", "dark"]) {
      await page.setViewport({ width, height });
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
      await new Promise((resolve) => setTimeout(resolve, 150));
      await page.screenshot({ path: `${process.env.PICTURES}/${name}-${size}-${scheme}.png`, fullPage: true });
    }
  await page.setViewport({ width: 390, height: 844 });
};

export async function enrollByLink(offer = api.offer()) {
  await page.goto(offer.link);
  assert.equal(await textOf("#confirmation-code"), "048213");
  api.confirm(offer.id);
  await page.waitForSelector("#totp-code", { timeout: 8000 });
  return offer;
}

export const isClean = () => assert.deepEqual(violations, [], "no policy was violated and no error was thrown");

/** @param {() => unknown} condition */
export async function until(condition) {
  for (let waited = 0; !(await condition()); waited += 50) {
    assert.ok(waited < 8000, `still false after 8 s: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The service worker, and `push(data)`, which delivers a push message to it. */
export async function serviceWorker() {
  await page.evaluate(() => navigator.serviceWorker.ready);
  const target = await browser.waitForTarget((target) => target.type() === "service_worker" && target.url().startsWith(api.origin));
  const worker = await target.worker();
  const session = await page.createCDPSession();
  let registration;
  session.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
    registration = registrations.find(({ scopeURL }) => scopeURL.startsWith(api.origin)) ?? registration;
  });
  await session.send("ServiceWorker.enable");
  await until(() => registration);
  const push = (data) =>
    session.send("ServiceWorker.deliverPushMessage", { origin: api.origin, registrationId: registration.registrationId, data: JSON.stringify(data) });
  return { worker, push };
}

/** A platform authenticator that verifies its user. */
export async function addVerifier() {
  const session = await page.createCDPSession();
  await session.send("WebAuthn.enable");
  await session.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
}

/** A push service that only creates subscriptions, numbered from 1. */
export const addPushService = () =>
  page.evaluateOnNewDocument(() => {
    const key = "fake-subscriptions";
    const make = (n, applicationServerKey) => ({
      endpoint: `https://push.example/${n}`,
      options: { applicationServerKey },
      getKey: (name) => new Uint8Array(name === "auth" ? 16 : 65).buffer,
      unsubscribe: async () => (localStorage.setItem(`${key}-gone`, n), true),
    });
    const read = (name) => localStorage.getItem(name);
    PushManager.prototype.getSubscription = async () => {
      const n = read(key);
      if (!n || read(`${key}-gone`) === n) return null;
      return make(n, Uint8Array.from(JSON.parse(read(`${key}-server-key`))).buffer);
    };
    PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
      const n = String(Number(read(key) ?? 0) + 1);
      localStorage.setItem(key, n);
      localStorage.setItem(`${key}-server-key`, JSON.stringify([...new Uint8Array(applicationServerKey)]));
      return make(n, applicationServerKey.buffer ?? applicationServerKey);
    };
  });

/** The stored accounts. */
export const stored = () =>
  page.evaluate(async () =>
    (await (await import("./src/store.js")).accounts()).map(({ kid, next, keyMadeAt, name, persisted, transport }) => ({ kid, next: next?.kid, keyMadeAt, name, persisted, transport })));
