// This device, for one account: name, notifications, user verification, key, removal.

import * as api from "../api.js";
import { element, show } from "../element.js";
import { offerOf } from "../enrollment.js";
import { Problem, sentence } from "../problem.js";
import { notificationPermission } from "../push.js";
import { keyMadeAt, renewKey } from "../rotation.js";
import { accounts, changeAccount } from "../store.js";
import { canVerifyUser } from "../user_verification.js";
import { notificationsOffer } from "./notifications.js";
import { removal, wipe } from "./removal.js";
import { testPush } from "./test_push.js";
import { turnOnVerification } from "./verification.js";
import { clockWarning, storageWarning } from "./warnings.js";

/** @typedef {import("../store.js").Account} Account */

/**
 * @param {Account} account
 * @param {() => void} onBack
 * @param {string} [said] the result of the renewal that shows this screen again
 */
export function deviceScreen(account, onBack, said = "") {
  const { display_name, account: person } = offerOf(account);
  const heading = element("h1", { tabindex: -1 }, "This device");
  const life = show(
    element("section", { class: "card settings" },
      element("button", { class: "quiet back", type: "button", name: "back", onclick: onBack }, "Back"),
      heading,
      element("p", { class: "lead" }, `${person} · ${display_name}`),
      clockWarning(account),
      storageWarning(account),
      nameForm(account, onBack),
      notificationsPart(account, onBack),
      verificationPart(account, onBack),
      keyPart(account, onBack, said),
      element("section", {},
        element("h2", {}, "Remove"),
        element("p", { class: "fine" }, "This device can then no longer approve sign-ins of this account, and its codes stop working."),
        element("button", { class: "danger wide", type: "button", name: "remove", onclick: () => removal(account, onBack) }, "Remove this device"),
      ),
    ),
  );
  heading.focus();
  return life;
}

/**
 * A button with its result. If the device was removed, the account is wiped.
 * @param {Account} account
 * @param {() => void} onBack
 * @param {{ name: string, label: string, work: (say: (text: string) => void) => Promise<string>, said?: string, type?: string }} action
 *   `work` resolves with a sentence
 */
function action(account, onBack, { name, label, work, said = "", type = "button" }) {
  const message = element("p", { class: "outcome", role: "status" }, said);
  const say = (/** @type {string} */ text, tone = "") => {
    message.textContent = text;
    message.className = `outcome ${tone}`;
  };
  const button = element("button", { class: "wide", type, name }, label);
  const run = async () => {
    button.disabled = true;
    try {
      say(await work((text) => say(text)), "good");
    } catch (error) {
      if (error instanceof Problem && error.code === "device_revoked") {
        await wipe(account);
        return onBack();
      }
      say(sentence(error), "bad");
    } finally {
      button.disabled = false;
    }
  };
  return { button, message, run };
}

/** @param {Account} account @param {() => void} onBack */
function nameForm(account, onBack) {
  const field = element("input", { id: "device-name", name: "device-name", type: "text", maxlength: 64, autocomplete: "off", value: account.name ?? "" });
  const work = async () => {
    const { name } = await api.changeSelf(account, { name: field.value });
    field.value = account.name = name;
    await changeAccount(account.kid, () => ({ name }));
    return "Saved.";
  };
  const { button, message, run } = action(account, onBack, { name: "rename", label: "Save name", work, type: "submit" });
  const submit = /** @param {Event} event */ (event) => {
    event.preventDefault();
    if (field.value.trim() !== "") return run();
    message.textContent = "A name has at least one character.";
    message.className = "outcome bad";
    field.focus();
  };
  return element("form", { novalidate: true, onsubmit: submit },
    element("label", { for: "device-name" }, "Name in your list of devices"), field, button, message);
}

/** @param {Account} account @param {() => void} onBack */
function notificationsPart(account, onBack) {
  const heading = element("h2", {}, "Notifications");
  if (account.transport !== "webpush" || notificationPermission() !== "granted")
    return element("section", {}, heading, ...notificationsOffer([account], () => again(account, onBack)));
  const { button, message, run } = action(account, onBack, {
    name: "test-push", label: "Send a test notification", work: (say) => testPush(account, say),
  });
  button.addEventListener("click", run);
  return element("section", {}, heading, element("p", { class: "fine" }, "On. Requests also appear whenever you open the app."), button, message);
}

/** Shows the page again with the stored account. @param {Account} account @param {() => void} onBack @param {string} [said] */
async function again(account, onBack, said) {
  const stored = (await accounts()).find(({ deviceId }) => deviceId === account.deviceId);
  if (stored) deviceScreen(stored, onBack, said);
}

/**
 * Hidden until the server reports a UV credential, or none while the platform can make one.
 * @param {Account} account @param {() => void} onBack
 */
function verificationPart(account, onBack) {
  const state = element("p", { class: "fine" });
  const part = element("section", { hidden: true }, element("h2", {}, "Fingerprint, face or PIN"), state);
  const ON = "On. You confirm every approval with it. If this device no longer knows it, remove the device and add it again.";
  const look = async () => {
    const { uv_credential, policy } = await api.self(account);
    if (policy.user_verification === "off") return;
    if (!uv_credential && !(await canVerifyUser())) return;
    part.hidden = false;
    state.textContent = uv_credential ? ON : "Off. Turn it on, so that nobody who holds this device can approve for you.";
    if (uv_credential) return;
    const turnOn = turnOnVerification(account);
    const { button, message, run } = action(account, onBack, {
      name: "verification", label: "Turn on fingerprint, face or PIN",
      work: async () => {
        await turnOn();
        state.textContent = ON;
        button.remove();
        return "Turned on.";
      },
    });
    button.addEventListener("click", run);
    part.append(button, message);
  };
  look().catch(() => {}); // offline: the part stays hidden
  return part;
}

/** @param {Account} account @param {() => void} onBack @param {string} said */
function keyPart(account, onBack, said) {
  const made = new Date(keyMadeAt(account)).toLocaleDateString([], { dateStyle: "long" });
  const { button, message, run } = action(account, onBack, {
    name: "renew-key", label: "Renew this device’s key", said,
    work: async () => {
      await renewKey(account);
      await again(account, onBack, "Renewed. The old key is worth nothing any more.");
      return "";
    },
  });
  button.addEventListener("click", run);
  return element("section", {},
    element("h2", {}, "Key"),
    element("p", { class: "fine" }, `Made on ${made}. The app renews it once a year by itself; do it now when somebody may have copied this device.`),
    button,
    message,
  );
}
