// Visits every page: the provider's, the authenticator's, and those of the demo's application.
//
// Called by: the pictures and the accessibility test. At each page it calls `look(name, title, page)`.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Authenticator } from "./authenticator.mjs";
import { addVirtualAuthenticator } from "./browsers.mjs";
import { BINARY } from "./demo.mjs";
import { freePort } from "./program.mjs";
import { press, takeStep } from "./sign_in.mjs";
import { totpCode } from "./totp.mjs";

const SECONDS_15 = { timeout: 15_000 };
const PUSH_LIFETIME = { timeout: 120_000 };
const PASSWORD_FORM = 'form:has([name="password"]) button.primary';

/** Ada's first sign-in: she adds a phone, denies a request and approves another; then her sign-out. */
export async function adaWalks(browser, demo, look) {
  const desktop = await newPage(browser);
  const phonePage = await newPhone(browser, demo);
  const phone = new Authenticator(phonePage);

  await desktop.goto(demo.issuer);
  await look("home", "The provider’s own address", desktop);
  await desktop.goto(demo.relying_party);
  await look("inkwell-welcome", "The demo’s application, before the sign-in", desktop);
  await press(desktop, 'a[href="/login"]');
  await look("identifier", "The username", desktop);
  await takeStep(desktop, { username: demo.username });
  await look("password", "The password", desktop);
  await desktop.type('[name="password"]', "not the password");
  await press(desktop, PASSWORD_FORM);
  await look("password-wrong", "A wrong password", desktop);
  await takeStep(desktop, { password: demo.password });
  if (!(await desktop.$("#enroll-link"))) await press(desktop, 'form button.primary[value="allow"]');
  await look("enroll", "Adding a phone", desktop);

  await phonePage.goto(demo.authenticator);
  await phonePage.waitForSelector('[name="activation-code"]', SECONDS_15);
  await look("authenticator-empty", "The authenticator, without an account", phonePage);
  const code = await phone.enrollByLink(await desktop.$eval("#enroll-link", (link) => link.href));
  await look("authenticator-confirmation", "The authenticator shows the confirmation code", phonePage);
  await desktop.waitForFunction(() => document.querySelector("#enroll-state")?.dataset.state === "completed", SECONDS_15);
  await look("enroll-completed", "The phone has answered", desktop);
  const wrong = code === "123456" ? "654321" : "123456";
  await desktop.type('[name="confirmation"]', wrong);
  await press(desktop, 'form:has([name="confirmation"]) button.primary');
  await look("enroll-wrong", "A wrong confirmation code", desktop);

  // Without the authenticator open, the phone does not fetch the first request.
  await phonePage.goto("about:blank");
  await desktop.type('[name="confirmation"]', code);
  await press(desktop, 'form:has([name="confirmation"]) button.primary');
  await desktop.waitForSelector("#number", SECONDS_15);
  await look("push-pending", "The request is sent", desktop);
  await desktop.click("#show-qr");
  await desktop.waitForSelector("#push-qr", SECONDS_15);
  await look("push-qr", "A QR code instead of the number", desktop);
  await desktop.click("#show-number");
  await desktop.waitForSelector("#number", SECONDS_15);
  await phonePage.goto(demo.authenticator);
  await phone.pendingRequest();
  await look("authenticator-request", "The request on the phone", phonePage);
  await waitForState(desktop, "delivered");
  await look("push-delivered", "The phone has the request", desktop);
  const denied = desktop.waitForNavigation(SECONDS_15);
  await phone.deny();
  await denied;
  await look("push-denied", "Denied on the phone", desktop);
  await signInAgain(desktop, demo);
  const number = await desktop.$("#number");
  await phone.approve(await number.evaluate((element) => element.textContent.trim()));
  await desktop.waitForFunction((origin) => location.origin === origin, SECONDS_15, new URL(demo.relying_party).origin);
  await phonePage.waitForSelector("#totp-code", SECONDS_15);
  await look("authenticator-approved", "The authenticator after the approval", phonePage);
  await phonePage.waitForSelector("[data-approval]", SECONDS_15);
  await phonePage.$eval('button[name="report-approval"]', (button) => button.click());
  await phonePage.waitForSelector('button[name="confirm-report"]', SECONDS_15);
  await look("authenticator-report", "The question before an approval is reported", phonePage);
  await phonePage.$eval("dialog button.quiet", (button) => button.click());
  await phone.openDevice();
  await look("authenticator-device", "The page of this device", phonePage);
  await phone.leaveDevice();
  await look("inkwell-account", "Signed in: the claims that the application received", desktop);
  for (const place of ["notes", "reports"]) {
    await desktop.goto(new URL(place, demo.relying_party).href);
    await look(`inkwell-${place}`, `The application’s ${place}`, desktop);
  }

  await desktop.goto(authorizationRequest(demo, demo.redirect_uri));
  await look("consent", "Consent for another application", desktop);
  await desktop.goto(demo.issuer);
  await look("account", "Signed in at the provider’s own address", desktop);
  await press(desktop, 'button[value="add_device"]');
  const proof = await desktop.waitForSelector("#number", SECONDS_15);
  await look("account-proof", "Another phone is added after an approval on the first", desktop);
  const offered = desktop.waitForFunction(() => document.querySelector("#enroll-link"), SECONDS_15);
  await phone.approve(await proof.evaluate((element) => element.textContent.trim()));
  await offered;
  await look("account-enroll", "Adding another phone", desktop);
  await press(desktop, 'button[value="deny"]');

  await desktop.goto(new URL("/signout", demo.issuer).href);
  await look("sign-out", "Confirmation of a sign-out", desktop);
  await press(desktop, 'button[value="allow"]');
  await look("signed-out", "Signed out", desktop);
  await desktop.goto(demo.relying_party);
  await press(desktop, 'form[action="/logout"] button');
  await look("inkwell-signed-out", "Signed out of the application", desktop);
  return { phone, phonePage };
}

