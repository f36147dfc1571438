// Starts Debian's Chromium and Firefox ESR with the settings of the stories.
//
// Never downloads a browser. Called by: the browser stories and the client stories.

import { existsSync } from "node:fs";
import puppeteer from "puppeteer-core";

/**
 * Chromium, headless. Each of its browser contexts is a profile of its own, with its own cookies.
 *
 * `COUNTERSIGN_TEST_HEADFUL=1` shows the window.
 */
export async function launchChromium() {
  return await puppeteer.launch({
    executablePath: firstOf("CHROMIUM", ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]),
    headless: !process.env.COUNTERSIGN_TEST_HEADFUL,
    // Root has no sandbox in a container; /dev/shm is small there.
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--lang=en", "--no-first-run"],
  });
}

/** Firefox ESR, headless, which uses `pushService` if one is given. */
export async function launchFirefox({ pushService } = {}) {
  return await puppeteer.launch({
    browser: "firefox",
    executablePath: firstOf("FIREFOX", ["/usr/bin/firefox-esr", "/usr/bin/firefox"]),
    headless: !process.env.COUNTERSIGN_TEST_HEADFUL,
    extraPrefsFirefox: {
      "intl.accept_languages": "en",
      "permissions.default.desktop-notification": 1,
      "dom.webnotifications.requireuserinteraction": false,
      // There is no notification daemon, so Firefox shows its own notifications.
      "alerts.useSystemBackend": false,
      ...(pushService && {
        "dom.push.enabled": true,
        "dom.push.connection.enabled": true,
        "dom.push.serverURL": pushService.socketUrl,
        "dom.push.testing.allowInsecureServerURL": true,
        "dom.push.retryBaseInterval": 1000,
        "dom.push.pingInterval": 2000,
      }),
    },
  });
}

/**
 * Gives `page` a platform authenticator that verifies its user, like a phone's fingerprint reader.
 *
 * Chromium only. Returns controls: `refuseUser()` and `acceptUser()` decide whether the next verification succeeds.
 */
export async function addVirtualAuthenticator(page) {
  const devtools = await page.createCDPSession();
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  const setUserVerified = (isUserVerified) =>
    devtools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified });
  return {
    refuseUser: () => setUserVerified(false),
    acceptUser: () => setUserVerified(true),
    credentials: async () => (await devtools.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
  };
}

function firstOf(variable, paths) {
  const path = [process.env[variable], ...paths].find((candidate) => candidate && existsSync(candidate));
  if (!path) throw new Error(`none of ${paths.join(", ")} exists: apt-get install chromium firefox-esr, or set ${variable}`);
  return path;
}
