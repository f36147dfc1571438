// The page of this device, and the automatic maintenance at each start.

import assert from "node:assert/strict";
import { test } from "node:test";
import { addPushService, addVerifier, api, context, enrollByLink, isClean, page, picture, press, serviceWorker, stored, tap, textOf, unpack, until, waitForText } from "./phone.js";

const device = () => [...api.devices.values()].at(-1);
const outcome = (name) => page.waitForFunction((name) => document.querySelector(`button[name=${name}] ~ .outcome`)?.innerText, { timeout: 25_000 }, name).then((text) => text.jsonValue());

async function openDevice() {
  await page.waitForSelector("button[name=device]");
  await tap("device");
  await page.waitForSelector("button[name=back]");
}

/** An enrolled phone with notifications. */
async function unpackWithPush(t) {
  await unpack(t);
  await context.overridePermissions(api.origin, ["notifications"]);
  await addPushService();
  await enrollByLink();
  await page.evaluate(() => navigator.serviceWorker.ready);
}

/** Makes the key `days` old. */
const age = (days) =>
  page.evaluate(async (days) => {
    const { accounts, changeAccount } = await import("./src/store.js");
    for (const { kid } of await accounts()) await changeAccount(kid, () => ({ keyMadeAt: Date.now() - days * 86_400_000 }));
  }, days);

test("a device is renamed, and an empty name is not sent", async (t) => {
  await unpack(t);
  await enrollByLink();
  await openDevice();
  await picture("device");
  await page.$eval("#device-name", (field) => (field.value = ""));
  await tap("rename");
  assert.equal(await outcome("rename"), "A name has at least one character.");
  assert.notEqual(device().name, "");
  await page.type("#device-name", "Ada’s phone");
  await page.keyboard.press("Enter");
  await waitForText("Saved.");
  assert.equal(device().name, "Ada’s phone");
  await page.goBack();
  await waitForText("Ada’s phone");
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("name")), "device", "the focus returns");
  isClean();
});

test("a test notification that arrives is reported, and a fourth within an hour is refused", async (t) => {
  await unpackWithPush(t);
  const { push } = await serviceWorker();
  let pushed = 0;
  api.onTest = ({ id }) => {
    pushed += 1;
    return push({ web_push: 8030, notification: { title: "It works" }, countersign: { v: 1, t: "test", dev: id } });
  };
  await openDevice();
  // While a test runs, the button is disabled and the result of the last test is still shown.
  const isIdle = () => page.waitForSelector("button[name=test-push]:not([disabled])");
  for (let sent = 1; sent <= 3; sent += 1) {
    await tap("test-push");
    await until(() => pushed === sent);
    await isIdle();
    await waitForText("It arrived");
  }
  await tap("test-push");
  await waitForText("Three tests an hour are enough. Try again in 30 minutes.");
  isClean();
});

test("a test notification that does not arrive shows a sentence about requests in the app", { timeout: 60_000 }, async (t) => {
  await unpackWithPush(t);
  await openDevice();
  api.onTest = (device) => (device.transportState = "suspect");
  await tap("test-push");
  await waitForText("On its way");
  assert.match(await outcomeAfter("On its way…"), /not arriving.*Requests still appear when you open the app\.$/);
  isClean();
});

/** The outcome after `text`. */
const outcomeAfter = (text) =>
  page.waitForFunction((text) => {
    const said = document.querySelector("button[name=test-push] ~ .outcome")?.innerText;
    return said && said !== text && said;
  }, { timeout: 25_000 }, text).then((said) => said.jsonValue());

test("a key is renewed although two replies are lost, and the device continues with the new one", async (t) => {
  await unpack(t);
  await enrollByLink();
  const old = device().kid;
  await openDevice();
  api.losesNextAnswer = 2;
  await tap("renew-key");
  await waitForText("Renewed.");
  assert.equal(api.log.filter((line) => line.startsWith("POST /device/v1/key 200")).length, 3, "other bytes would have been refused");
  const [{ kid, next }] = await stored();
  assert.deepEqual([kid, next], [device().kid, undefined]);
  assert.notEqual(kid, old);
  await tap("back");
  const cid = api.ask();
  await page.waitForSelector(`[data-challenge="${cid}"]`);
  await press("deny");
  await waitForText("Denied.");
  isClean();
});

test("an interrupted renewal keeps both keys and is finished at the next start", async (t) => {
  await unpack(t);
  await enrollByLink();
  const old = device().kid;
  await openDevice();
  api.losesNextAnswer = Infinity; // the browser itself repeats requests of a closed connection
  await tap("renew-key");
  await waitForText("The server cannot be reached");
  const [half] = await stored();
  assert.deepEqual([half.kid, half.next], [old, device().kid], "the server has the new one already");
  api.losesNextAnswer = 0;
  await page.reload();
  await page.waitForFunction(async (kid) => (await (await import("./src/store.js")).accounts())[0].kid === kid, { timeout: 8000 }, half.next);
  const cid = api.ask();
  await page.waitForSelector(`[data-challenge="${cid}"]`);
  isClean();
});

