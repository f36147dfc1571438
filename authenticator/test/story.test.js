// The whole story in a real browser, with a server that implements the protocol exactly.
// CHROMIUM names the browser (default /usr/bin/chromium); PICTURES a folder for screenshots.

import assert from "node:assert/strict";
import { test } from "node:test";
import { addVerifier, api, browser, context, enrollByLink, isClean, page, picture, press, serviceWorker, tap, textOf, unpack, until, waitForText } from "./phone.js";

test("an account is added with the typed code, and its one-time codes need no network", async (t) => {
  await unpack(t);
  const offer = api.offer();
  await page.goto(`${api.origin}/authenticator/`);
  await page.waitForSelector("#activation-code");
  await picture("enroll");
  await page.type("#activation-code", "nonsense");
  await page.keyboard.press("Enter");
  await waitForText("An activation code has 10 letters and digits");
  await page.$eval("#activation-code", (field) => (field.value = ""));
  await page.type("#activation-code", "00000-00000");
  await page.keyboard.press("Enter");
  await waitForText("This code is not valid");
  assert.equal(await page.$eval("[name=activation-code]", (field) => field.value), "00000-00000", "the typed code stays");
  await picture("enroll-error");
  await page.$eval("#activation-code", (field) => (field.value = ""));
  await page.type("#activation-code", "7k2qm-x9d4r");
  await page.keyboard.press("Enter");
  assert.equal(await textOf("#confirmation-code"), "048213");
  await picture("confirmation");
  api.confirm(offer.id);
  assert.match(await textOf("#totp-code"), /^\d{6}$/);
  await picture("home");
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null, { timeout: 8000 });
  await api.stop();
  await page.reload();
  assert.match(await textOf("#totp-code"), /^\d{6}$/);
  await waitForText("The server cannot be reached");
  await picture("offline");
  isClean();
});

test("a link leads to the confirmation code, and a second phone is refused with a sentence", async (t) => {
  await unpack(t);
  const offer = await enrollByLink();
  assert.equal(new URL(page.url()).hash, "", "the secret left the address bar");
  const other = await (await browser.createBrowserContext()).newPage();
  await other.goto(offer.link);
  await other.waitForFunction(() => document.body.innerText.includes("Another phone has already used this code"));
  isClean();
});

test("a request is approved with the number", async (t) => {
  await unpack(t);
  await enrollByLink();
  const cid = api.ask({ flags: ["new_place"] });
  await page.waitForSelector(`[data-challenge="${cid}"]`, { timeout: 4000 });
  await picture("request");
  await press("approve");
  await waitForText("Type the 2-digit number");
  await page.type("[data-challenge] [name=number]", "07");
  await press("approve");
  await waitForText("Approved. You can go back to your browser.");
  assert.equal(api.challenges.get(cid).state, "approved");
  await picture("approved");
  isClean();
});

test("a wrong number denies the request and shows the next step", async (t) => {
  await unpack(t);
  await enrollByLink();
  const cid = api.ask();
  await page.waitForSelector(`[data-challenge="${cid}"]`);
  await page.type("[data-challenge] [name=number]", "70");
  await press("approve");
  await waitForText("The number did not match");
  assert.equal(api.challenges.get(cid).state, "denied");
  await picture("wrong-number");
  isClean();
});

test("a request is denied, another one reported", async (t) => {
  await unpack(t);
  await enrollByLink();
  const denied = api.ask();
  await page.waitForSelector(`[data-challenge="${denied}"]`);
  await press("deny");
  await waitForText("Denied. Nobody was signed in.");
  assert.equal(api.challenges.get(denied).state, "denied");
  const reported = api.ask();
  await page.waitForSelector(`[data-challenge="${reported}"]`);
  await press("report");
  await waitForText("Reported.");
  assert.equal(api.challenges.get(reported).state, "reported");
  isClean();
});

test("an approval is reported after the sign-in", async (t) => {
  await unpack(t);
  await enrollByLink();
  assert.equal(await page.$("[data-approval]"), null, "nothing was approved yet");
  const cid = api.ask();
  await page.waitForSelector(`[data-challenge="${cid}"]`);
  await page.type("[data-challenge] [name=number]", "07");
  await press("approve");
  await waitForText("Approved.");
  api.close(cid, "consumed");
  await page.reload();
  await page.waitForSelector(`[data-approval="${cid}"]`, { timeout: 8000 });
  await picture("approvals");
  await tap("report-approval");
  await waitForText("Report this sign-in?");
  assert.notEqual(api.challenges.get(cid).reportedLate, true, "not before the question is answered");
  await tap("confirm-report");
  await waitForText("Reported. That browser was signed out.");
  assert.equal(api.challenges.get(cid).reportedLate, true);
  assert.equal(await page.$("[data-approval]"), null);
  isClean();
});