/** Ada reports a request of somebody else. With `isPatient`, another request expires before. */
export async function adaReports(browser, demo, { phone, phonePage }, look, { isPatient = false } = {}) {
  const desktop = await newPage(browser);
  await desktop.goto(new URL("login", demo.relying_party).href);
  await takeStep(desktop, { username: demo.username });
  if (isPatient) await phonePage.goto("about:blank");
  await takeStep(desktop, { password: demo.password });
  await desktop.waitForSelector("#number", SECONDS_15);
  if (isPatient) {
    await desktop.waitForFunction(() => document.querySelector("#push-state")?.dataset.state === "expired" && !document.querySelector("#number"), PUSH_LIFETIME);
    await look("push-expired", "No answer in time", desktop);
    await sendAgain(desktop);
    await phonePage.goto(demo.authenticator);
  }
  const reported = desktop.waitForFunction(() => document.querySelector("#push-state")?.dataset.state === "reported" && !document.querySelector("#number"), SECONDS_15);
  await phone.report();
  await reported;
  await look("push-reported", "Reported on the phone", desktop);
  await press(desktop, 'button[value="deny"]');
  await look("inkwell-refused", "The application after a refused sign-in", desktop);
}

/** Grace's sign-in with a one-time code. */
export async function graceWalks(browser, demo, look) {
  const desktop = await newPage(browser);
  await desktop.goto(new URL("login", demo.relying_party).href);
  await takeStep(desktop, { username: demo.totp_username });
  await takeStep(desktop, { password: demo.totp_password });
  await look("totp", "A code from an authenticator", desktop);
  const code = totpCode(demo.totp_uri);
  await desktop.type('[name="code"]', code === "123456" ? "654321" : "123456");
  await press(desktop, 'form:has([name="code"]) button.primary');
  await look("totp-wrong", "A wrong code", desktop);
}

/** Error pages: an unregistered redirect URI and an unknown path. */
export async function applicationsErr(browser, demo, look) {
  const page = await newPage(browser);
  await page.goto(authorizationRequest(demo, "https://elsewhere.example/callback"));
  await look("error", "An application whose address is not registered", page);
  await page.goto(new URL("/no-such-page", demo.issuer).href);
  await look("not-found", "An unknown address", page);
}

/** A request that no address can carry: without its script the page waits for a click. */
export async function applicationPostsLongRequest(browser, demo, redirectUri, look) {
  const page = await newPage(browser);
  await page.setRequestInterception(true);
  page.on("request", (request) => (request.url().includes("form_post") ? request.abort() : request.continue()));
  const target = new URL(authorizationRequest(demo, redirectUri));
  const fields = [...target.searchParams, ["login_hint", "a".repeat(200)], ["claims", JSON.stringify({ userinfo: Object.fromEntries(Array.from({ length: 60 }, (_, number) => [`claim_of_the_application_${number}`, null])) })]];
  await page.goto("about:blank");
  await page.evaluate((action, fields) => {
    const form = Object.assign(document.createElement("form"), { method: "post", action });
    for (const [name, value] of fields) form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    document.body.append(form);
    form.submit();
  }, new URL("/authorize", demo.issuer).href, fields);
  await page.waitForSelector("#response button.primary", SECONDS_15);
  await look("carry-on", "A request that no address can carry", page);
  await press(page, "#response button.primary");
  await page.waitForSelector('[name="username"]', SECONDS_15);
}