test("a key is renewed automatically after a year, and not before", async (t) => {
  await unpack(t);
  await enrollByLink();
  const rotations = () => api.log.filter((line) => line.startsWith("POST /device/v1/key")).length;
  await age(364);
  await page.reload();
  await until(() => api.log.filter((line) => line === "GET /device/v1/self 200").length >= 2);
  assert.equal(rotations(), 0);
  await age(366);
  const cid = api.ask();
  await page.reload();
  await page.waitForSelector(`[data-challenge="${cid}"]`);
  await until(() => api.log.filter((line) => line === "GET /device/v1/self 200").length >= 3);
  await page.waitForNetworkIdle({ idleTime: 300, concurrency: 1 });
  assert.equal(rotations(), 0, "an open request is not disturbed");
  api.close(cid, "superseded");
  await page.reload();
  await until(() => rotations() === 1);
  await page.waitForFunction(async (kid) => (await (await import("./src/store.js")).accounts())[0].kid === kid, { timeout: 8000 }, device().kid);
  isClean();
});

test("verification is turned on later if the platform has it, and is then part of an approval", async (t) => {
  await unpack(t);
  await enrollByLink();
  await openDevice();
  await page.waitForFunction(() => document.querySelector("button[name=renew-key]"));
  assert.equal(await page.$("button[name=verification]"), null, "there is nothing to turn on");
  await addVerifier();
  await page.goBack();
  await openDevice();
  await page.waitForSelector("button[name=verification]");
  await picture("device-verification");
  await tap("verification");
  await waitForText("Turned on.");
  assert.ok(device().uv.id);
  await page.goBack();
  const cid = api.ask();
  await page.waitForSelector(`[data-challenge="${cid}"]`);
  await page.type("[data-challenge] [name=number]", "07");
  await press("approve");
  await waitForText("Approved.");
  assert.equal(api.challenges.get(cid).userVerified, true);
  isClean();
});

test("a lost subscription, or one that differs from the server's, is replaced without a prompt", async (t) => {
  await unpackWithPush(t);
  const endpoint = () => device().transport.endpoint;
  const opened = async () => {
    const logged = api.log.length;
    await page.reload();
    await until(() => api.log.slice(logged).includes("GET /device/v1/self 200"));
  };
  await until(() => endpoint() === "https://push.example/1");
  await page.evaluate(() => localStorage.setItem("fake-subscriptions-gone", "1")); // the browser lost it
  await opened();
  await until(() => endpoint() === "https://push.example/2");
  device().transportState = "gone"; // the push service says so
  await opened();
  await until(() => endpoint() === "https://push.example/3");
  device().transport = { ...device().transport, endpoint: "https://push.example/old" }; // the server missed the last change
  await opened();
  await until(() => endpoint() === "https://push.example/3");
  api.vapid = Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 7)]).toString("base64url"); // the server has another key
  await opened();
  await until(() => endpoint() === "https://push.example/4");
  const puts = () => api.log.filter((line) => line === "PUT /device/v1/transport 200").length;
  const before = puts();
  await opened();
  await waitForText("notifications on");
  assert.equal(puts(), before, "a current subscription stays");
  isClean();
});

test("a refused push service is reported, and no longer once it is accepted", async (t) => {
  await unpack(t);
  await context.overridePermissions(api.origin, ["notifications"]);
  await addPushService();
  api.refusesEndpoints = "host_refused";
  await enrollByLink();
  await waitForText("This browser cannot receive requests from this server");
  assert.deepEqual([device().transport.kind, (await stored())[0].transport], ["none", "none"]);
  const refused = () => api.log.filter((line) => line.startsWith("PUT /device/v1/transport 422")).length;
  await until(() => refused() >= 1);
  await page.reload();
  await waitForText("This browser cannot receive requests from this server");
  await openDevice();
  await waitForText("Ask your administrator to allow the service");
  api.refusesEndpoints = "endpoint_not_https";
  await tap("notifications");
  await waitForText("does not use a protected connection");
  api.refusesEndpoints = null;
  await tap("notifications");
  await waitForText("On. Requests also appear whenever you open the app.");
  assert.equal(device().transport.kind, "webpush");
  await page.goBack();
  await waitForText("notifications on");
  assert.equal(await page.$("[data-reason]"), null);
  isClean();
});

test("a wrong clock and missing persistent storage are reported", async (t) => {
  await unpack(t);
  await page.evaluateOnNewDocument(() => (StorageManager.prototype.persist = async () => localStorage.getItem("promises") === "yes"));
  api.clockSkew = -15;
  await enrollByLink();
  await waitForText("may forget this device");
  assert.equal(await page.$("[data-warning=clock]"), null);
  api.clockSkew = -90;
  await page.evaluate(() => localStorage.setItem("promises", "yes"));
  await page.reload();
  assert.match(await textOf("[data-warning=clock]"), /90 seconds fast|89 seconds fast|91 seconds fast/);
  await picture("clock");
  await until(() => device().persisted === true);
  await page.waitForFunction(() => !document.querySelector("[data-warning=storage]"), { timeout: 8000 });
  isClean();
});

test("a removed device is wiped when its page calls the server", async (t) => {
  await unpack(t);
  await enrollByLink();
  await openDevice();
  device().state = "revoked";
  await tap("rename");
  await waitForText("This device was removed from alice@example.com");
  assert.deepEqual(await stored(), []);
  isClean();
});

test("the removal message makes a removed device wipe its keys", async (t) => {
  await unpackWithPush(t);
  const { push } = await serviceWorker();
  await until(() => api.streams.size > 0);
  device().state = "revoked";
  await push({ web_push: 8030, notification: { title: "This device was removed", body: "It can no longer approve sign-ins" }, countersign: { v: 1, t: "removed", dev: device().id } });
  await waitForText("so its keys were deleted here");
  assert.deepEqual(await stored(), []);
  isClean();
});