test("user verification covers the exact answer", async (t) => {
  await unpack(t, { verification: true, policy: { user_verification: "required" } });
  await addVerifier();
  await enrollByLink();
  const cid = api.ask();
  await page.waitForSelector(`[data-challenge="${cid}"]`);
  await page.type("[data-challenge] [name=number]", "07");
  await press("approve");
  await waitForText("Approved.");
  assert.equal(api.challenges.get(cid).userVerified, true);
  isClean();
});

test("an account that requires verification shows why it cannot be added without it", async (t) => {
  await unpack(t, { verification: true, policy: { user_verification: "required" } });
  await page.goto(api.offer().link);
  await waitForText("this device did not offer one");
  isClean();
});

/** Replaces the camera by a picture of the QR code of `text`, drawn by the vendored encoder. */
async function holdCodeBeforeCamera(text) {
  await page.evaluate(async (text) => {
    const { default: encodeQR } = await import("./vendor/qr/index.js");
    const modules = encodeQR(text, "raw", { border: 4 });
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = modules.length * 6;
    const context = canvas.getContext("2d");
    const draw = () => {
      context.fillStyle = "#fff";
      context.fillRect(0, 0, canvas.width, canvas.height);
      context.fillStyle = "#000";
      modules.forEach((row, y) => row.forEach((isDark, x) => isDark && context.fillRect(6 * x, 6 * y, 6, 6)));
    };
    draw();
    setInterval(draw, 100); // a canvas stream has a frame only after drawing
    navigator.mediaDevices.getUserMedia = async () => (globalThis.cameraOfTest = canvas.captureStream());
  }, text);
}

const codeOf = (cid) => `${api.origin}/authenticator/#c=${cid}.${api.challenges.get(cid).qr}`;

test("a request is approved with the code of the browser, scanned in the app's own camera view", async (t) => {
  await unpack(t);
  await enrollByLink();
  const cid = api.ask();
  await page.waitForSelector(`[data-challenge="${cid}"]`);
  await holdCodeBeforeCamera(codeOf(cid));
  await press("scan");
  await waitForText("The code of your browser was scanned");
  assert.equal(api.challenges.get(cid).state, "delivered", "a scan alone approves nothing");
  await picture("scanned");
  await press("approve");
  await waitForText("Approved. You can go back to your browser.");
  assert.equal(api.challenges.get(cid).state, "approved");
  isClean();
});

test("the code of another request is refused before it is sent, and the number still approves", async (t) => {
  await unpack(t);
  await enrollByLink();
  const cid = api.ask();
  await page.waitForSelector(`[data-challenge="${cid}"]`);
  await holdCodeBeforeCamera(codeOf(cid).replace(cid, "ch_AAAAAAAAAAAAAAAAAAAAAA"));
  await press("scan");
  await waitForText("This code belongs to another request");
  await picture("viewfinder");
  await page.$eval("dialog button", (button) => button.click());
  assert.equal(api.challenges.get(cid).state, "delivered");
  await page.type("[data-challenge] [name=number]", "07");
  await press("approve");
  await waitForText("Approved. You can go back to your browser.");
  isClean();
});

test("a request that is withdrawn during a scan closes the camera view", async (t) => {
  await unpack(t);
  await enrollByLink();
  const cid = api.ask();
  await page.waitForSelector(`[data-challenge="${cid}"]`);
  await holdCodeBeforeCamera("https://example.com/");
  await press("scan");
  await waitForText("This is not the code of a sign-in");
  const isLive = () => page.evaluate(() => globalThis.cameraOfTest.getTracks().some(({ readyState }) => readyState === "live"));
  assert.equal(await isLive(), true);
  api.close(cid, "superseded");
  await waitForText("The request was withdrawn in the browser.");
  assert.equal(await page.$("dialog"), null);
  await until(async () => !(await isLive()));
  isClean();
});

test("a code that was opened as a link approves nothing and shows why", async (t) => {
  await unpack(t);
  await enrollByLink();
  const cid = api.ask();
  await page.goto("about:blank");
  await page.goto(codeOf(cid));
  await waitForText("A code that was opened as a link approves nothing");
  await page.waitForSelector(`[data-challenge="${cid}"]`);
  assert.equal(new URL(page.url()).hash, "", "the code left the address bar");
  await press("approve");
  await waitForText("Type the 2-digit number");
  assert.equal(api.challenges.get(cid).state, "delivered");
  isClean();
});

test("a request without the method qr offers no scan", async (t) => {
  await unpack(t);
  await enrollByLink();
  const cid = api.ask({ binding: ["number"] });
  await page.waitForSelector(`[data-challenge="${cid}"]`);
  assert.equal(await page.$("button[name=scan]"), null);
  const other = api.ask();
  await page.waitForSelector(`[data-challenge="${other}"] button[name=scan]`);
  isClean();
});

