// Tests of the push service itself: a message encrypted by an independent sender reaches a service worker in both
// browsers, and requests that break a rule are refused with the status codes of the large push services.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import webPush from "web-push";
import { launchChromium, launchFirefox } from "./browsers.mjs";
import { allowNotifications, usePushService } from "./chromium_push.mjs";
import { serveFolder } from "./folder_server.mjs";
import { PushService } from "./push_service.mjs";

const vapid = webPush.generateVAPIDKeys();
const sender = { subject: "mailto:operator@example.com", ...vapid };
let pushService;
let target;

before(async () => {
  pushService = await PushService.start();
  target = await serveFolder(fileURLToPath(new URL("push_target", import.meta.url)));
});

after(async () => {
  await target?.stop();
  await pushService?.stop();
});

async function subscribe(page) {
  await page.goto(`${target.origin}/?key=${vapid.publicKey}`);
  await page.click("#subscribe");
  await page.waitForFunction(() => globalThis.subscription, { timeout: 20_000 });
  return JSON.parse(await page.evaluate(() => globalThis.subscription));
}

async function send(subscription, text, options = {}) {
  const request = webPush.generateRequestDetails(subscription, text, { TTL: 60, vapidDetails: sender, ...options });
  return await fetch(request.endpoint, { method: "POST", headers: request.headers, body: request.body });
}

async function received(page, text) {
  await page.waitForFunction((wanted) => globalThis.messages.some((each) => each.text === wanted), { timeout: 20_000 }, text);
  return await page.evaluate((wanted) => globalThis.messages.find((each) => each.text === wanted), text);
}

test("Firefox subscribes, decrypts a push, shows it and acknowledges it", { timeout: 90_000 }, async () => {
  const browser = await launchFirefox({ pushService });
  try {
    const page = await browser.newPage();
    const subscription = await subscribe(page);
    assert.ok(subscription.endpoint.startsWith(`${pushService.origin}/push/`));
    assert.equal((await send(subscription, "to Firefox")).status, 201);
    assert.deepEqual((await received(page, "to Firefox")).shown, ["to Firefox"]);
    assert.equal((await pushService.waitFor("acknowledgements", ({ code }) => code !== undefined)).code, 100);
  } finally {
    await browser.close();
  }
});

test("Firefox reports a message that cannot be decrypted", { timeout: 90_000 }, async () => {
  const browser = await launchFirefox({ pushService });
  try {
    const page = await browser.newPage();
    const subscription = await subscribe(page);
    const keys = { ...subscription.keys, auth: Buffer.alloc(16, 7).toString("base64url") };
    const seen = pushService.acknowledgements.length;
    assert.equal((await send({ ...subscription, keys }, "for someone else")).status, 201);
    const isNew = (each) => pushService.acknowledgements.indexOf(each) >= seen;
    assert.notEqual((await pushService.waitFor("acknowledgements", isNew)).code, 100);
    assert.deepEqual(await page.evaluate(() => globalThis.messages), []);
  } finally {
    await browser.close();
  }
});

test("Chromium's service worker receives a push and shows it", { timeout: 90_000 }, async () => {
  const browser = await launchChromium();
  try {
    await allowNotifications(browser.defaultBrowserContext(), target.origin);
    const page = await browser.newPage();
    const delivered = await usePushService(page, pushService);
    const subscription = await subscribe(page);
    assert.equal((await send(subscription, "to Chromium")).status, 201);
    assert.deepEqual((await received(page, "to Chromium")).shown, ["to Chromium"]);
    assert.deepEqual(delivered, ["to Chromium"]);
  } finally {
    await browser.close();
  }
});

test("a request that breaks RFC 8030 or RFC 8292 is refused", async (t) => {
  const accepted = [];
  const keys = { p256dh: vapid.publicKey, auth: Buffer.alloc(16, 1).toString("base64url") };
  const endpoint = pushService.subscribe({
    applicationServerKey: vapid.publicKey,
    deliver: (message) => accepted.push(message),
  });
  const subscription = { endpoint, keys };

  const attempt = async (change) => {
    const request = webPush.generateRequestDetails(subscription, "x", { TTL: 60, vapidDetails: sender });
    const { headers = {}, ...rest } = change;
    const all = { ...request.headers, ...headers };
    for (const name of Object.keys(all)) if (all[name] === null) delete all[name];
    return await fetch(rest.endpoint ?? endpoint, { method: "POST", headers: all, body: rest.body ?? request.body });
  };

  const otherKeys = webPush.generateVAPIDKeys();
  const otherSender = (details, audience = pushService.origin) =>
    webPush.getVapidHeaders(audience, details.subject, details.publicKey, details.privateKey, "aes128gcm", details.exp)
      .Authorization;
  const cases = [
    ["a correct request", {}, 201],
    ["no TTL", { headers: { TTL: null } }, 400],
    ["a topic that is too long", { headers: { Topic: "x".repeat(33) } }, 400],
    ["a body beyond 4096 bytes", { body: Buffer.alloc(4097, 1), headers: { "Content-Length": null } }, 413],
    ["no VAPID header", { headers: { Authorization: null } }, 401],
    ["another application server's key", { headers: { Authorization: otherSender({ ...sender, ...otherKeys }) } }, 403],
    ["a token for another push service", { headers: { Authorization: otherSender(sender, "https://push.example") } }, 403],
    ["a token that has expired", { headers: { Authorization: otherSender({ ...sender, exp: 1_700_000_000 }) } }, 403],
    ["an unknown subscription", { endpoint: `${pushService.origin}/push/unknown` }, 404],
  ];
  for (const [description, change, status] of cases) {
    await t.test(`${description} is answered ${status}`, async () => {
      const before = accepted.length;
      assert.equal((await attempt(change)).status, status);
      assert.equal(accepted.length - before, status === 201 ? 1 : 0);
    });
  }

  await t.test("a planned failure is answered once, with its headers", async () => {
    pushService.failNext(429, { headers: { "Retry-After": "7" } });
    const failed = await attempt({});
    assert.deepEqual([failed.status, failed.headers.get("Retry-After")], [429, "7"]);
    assert.equal((await attempt({})).status, 201);
  });

  await t.test("an expired subscription is answered 410", async () => {
    pushService.expire(endpoint);
    assert.equal((await attempt({})).status, 410);
  });
});
