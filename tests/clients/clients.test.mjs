// Real relying parties, unchanged and with their default settings, each in a real browser with the demo.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { launchChromium } from "../browser/browsers.mjs";
import { startDemo } from "../browser/demo.mjs";
import { serveFolder } from "../browser/folder_server.mjs";
import { freePort, startProgram } from "../browser/program.mjs";
import { cancel, press, signIn } from "../browser/sign_in.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const python = process.env.COUNTERSIGN_TEST_PYTHON ?? here("../../.test/venv/bin/python");

/**
 * `start` starts the application at a port and resolves with `{ address, stop }`. `callbacks` are the paths of its
 * redirect URIs, by default `/callback`; `refusal` is the address of its own page for a refusal, if it has one.
 */
const applications = {
  "openid-client": { start: (...at) => startProcess(...at, process.execPath, here("openid_client.mjs")) },
  "@badgateway/oauth2-client": { start: (...at) => startProcess(...at, process.execPath, here("oauth2_client.mjs")) },
  "passport-openidconnect": { start: (...at) => startProcess(...at, process.execPath, here("passport.mjs")) },
  "Auth.js with express": {
    callbacks: ["/auth/callback/provider"],
    refusal: "/auth/signin?error=OAuthCallbackError",
    start: (...at) => startProcess(...at, process.execPath, here("auth_js.mjs")),
  },
  "Authlib with Flask": { start: (...at) => startProcess(...at, python, here("authlib_flask.py")) },
  "django-allauth": {
    callbacks: ["/accounts/oidc/provider/login/callback/"],
    refusal: "/accounts/3rdparty/login/cancelled/",
    start: (...at) => startProcess(...at, python, here("django_allauth.py")),
  },
  "oidc-client-ts": {
    start: (...at) =>
      startInBrowser(...at, "oidc_client_ts", {
        "/oidc-client-ts.js": here("node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js"),
      }),
  },
};

async function startProcess(demo, port, command, program) {
  const env = {
    ISSUER: demo.issuer,
    CLIENT_ID: demo.client_id,
    CLIENT_SECRET: demo.client_secret,
    PORT: String(port),
  };
  const { stop } = await startProgram(command, [program], { env });
  return { address: `http://localhost:${port}/`, stop };
}

/** A page without a server of its own. */
async function startInBrowser(demo, port, folder, libraries) {
  const files = { "/callback": here(`${folder}/index.html`), ...libraries };
  const server = await serveFolder(here(folder), { port, files });
  const query = new URLSearchParams({ authority: demo.issuer, client_id: demo.public_client_id });
  return { address: `${server.origin}/?${query}`, stop: server.stop };
}

const ports = new Map();
let demo;
let browser;

before(async () => {
  for (const name of Object.keys(applications)) ports.set(name, await freePort());
  const redirectUris = [...ports].flatMap(([name, port]) =>
    (applications[name].callbacks ?? ["/callback"]).map((path) => `http://localhost:${port}${path}`),
  );
  demo = await startDemo({ redirectUris });
  browser = await launchChromium();
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

async function result(page) {
  await page.waitForFunction(() => {
    const { claims, error } = JSON.parse(document.querySelector("#result").textContent);
    return claims ?? error;
  });
  return JSON.parse(await page.$eval("#result", (element) => element.textContent));
}

async function atTheProvider(page, address) {
  await page.goto(address, { waitUntil: "networkidle0" });
  await press(page, "#sign-in");
  // Some applications have a page of their own in between, with one button.
  const { origin } = new URL(demo.issuer);
  if (new URL(page.url()).origin !== origin) await press(page, 'form[method="post"] button');
  assert.equal(new URL(page.url()).origin, origin, `sent to ${page.url()}`);
}

async function showsRefusal(page, refusal) {
  if (!refusal) return assert.equal((await result(page)).error, "access_denied");
  const { pathname, search } = new URL(page.url());
  assert.equal(pathname + search, refusal);
}

for (const [name, { start, refusal }] of Object.entries(applications)) {
  test(`${name} signs a person in, and receives a refusal`, { timeout: 90_000 }, async () => {
    const application = await start(demo, ports.get(name));
    const profiles = [await browser.createBrowserContext(), await browser.createBrowserContext()];
    try {
      const [willing, unwilling] = await Promise.all(profiles.map((profile) => profile.newPage()));

      await atTheProvider(willing, application.address);
      await signIn(willing, demo.issuer, { username: demo.guest_username, password: demo.guest_password });
      const { claims, error, refreshed, isRevoked, outcome = "consent_required" } = await result(willing);
      assert.ok(claims?.sub, JSON.stringify(claims ?? error));
      assert.ok(claims.name, JSON.stringify(claims));
      assert.match(claims.email, /@/);
      assert.notEqual(refreshed, false, "the refreshed ID token names someone else");
      assert.notEqual(isRevoked, false, "a token outlived its revocation");
      assert.equal(outcome, "consent_required", "the hidden frame hears that a loopback address needs consent");

      await atTheProvider(unwilling, application.address);
      await cancel(unwilling);
      await showsRefusal(unwilling, refusal);
    } finally {
      for (const profile of profiles) await profile.close();
      await application.stop();
    }
  });
}
