// Entry point: chooses the screen, and navigates between screens.

import { clearNotices, element, notice, show } from "./element.js";
import { parseChallenge, parseFragment } from "./link.js";
import { confirmationScreen } from "./screens/confirmation.js";
import { deviceScreen } from "./screens/device.js";
import { badLinkScreen, enrollScreen, isUnfinished, linkScreen, resumeEnrollment } from "./screens/enroll.js";
import { homeScreen, pullNow } from "./screens/home.js";
import { accounts } from "./store.js";

const SENT_CODE =
  "A code that was opened as a link approves nothing. If you are signing in, open the request below, press “Scan a code instead” and point this app’s camera at your browser. If someone sent you the link, press “This wasn’t me”.";

const isEnrollPath = () => location.pathname.endsWith("/enroll");

const home = () => homeScreen({ onAdd: enroll, onEmpty: () => enrollScreen(navigation(false)), onDevice: device });

/** Shows the page of this device; the browser's back button returns to the home screen. @param {import("./store.js").Account} account */
function device(account) {
  clearNotices();
  history.pushState("device", "");
  deviceScreen(account, () => history.back());
}

const isDeviceShown = () => document.querySelector(".settings") !== null;

addEventListener("popstate", async () => {
  if (!isDeviceShown()) return;
  await home();
  /** @type {HTMLElement | null} */ (document.querySelector("button[name=device]"))?.focus();
});

/** Handles a push that the worker received; requests are shown on the home screen only. @param {MessageEvent} event */
function onWorkerMessage({ data }) {
  if (data?.push?.t === "challenge" && isDeviceShown()) history.back();
  else pullNow();
}

/** @param {boolean} mayGoBack */
const navigation = (mayGoBack) => ({
  onEnrolled: confirm,
  onBack: mayGoBack ? home : null,
});

function enroll() {
  clearNotices();
  enrollScreen(navigation(true));
}

/** @param {import("./store.js").Account} account */
function confirm(account) {
  clearNotices();
  confirmationScreen(account, {
    onConfirmed: (confirmed) => {
      notice(`${confirmed.offer?.account ?? "The account"} was added. This device can now approve sign-ins.`, "good");
      home();
    },
    onEnded: home,
  });
}

/** Chooses the first screen by the address and the stored accounts. */
async function showFirstScreen() {
  const link = isEnrollPath() ? parseFragment(location.hash) : parseFragment("");
  // An attacker could send the code of their own browser as a link, so only this app's camera view accepts codes.
  const isSentCode = !isEnrollPath() && parseChallenge(location.hash).kind !== "none";
  const known = await accounts();
  const mayGoBack = known.some(({ stage }) => stage === "active");
  history.replaceState(null, "", "./"); // remove the secret from the address bar; it is stored with the key
  if (link.kind === "enrollment") return linkScreen(navigation(mayGoBack), link);
  if (link.kind !== "none") return badLinkScreen(link, navigation(mayGoBack));
  const unfinished = known.find(isUnfinished);
  if (unfinished) return resumeEnrollment(unfinished, navigation(mayGoBack));
  const unconfirmed = known.find(({ stage }) => stage === "confirming");
  if (unconfirmed) return confirm(unconfirmed);
  if (isSentCode) notice(SENT_CODE, "plain");
  return home();
}

/** Registers the worker for push and offline use; without it the app works while it is open. */
async function registerWorker() {
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker.addEventListener("message", onWorkerMessage);
  const address = new URL("../worker.js", import.meta.url).href;
  const trusted = /** @type {{ createPolicy?: Function } | undefined} */ (Reflect.get(globalThis, "trustedTypes"));
  const policy = trusted?.createPolicy?.("countersign-worker", {
    createScriptURL: (/** @type {string} */ url) => {
      if (url !== address) throw new TypeError("only the worker is loaded this way");
      return url;
    },
  });
  await navigator.serviceWorker.register(policy ? policy.createScriptURL(address) : address, { type: "module" });
}

document.addEventListener("visibilitychange", () => document.hidden || pullNow());
registerWorker().catch((error) => console.warn("no service worker:", error.message));
showFirstScreen().catch((error) =>
  show(
    element("section", { class: "card" },
      element("h1", {}, "This browser keeps nothing here"),
      element("p", {}, `The app could not open its storage (${error.message}). Private windows often forbid it; use a normal window.`),
    ),
  ),
);
