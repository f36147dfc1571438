// The main story in real browsers: password, a phone enrolled by the link of the QR code, a push message, the number typed
// on the phone, and the code at the application. Firefox receives the push by its own client; Chromium verifies its user
// with a virtual authenticator.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { Authenticator } from "./authenticator.mjs";
import { addVirtualAuthenticator, launchChromium, launchFirefox } from "./browsers.mjs";
import { allowNotifications, usePushService } from "./chromium_push.mjs";
import { startDemo } from "./demo.mjs";
import { PushService } from "./push_service.mjs";
import { press, takeStep } from "./sign_in.mjs";

const AT_THE_APPLICATION = { timeout: 20_000 };
let pushService;
let application;
let redirectUri;

before(async () => {
  pushService = await PushService.start();
  application = createServer((request, response) => response.end("the application"));
  await new Promise((ready) => application.listen(0, "localhost", ready));
  redirectUri = `http://localhost:${application.address().port}/callback`;
});

after(async () => {
  application?.closeAllConnections();
  application?.close();
  await pushService?.stop();
});

/** Each story has a demo of its own, because the person in the pool that requires a phone enrolls only once. */
const demoFor = () => startDemo({ redirectUris: [redirectUri], allowOutbound: [pushService.origin] });

function authorizationRequest(demo, parameters = {}) {
  const url = new URL("/authorize", demo.issuer);
  const all = { response_type: "code", client_id: demo.client_id, redirect_uri: redirectUri, scope: "openid", state: "s", ...parameters };
  url.search = new URLSearchParams(all);
  return url.href;
}

/** The parameters of the response that the browser delivers to the application. */
function arrival(page) {
  return page
    .waitForRequest((request) => request.url().startsWith(redirectUri), AT_THE_APPLICATION)
    .then((request) => new URL(request.url()).searchParams);
}

async function begin(desktop, demo) {
  await desktop.goto(authorizationRequest(demo));
  const person = { username: demo.username, password: demo.password };
  for (let step = 0; step < 3 && !(await desktop.$("#enroll-link, #number")); step += 1) {
    await takeStep(desktop, person);
  }
}

async function enroll(desktop, phone) {
  const link = await desktop.$eval("#enroll-link", (element) => element.href ?? element.textContent.trim());
  const code = await phone.enrollByLink(link);
  await desktop.type('[name="confirmation"]', code);
  await press(desktop, 'form:has([name="confirmation"]) button:not([value="deny"])');
}

async function approve(desktop, phone) {
  const number = await desktop.waitForSelector("#number", AT_THE_APPLICATION);
  const arrived = arrival(desktop);
  await phone.approve(await number.evaluate((element) => element.textContent.trim()));
  // The page continues by itself; then consent is given.
  await desktop.waitForFunction(() => location.pathname === "/consent", AT_THE_APPLICATION);
  await takeStep(desktop, {});
  const answer = await arrived;
  assert.equal(answer.get("state"), "s");
  assert.ok(answer.get("code"), answer.toString());
  return answer;
}

async function story(browser, demo, { preparePhone, checkPush }) {
  const [desktopProfile, phoneProfile] = [await browser.createBrowserContext(), browser.defaultBrowserContext()];
  const [desktop, phonePage] = [await desktopProfile.newPage(), await phoneProfile.newPage()];
  await preparePhone?.(phonePage);
  const phone = new Authenticator(phonePage);
  await begin(desktop, demo);
  await enroll(desktop, phone);
  const answer = await approve(desktop, phone);
  assert.equal(answer.get("iss"), demo.issuer);
  await checkPush();
}

test("Chromium receives a push and approves with user verification", { timeout: 120_000 }, async () => {
  const demo = await demoFor();
  const browser = await launchChromium();
  try {
    await allowNotifications(browser.defaultBrowserContext(), new URL(demo.authenticator).origin);
    let delivered;
    let verifier;
    await story(browser, demo, {
      preparePhone: async (page) => {
        verifier = await addVirtualAuthenticator(page);
        delivered = await usePushService(page, pushService);
      },
      checkPush: async () => {
        const message = delivered.map((text) => JSON.parse(text)).find(({ countersign }) => countersign?.t === "challenge");
        assert.equal(message?.web_push, 8030);
        const [credential] = await verifier.credentials();
        assert.ok(credential?.signCount > 0, "the user was verified");
      },
    });
  } finally {
    await browser.close();
    await demo.stop();
  }
});

test("a device is renamed, receives a test push, renews its key and approves with the new one", { timeout: 120_000 }, async () => {
  const demo = await demoFor();
  const browser = await launchChromium();
  try {
    await allowNotifications(browser.defaultBrowserContext(), new URL(demo.authenticator).origin);
    const [desktop, phonePage] = [await (await browser.createBrowserContext()).newPage(), await browser.defaultBrowserContext().newPage()];
    await usePushService(phonePage, pushService);
    const phone = new Authenticator(phonePage);
    await begin(desktop, demo);
    await enroll(desktop, phone);
    const firstKey = await keyOf(phonePage);
    await phone.openDevice();
    await phonePage.$eval("#device-name", (field) => (field.value = "Ada’s phone"));
    await phone.onDevice("rename", "Saved.");
    await phone.onDevice("test-push", "It arrived");
    await phone.onDevice("renew-key", "Renewed.");
    assert.notEqual(await keyOf(phonePage), firstKey);
    await phone.leaveDevice();
    await approve(desktop, phone);
  } finally {
    await browser.close();
    await demo.stop();
  }
});

/** The thumbprint of the authenticator's key. */
const keyOf = (page) => page.evaluate(async () => (await (await import("/authenticator/src/store.js")).accounts())[0].kid);

test("Firefox receives and decrypts the push with its own client and approves", { timeout: 120_000 }, async () => {
  const demo = await demoFor();
  const browser = await launchFirefox({ pushService });
  try {
    const seen = pushService.acknowledgements.length;
    await story(browser, demo, {
      checkPush: async () => {
        const isNew = (each) => pushService.acknowledgements.indexOf(each) >= seen;
        assert.equal((await pushService.waitFor("acknowledgements", isNew)).code, 100);
      },
    });
  } finally {
    await browser.close();
    await demo.stop();
  }
});