/** The pages of the set-up link of a new server. */
export async function operatorSetsUp(browser, look) {
  const server = await startServer();
  try {
    const page = await newPage(browser);
    await page.goto(server.link);
    await look("setup-person", "The first start: the first person", page);
    await page.type('[name="username"]', "ada");
    await page.type('[name="name"]', "Ada Lovelace");
    await page.type('[name="password"]', "password");
    await press(page, "button.primary");
    await look("setup-person-wrong", "A common password", page);
    await page.$eval('[name="password"]', (field) => (field.value = ""));
    await page.type('[name="password"]', "an engine weaves algebra");
    await press(page, "button.primary");
    await look("setup-application", "The first start: the first application", page);
    await page.type('[name="client_name"]', "Inkwell");
    await page.type('[name="redirect_uri"]', "http://localhost:3000/callback");
    await press(page, "button.primary");
    await look("setup-done", "The first start: done", page);
    await page.goto(server.link);
    await look("setup-spent", "A set-up link that was used", page);
  } finally {
    await server.stop();
  }
}

/** The authorization request of the demo's second application, which needs each person's consent. */
export function authorizationRequest(demo, redirectUri) {
  const url = new URL("/authorize", demo.issuer);
  const scope = "openid profile email offline_access";
  url.search = new URLSearchParams({ response_type: "code", client_id: demo.client_id, redirect_uri: redirectUri, scope, state: "s" });
  return url.href;
}

/** A page in a profile of its own. */
export async function newPage(browser) {
  return await (await browser.createBrowserContext()).newPage();
}

/** A phone: a profile with user verification, in which the permission for notifications is not decided yet. */
export async function newPhone(browser, demo) {
  const page = await newPage(browser);
  const devtools = await browser.target().createCDPSession();
  await devtools.send("Browser.setPermission", {
    permission: { name: "notifications" },
    setting: "prompt",
    origin: new URL(demo.authenticator).origin,
    browserContextId: page.browserContext().id,
  });
  await addVirtualAuthenticator(page);
  return page;
}

/** Begins the sign-in again that ended with a denial, and resolves with the number of a new request. */
export async function signInAgain(page, demo) {
  await press(page, 'a[href*="/authorize?r="]');
  await takeStep(page, { username: demo.username });
  await takeStep(page, { password: demo.password });
  for (let attempt = 0; attempt < 15 && !(await page.$("#number")); attempt += 1) {
    // One may be sent only some seconds after the last.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    if (await page.$('button[formaction$="/signin/push/send"], form[action$="/signin/push/send"]')) await sendAgain(page);
  }
  await page.waitForSelector("#number", SECONDS_15);
}

/** Requests another challenge, and retries, because one may be sent only some seconds after the last. */
export async function sendAgain(page) {
  for (let attempt = 0; attempt < 10; attempt += 1) {
    await press(page, 'button[formaction$="/signin/push/send"]');
    if (await page.$("#number")) return;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  throw new Error(`no request was sent: ${await page.$eval("main", (main) => main.innerText)}`);
}

/** Waits until the script of the page shows `state`. */
export async function waitForState(page, state) {
  await page.waitForFunction((wanted) => document.querySelector("#push-state")?.dataset.state === wanted, SECONDS_15, state);
}

/** Starts `serve` with an empty data directory; resolves with the set-up link. */
async function startServer() {
  const folder = await mkdtemp(join(tmpdir(), "countersign-walk-"));
  const port = await freePort();
  // The server refuses unknown settings, so remove the variables of the tests.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("COUNTERSIGN_")));
  const args = ["serve", "--listen", `127.0.0.1:${port}`, "--data-dir", folder];
  const child = spawn(BINARY, args, { env, stdio: ["ignore", "pipe", "ignore"] });
  const ended = new Promise((resolve) => child.once("close", resolve));
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  for await (const line of createInterface({ input: child.stdout })) {
    const link = line.match(/https?:\/\/\S+token=\S+/)?.[0];
    if (link) return { link, stop };
  }
  await stop();
  throw new Error("serve ended without a set-up link");
}
