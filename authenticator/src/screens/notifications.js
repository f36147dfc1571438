// Turns notifications on; browsers allow that only in a tap handler.

import { element } from "../element.js";
import { offerOf } from "../enrollment.js";
import { within } from "../timeout.js";
import { isAppleMobile, isInstalled } from "../platform.js";
import { sentence, unreachedSentence } from "../problem.js";
import { announceTransport, notificationPermission, subscribe } from "../push.js";

/**
 * @param {import("../store.js").Account[]} accounts
 * @returns {HTMLElement | null} null if every account has push
 */
export function notificationsCard(accounts) {
  const permission = notificationPermission();
  if (permission === "granted" && accounts.every(({ transport }) => transport === "webpush")) return null;
  const card = element("section", { class: "card" },
    element("h2", {}, "Know at once when you sign in"),
    ...notificationsOffer(accounts, () => card.remove()),
  );
  return card;
}

/**
 * An explanation, a button to turn notifications on, and its result.
 * @param {import("../store.js").Account[]} accounts
 * @param {() => void} onDone called when notifications are on
 */
export function notificationsOffer(accounts, onDone) {
  const permission = notificationPermission();
  const message = element("p", { role: "status", class: "fine" });
  const button = element("button", { class: "wide", type: "button", name: "notifications" }, "Turn on notifications");
  button.addEventListener("click", async () => {
    button.disabled = true;
    const granted = await within(Notification.requestPermission(), 60_000, "default"); // first, while the user activation of the tap is valid
    message.textContent = granted === "granted" ? await turnOn(accounts) : explanation("denied");
    button.disabled = false;
    if (message.textContent === "") onDone();
  });
  const isOffered = permission === "default" || permission === "granted";
  const refused = permission === "granted" && accounts.find(({ transport, transportReason }) => transport !== "webpush" && transportReason);
  const why = refused && refused.transportReason ? unreachedSentence(refused.transportReason) : explanation(permission);
  if (refused) button.textContent = "Try again";
  return [element("p", { "data-reason": refused ? refused.transportReason : null }, why), isOffered && button, message];
}

/** @param {string} permission */
function explanation(permission) {
  if (permission === "unsupported")
    return isAppleMobile() && !isInstalled()
      ? "Tap Share, then Add to Home Screen, and open the app from there: only installed apps can notify you on this phone. Until then requests appear when you open this page."
      : "This browser cannot notify you. Requests appear here as soon as you open the app.";
  if (permission === "denied")
    return "Notifications are blocked for this site. Allow them in the browser’s settings; until then requests appear when you open the app.";
  return "Until you turn notifications on, requests appear only when you open this app.";
}

/** @param {import("../store.js").Account[]} accounts @returns {Promise<string>} empty on success */
async function turnOn(accounts) {
  try {
    for (const account of accounts) {
      const transport = await subscribe(offerOf(account));
      if (transport.kind === "none")
        return "The browser’s push service did not answer. Requests appear when you open the app; try again later.";
      await announceTransport(account, transport);
    }
    return "";
  } catch (error) {
    return sentence(error);
  }
}