test("a browser far from this phone is a warning above the buttons", async (t) => {
  await unpack(t);
  await enrollByLink();
  const near = api.ask();
  await page.waitForSelector(`[data-challenge="${near}"]`);
  assert.equal(await page.$(`[data-challenge="${near}"] .warning`), null);
  const far = api.ask({ advice: ["far_from_phone", "unknown_word"] });
  const warning = await page.waitForSelector(`[data-challenge="${far}"] .warning`);
  assert.match(await warning.evaluate((node) => node.textContent), /far from this phone/);
  const isAbove = (node) => Boolean(node.compareDocumentPosition(node.closest("article").querySelector("button")) & Node.DOCUMENT_POSITION_FOLLOWING);
  assert.ok(await warning.evaluate(isAbove));
  await picture("far");
  isClean();
});

test("a request that ended elsewhere disappears with a sentence", async (t) => {
  await unpack(t);
  await enrollByLink();
  const withdrawn = api.ask();
  await page.waitForSelector(`[data-challenge="${withdrawn}"]`);
  api.close(withdrawn, "superseded");
  await waitForText("The request was withdrawn in the browser.");
  const short = api.ask({ seconds: 2 });
  await page.waitForSelector(`[data-challenge="${short}"]`);
  await waitForText("This request has expired");
  assert.equal(await page.$("[data-challenge]"), null);
  isClean();
});

test("an answer with a lost reply is sent again with the same bytes", async (t) => {
  await unpack(t);
  await enrollByLink();
  const cid = api.ask();
  await page.waitForSelector(`[data-challenge="${cid}"]`);
  await page.type("[data-challenge] [name=number]", "07");
  api.losesNextAnswer = true;
  await press("approve");
  await waitForText("Approved.");
  const answers = api.log.filter((line) => line.endsWith("/answer 200"));
  assert.equal(answers.length, 2, "other bytes would have been refused");
  isClean();
});

test("while the server cannot be reached the number stays, and the answer arrives later", async (t) => {
  await unpack(t);
  await enrollByLink();
  const cid = api.ask();
  await page.waitForSelector(`[data-challenge="${cid}"]`);
  await page.type("[data-challenge] [name=number]", "07");
  api.isDown = true;
  await press("approve");
  await waitForText("The server cannot be reached");
  assert.equal(await page.$eval("[data-challenge] [name=number]", (field) => field.value), "07");
  await picture("unreachable");
  api.isDown = false;
  await press("approve");
  await waitForText("Approved.");
  isClean();
});

test("a removed device wipes its keys and shows a message", async (t) => {
  await unpack(t);
  await enrollByLink();
  await until(() => api.streams.size > 0); // otherwise the page may show the message before the reload, which removes it
  for (const device of api.devices.values()) device.state = "revoked";
  await page.reload();
  await waitForText("This device was removed from alice@example.com");
  assert.ok(await page.$("#activation-code"));
  const left = await page.evaluate(async () => (await (await import("./src/store.js")).accounts()).length);
  assert.equal(left, 0);
  isClean();
});

test("of two accounts, one is removed on the device", async (t) => {
  await unpack(t);
  await enrollByLink();
  const second = await enrollByLink(api.offer({ account: "admin@example.com", name: "Ops", code: "ABCDEFGHJK" }));
  await page.waitForSelector(".others button");
  assert.equal((await page.$$("#totp-code")).length, 1);
  await picture("two-accounts");
  for (const device of api.devices.keys()) api.ask({ device });
  await page.waitForFunction(() => document.querySelectorAll("[data-challenge]").length === 2);
  await tap("device");
  await page.waitForSelector("button[name=remove]");
  await tap("remove");
  await picture("remove");
  await tap("confirm-remove");
  await waitForText("This device was removed from admin@example.com");
  assert.equal(api.devices.get(api.enrollments.get(second.id).device).state, "revoked");
  assert.match(await textOf("#totp-code"), /^\d{6}$/);
  isClean();
});

test("a push shows a notification, whose button denies without the app", async (t) => {
  await unpack(t);
  await context.overridePermissions(api.origin, ["notifications"]);
  await page.evaluateOnNewDocument(() => {
    // Chromium cannot subscribe without its vendor's server; the app must handle the failed attempt.
    PushManager.prototype.subscribe = () => Promise.reject(new DOMException("no push service", "AbortError"));
  });
  await enrollByLink();
  const { worker, push } = await serviceWorker();
  const shown = (title) =>
    page.waitForFunction(
      async (title) => (await (await navigator.serviceWorker.ready).getNotifications()).some((n) => n.title === title), { timeout: 5000, polling: 100 }, title);
  const cid = api.ask();
  const [dev] = api.devices.keys();
  const message = { web_push: 8030, notification: { title: "Sign-in request", body: "Open to review" }, countersign: { v: 1, t: "challenge", cid, exp: api.challenges.get(cid).exp, dev } };
  await push(message);
  await shown("Sign-in request");
  await worker.evaluate(async () => {
    const [notification] = await self.registration.getNotifications();
    self.dispatchEvent(new NotificationEvent("notificationclick", { notification, action: "deny" }));
  });
  await until(() => !api.isOpen(api.challenges.get(cid)));
  assert.equal(api.challenges.get(cid).state, "denied");
  await push({ ...message, countersign: { ...message.countersign, exp: 1 } });
  await shown("A sign-in request has expired");
  isClean();
});
