// Real relying parties, unchanged and with their default settings, each in a real browser against the demo.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { launchChromium } from "../browser/browsers.mjs";
import { startDemo } from "../browser/demo.mjs";
import { serveFolder } from "../browser/folder_server.mjs";
import { freePort, startProgram } from "../browser/program.mjs";
import { giveUp, signIn } from "../browser/sign_in.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const python = process.env.COUNTERSIGN_TEST_PYTHON ?? here("../../.test/venv/bin/python");

/** Each starts at a port and resolves with `{ address, stop }`. */
const applications = {
  "openid-client": (demo, port) => beside(demo, port, process.execPath, here("openid_client.mjs")),
  "passport-openidconnect": (demo, port) => beside(demo, port, process.execPath, here("passport.mjs")),
  "Authlib with Flask": (demo, port) => beside(demo, port, python, here("authlib_flask.py")),
  "oidc-client-ts": async (demo, port) => {
    const files = {
      "/callback": here("oidc_client_ts/index.html"),
      "/oidc-client-ts.js": here("node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js"),
    };
    const server = await serveFolder(here("oidc_client_ts"), { port, files });
    const query = new URLSearchParams({ authority: demo.issuer, client_id: demo.public_client_id });
    return { address: `${server.origin}/?${query}`, stop: server.stop };
  },
};

async function beside(demo, port, command, program) {
  const env = {
    ISSUER: demo.issuer,
    CLIENT_ID: demo.client_id,
    CLIENT_SECRET: demo.client_secret,
    PORT: String(port),
    // The demo is on loopback, without TLS.
    AUTHLIB_INSECURE_TRANSPORT: "1",
  };
  const { stop } = await startProgram(command, [program], { env });
  return { address: `http://localhost:${port}/`, stop };
}

const ports = new Map();
let demo;
let browser;

before(async () => {
  for (const name of Object.keys(applications)) ports.set(name, await freePort());
  const homes = [...ports.values()].map((port) => `http://localhost:${port}`);
  demo = await startDemo({
    redirectUris: homes.map((home) => `${home}/callback`),
    postLogoutRedirectUris: homes.map((home) => `${home}/`),
  });
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
  await page.goto(address);
  await Promise.all([page.waitForNavigation(), page.click("#sign-in")]);
  const { origin } = new URL(page.url());
  assert.equal(origin, new URL(demo.issuer).origin, `sent to ${page.url()}`);
}

for (const [name, start] of Object.entries(applications)) {
  test(`${name} signs a person in, and hears a no`, { timeout: 90_000 }, async () => {
    const application = await start(demo, ports.get(name));
    const profiles = [await browser.createBrowserContext(), await browser.createBrowserContext()];
    try {
      const [willing, unwilling] = await Promise.all(profiles.map((profile) => profile.newPage()));

      await atTheProvider(willing, application.address);
      await signIn(willing, demo.issuer, { username: demo.guest_username, password: demo.guest_password });
      const { claims, refreshed } = await result(willing);
      assert.ok(claims.sub, JSON.stringify(claims));
      assert.ok(claims.name, JSON.stringify(claims));
      assert.match(claims.email, /@/);
      assert.notEqual(refreshed, false, "the refreshed ID token names someone else");

      await atTheProvider(unwilling, application.address);
      await giveUp(unwilling);
      const { error } = await result(unwilling);
      assert.equal(error, "access_denied");
    } finally {
      for (const profile of profiles) await profile.close();
      await application.stop();
    }
  });
}
