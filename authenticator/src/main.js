// The screens and the doors between them.

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

const home = () => homeScreen({ onAdd: enroll, onEmpty: () => enrollScreen(doors(false)), onDevice: device });

/** The system's own "back" leads back as well. @param {import("./store.js").Account} account */
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

/** The worker has heard the bell; a request is seen on the first page alone. @param {MessageEvent} event */
function hear({ data }) {
  if (data?.bell?.t === "challenge" && isDeviceShown()) history.back();
  else pullNow();
}

/** @param {boolean} mayGoBack */
const doors = (mayGoBack) => ({
  onEnrolled: confirm,
  onBack: mayGoBack ? home : null,
});

function enroll() {
  clearNotices();
  enrollScreen(doors(true));
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

/** Where the address and what is stored lead. */
async function enter() {
  const link = isEnrollPath() ? parseFragment(location.hash) : parseFragment("");
  // Whoever waits in a browser of his own can send its code to a person as a link: only this app's camera reads one.
  const isSentCode = !isEnrollPath() && parseChallenge(location.hash).kind !== "none";
  const known = await accounts();
  const mayGoBack = known.some(({ stage }) => stage === "active");
  history.replaceState(null, "", "./"); // the secret leaves the address bar; it is kept with the key
  if (link.kind === "enrollment") return linkScreen(doors(mayGoBack), link);
  if (link.kind !== "none") return badLinkScreen(link, doors(mayGoBack));
  const unfinished = known.find(isUnfinished);
  if (unfinished) return resumeEnrollment(unfinished, doors(mayGoBack));
  const unconfirmed = known.find(({ stage }) => stage === "confirming");
  if (unconfirmed) return confirm(unconfirmed);
  if (isSentCode) notice(SENT_CODE, "plain");
  return home();
}

/** The worker rings and works offline; without it the app still works while it is open. */
async function registerWorker() {
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker.addEventListener("message", hear);
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
enter().catch((error) =>
  show(
    element("section", { class: "card" },
      element("h1", {}, "This browser keeps nothing here"),
      element("p", {}, `The app could not open its storage (${error.message}). Private windows often forbid it; use a normal window.`),
    ),
  ),
);
