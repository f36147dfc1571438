// Turning notifications on, which browsers only allow from a tap.

import { element } from "../element.js";
import { offerOf } from "../enrollment.js";
import { within } from "../patience.js";
import { isAppleMobile, isInstalled } from "../platform.js";
import { sentence, unreachedSentence } from "../problem.js";
import { announceTransport, notificationPermission, subscribe } from "../push.js";

/**
 * @param {import("../store.js").Account[]} accounts
 * @returns {HTMLElement | null} nothing when every account is already rung
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
 * Why, how, and what came of it.
 * @param {import("../store.js").Account[]} accounts
 * @param {() => void} onDone called when they are on
 */
export function notificationsOffer(accounts, onDone) {
  const permission = notificationPermission();
  const message = element("p", { role: "status", class: "fine" });
  const button = element("button", { class: "wide", type: "button", name: "notifications" }, "Turn on notifications");
  button.addEventListener("click", async () => {
    button.disabled = true;
    const granted = await within(Notification.requestPermission(), 60_000, "default"); // first, while the tap counts
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

/** @param {import("../store.js").Account[]} accounts @returns {Promise<string>} empty when all went well */
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
