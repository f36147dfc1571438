// Adding an account: scan the QR code, type the activation code, or open the link.

import { parseTypedCode } from "../activation_code.js";
import { element, notice, show } from "../element.js";
import { beginEnrollment, continueEnrollment, isFinal } from "../enrollment.js";
import { parseLink } from "../link.js";
import { isAppleMobile, isInstalled } from "../platform.js";
import { sentence } from "../problem.js";
import { canScan, scan } from "../scanner.js";
import { accounts, forgetAccount } from "../store.js";

/** @typedef {import("../store.js").Account} Account */
/** @typedef {{ onEnrolled: (account: Account) => void, onBack: (() => void) | null }} Navigation */

/** @type {Record<string, string>} */
const BAD_LINKS = {
  broken: "This link is not complete. Scan the code again, or type the activation code below.",
  unsupported: "This link is for a newer version of the app. Reload the app and scan again.",
  challenge: "This code approves a sign-in. Open the request and scan it there.",
  none: "This is not an enrollment code. Scan the one that your sign-in page shows.",
};

/** @param {import("../link.js").Link} link @returns {string} */
export function linkSentence(link) {
  if (link.kind === "other_server") return `This code belongs to ${link.origin}. Open the authenticator of that server to add it.`;
  return BAD_LINKS[link.kind] ?? "";
}

/**
 * @param {Navigation} navigation
 * @param {{ error?: string, code?: string }} [earlier] the error of an earlier attempt, and its typed code
 */
export function enrollScreen(navigation, { error = "", code = "" } = {}) {
  const message = element("p", { class: "field-error", id: "activation-error", role: "alert" }, error);
  const field = element("input", {
    id: "activation-code", name: "activation-code", class: "code-field", type: "text", required: true,
    autocomplete: "off", autocapitalize: "characters", spellcheck: "false", maxlength: 96,
    placeholder: "XXXXX-XXXXX", "aria-describedby": "activation-error", value: code,
  });
  const submit = /** @param {Event} event */ (event) => {
    event.preventDefault();
    const parsed = parseTypedCode(field.value);
    if (!parsed) {
      message.textContent = "An activation code has 10 letters and digits, like 7K2QM-X9D4R. Compare it with your screen.";
      field.focus();
      return;
    }
    start({ code: parsed.code }, navigation, field.value, parsed.workspace);
  };
  show(
    element("section", { class: "card" },
      element("h1", {}, "Add an account"),
      element("p", { class: "lead" }, "Your sign-in page shows a QR code and an activation code. Use either one."),
      installHint(),
      canScan() && element("button", { class: "primary wide", type: "button", onclick: () => scanScreen(navigation) }, "Scan the QR code"),
      canScan() && element("p", { class: "or" }, "or"),
      element("form", { onsubmit: submit, novalidate: true },
        element("label", { for: "activation-code" }, "Activation code"),
        field,
        message,
        element("button", { class: canScan() ? "wide" : "primary wide", type: "submit" }, "Continue"),
      ),
      navigation.onBack && element("button", { class: "quiet wide", type: "button", onclick: navigation.onBack }, "Back"),
    ),
  );
}

/** On iOS, push needs the installed app, which does not share storage with the browser. */
function installHint() {
  if (!isAppleMobile() || isInstalled()) return null;
  return element("div", { class: "hint" },
    element("strong", {}, "Install the app first"),
    element("p", {}, "Tap Share, then Add to Home Screen, and open Countersign from there. Only then can this phone be notified."),
  );
}

/** @param {Navigation} navigation @param {{ kind: "enrollment", enrollment: string, secret: string, workspace?: string }} link */
export function linkScreen(navigation, { enrollment, secret, workspace }) {
  const go = () => start({ enrollment, secret }, navigation, "", workspace);
  if (!isAppleMobile() || isInstalled()) return go();
  show(
    element("section", { class: "card" },
      element("h1", {}, "Add this account"),
      installHint(),
      element("p", {}, "Then scan the QR code again from inside the app."),
      element("button", { class: "wide", type: "button", onclick: go }, "Use this browser instead"),
    ),
  );
}

/** @param {Navigation} navigation */
function scanScreen(navigation) {
  const video = element("video", { class: "viewfinder", playsinline: true, muted: true });
  const message = element("p", { role: "status", class: "lead" }, "Point the camera at the QR code.");
  const life = show(
    element("section", { class: "card" },
      element("h1", {}, "Scan the QR code"),
      video,
      message,
      element("button", { class: "quiet wide", type: "button", onclick: () => enrollScreen(navigation) }, "Type the code instead"),
    ),
  );
  scan(video, life, (text) => {
    const link = parseLink(text, location.origin);
    if (link.kind === "enrollment") linkScreen(navigation, link);
    else message.textContent = linkSentence(link);
    return link.kind === "enrollment";
  }).catch((error) => {
    if (life.aborted) return;
    const isRefused = error?.name === "NotAllowedError";
    enrollScreen(navigation, {
      error: isRefused ? "The camera was not allowed. Type the activation code instead." : "The camera could not be used. Type the activation code instead.",
    });
  });
}

/**
 * @param {{ enrollment: string, secret: string } | { code: string }} credential
 * @param {Navigation} navigation
 * @param {string} typed
 * @param {string} [workspace]
 */
async function start(credential, navigation, typed, workspace) {
  progress("Adding this device…");
  try {
    await resumeEnrollment(await beginEnrollment(credential, workspace), navigation, typed);
  } catch (error) {
    enrollScreen(navigation, { error: sentence(error), code: typed });
  }
}

/**
 * @param {Account} account
 * @param {Navigation} navigation
 * @param {string} [typed]
 */
export async function resumeEnrollment(account, navigation, typed = "") {
  const skip = new AbortController();
  progress("Adding this device…");
  try {
    const enrolled = await continueEnrollment(account, skip.signal, (step) => {
      if (step === "verifying") progress("Confirm with your fingerprint, face or screen lock.", () => skip.abort());
      else progress("Adding this device…");
    });
    navigation.onEnrolled(enrolled);
  } catch (error) {
    if (isFinal(error)) enrollScreen(navigation, { error: sentence(error), code: typed });
    else retryScreen(sentence(error), navigation);
  }
}

/** @param {string} text @param {() => void} [onSkip] */
function progress(text, onSkip) {
  show(
    element("section", { class: "card centered", "aria-busy": "true" },
      element("div", { class: "spinner" }),
      element("p", { role: "status" }, text),
      onSkip && element("button", { class: "quiet", type: "button", onclick: onSkip }, "Skip"),
    ),
  );
}

/** Offers a retry: key and stage are stored and survive a reload. @param {string} text @param {Navigation} navigation */
function retryScreen(text, navigation) {
  show(
    element("section", { class: "card" },
      element("h1", {}, "Not added yet"),
      element("p", { class: "field-error", role: "alert" }, text),
      element("button", { class: "primary wide", type: "button", onclick: () => resumeSaved(navigation) }, "Try again"),
      element("button", { class: "quiet wide", type: "button", onclick: () => discard(navigation) }, "Use another code"),
    ),
  );
}

/** @param {Navigation} navigation */
async function resumeSaved(navigation) {
  const unfinished = (await accounts()).find(isUnfinished);
  if (unfinished) await resumeEnrollment(unfinished, navigation);
  else enrollScreen(navigation);
}

/** @param {Navigation} navigation */
async function discard(navigation) {
  for (const account of (await accounts()).filter(isUnfinished)) await forgetAccount(account.kid);
  enrollScreen(navigation);
}

/** Whether the enrollment stopped before its confirmation code. @param {Account} account */
export const isUnfinished = ({ stage }) => stage === "claiming" || stage === "claimed" || stage === "completing";

/** @param {import("../link.js").Link} link @param {Navigation} navigation */
export function badLinkScreen(link, navigation) {
  notice(linkSentence(link), "bad");
  enrollScreen(navigation);
}
