// What is seen every day: open requests, and the accounts with their codes.

import * as api from "../api.js";
import { element, notice, show } from "../element.js";
import { offerOf } from "../enrollment.js";
import { Unreachable, sentence } from "../problem.js";
import { announceTransport, isCurrent, notificationPermission, subscribe } from "../push.js";
import { followRequests } from "../requests.js";
import { accounts as readAccounts, forgetAccount, saveSetting, setting } from "../store.js";
import { codeBlock } from "./code.js";
import { notificationsCard } from "./notifications.js";
import { requestCard } from "./request.js";

/** @typedef {import("../store.js").Account} Account */

/** Asks for open requests now; replaced with the screen. @type {() => void} */
let pullAll = () => {};

/** Called when the app comes to the front or a push arrives. */
export const pullNow = () => pullAll();

/** @param {{ onAdd: () => void, onEmpty: () => void }} doors */
export async function homeScreen(doors) {
  const accounts = (await readAccounts()).filter(({ stage }) => stage === "active");
  if (accounts.length === 0) return doors.onEmpty();
  const selected = accounts.find(({ kid }) => kid === chosen) ?? accounts.at(-1) ?? accounts[0];
  const list = element("div", { class: "requests" });
  const reach = element("p", { class: "reach", role: "status" });
  const check = element("button", { class: "quiet", type: "button", onclick: () => pullAll() }, "Check again");
  const empty = element("section", { class: "card centered empty" },
    element("h2", {}, "No requests"),
    element("p", { class: "fine" }, "When you sign in somewhere, the request appears here."),
    reach,
    check,
  );
  const reload = () => homeScreen(doors);
  const accountsCard = element("div", {});
  const life = show(
    element("h1", { class: "visually-hidden" }, "Requests and codes"),
    element("div", { class: "columns" },
      element("div", { class: "column" }, list, empty),
      element("div", { class: "column" }, accountsCard, notificationsCard(accounts),
        element("button", { class: "wide", type: "button", onclick: doors.onAdd }, "Add another account")),
    ),
  );
  if (selected) accountsCard.append(accountSection(selected, accounts, life, reload));

  const showEmpty = () => (empty.hidden = list.childElementCount > 0);
  /** @param {string} cid */
  const cardOf = (cid) => /** @type {HTMLElement | undefined} */ ([...list.children].find((card) => card.getAttribute("data-challenge") === cid));
  const leave = /** @param {string} cid */ (cid) => {
    cardOf(cid)?.remove();
    showEmpty();
  };
  const revoked = async (/** @type {Account} */ account) => {
    await forgetAccount(account.kid);
    notice(`This device was removed from ${offerOf(account).account}, so its keys were deleted here.`, "bad");
    if (!life.aborted) reload();
  };
  const followed = accounts.map((account, place) =>
    followRequests(account, place, life, {
      onOpen: async (account, challenge) => {
        if (cardOf(challenge.cid)) return;
        const now = () => (Date.now() + (account.clockOffset ?? 0)) / 1000;
        const card = await requestCard(account, challenge, {
          now,
          onRevoked: () => revoked(account),
          onDone: (text, tone) => {
            leave(challenge.cid);
            notice(text, tone);
          },
        });
        if (life.aborted || cardOf(challenge.cid)) return;
        document.querySelector(".notice.good")?.remove(); // old good news must not lie beside a new question
        list.prepend(card);
        showEmpty();
      },
      onClosed: (cid, state) => {
        const card = cardOf(cid);
        if (!card || card.hasAttribute("data-answered")) return; // our own answer is on its way and speaks for itself
        leave(cid);
        notice(CLOSED[state] ?? "This request was answered or withdrawn elsewhere.", "plain");
      },
      onRevoked: revoked,
      onReach: (_, error) => {
        reach.textContent = error ? sentence(error) : "";
        reach.className = error ? "reach bad" : "reach";
        if (error && list.childElementCount > 0 && !(error instanceof Unreachable)) notice(sentence(error), "bad");
      },
    }),
  );
  pullAll = () => followed.forEach(({ pull }) => pull());
  life.addEventListener("abort", () => (pullAll = () => {}), { once: true });
  for (const account of accounts) checkTransport(account).catch(() => {});
}

/** @type {Record<string, string>} */
const CLOSED = {
  approved: "The request was approved on another device.",
  consumed: "The request was approved on another device.",
  denied: "The request was denied on another device.",
  reported: "The request was reported on another device.",
  superseded: "The request was withdrawn in the browser.",
  expired: "The request has expired. If you are signing in, start again in the browser.",
};

/** The account whose code is shown. @type {string | undefined} */
let chosen = await setting("selected").catch(() => undefined);

/**
 * @param {Account} account @param {Account[]} all @param {AbortSignal} life @param {() => void} reload
 */
function accountSection(account, all, life, reload) {
  const choose = (/** @type {string} */ kid) => {
    chosen = kid;
    saveSetting("selected", kid);
    reload();
  };
  const others = all.filter(({ kid }) => kid !== account.kid);
  const { display_name, account: name } = offerOf(account);
  return element("section", { class: "card account" },
    element("div", { class: "who" },
      element("span", { class: "initial", "aria-hidden": "true" }, (display_name[0] ?? "?").toUpperCase()),
      element("div", {}, element("h2", {}, display_name), element("p", { class: "fine" }, name)),
    ),
    codeBlock(account, life),
    element("details", {},
      element("summary", {}, "This device"),
      element("p", { class: "fine" }, `Listed as “${account.name ?? "this browser"}”. Notifications are ${account.transport === "webpush" ? "on" : "off"}.`),
      element("button", { class: "danger quiet", type: "button", name: "remove", onclick: () => removal(account, reload) }, "Remove this device"),
    ),
    others.length > 0 && element("ul", { class: "others" },
      ...others.map((other) =>
        element("li", {}, element("button", { class: "row", type: "button", onclick: () => choose(other.kid) },
          element("span", { class: "initial", "aria-hidden": "true" }, (offerOf(other).display_name[0] ?? "?").toUpperCase()),
          element("span", {}, `${offerOf(other).display_name} · ${offerOf(other).account}`)))),
    ),
  );
}

/** @param {Account} account @param {() => void} reload */
function removal(account, reload) {
  const message = element("p", { class: "field-error", role: "alert" });
  const close = () => dialog.remove();
  const remove = async () => {
    try {
      await api.removeSelf(account);
    } catch (error) {
      const isGone = error instanceof Error && "code" in error && (error.code === "device_revoked" || error.code === "device_unknown");
      if (!isGone) {
        message.textContent = sentence(error);
        return;
      }
    }
    await forgetAccount(account.kid);
    close();
    notice(`This device was removed from ${offerOf(account).account}.`, "plain");
    reload();
  };
  const dialog = element("dialog", { onclose: close, "aria-labelledby": "removal-title" },
    element("h2", { id: "removal-title" }, "Remove this device?"),
    element("p", {}, `It can no longer approve sign-ins of ${offerOf(account).account}, and its codes stop working. You will need another way to sign in, or to add it again.`),
    message,
    element("button", { class: "danger wide", type: "button", name: "confirm-remove", onclick: remove }, "Remove"),
    element("button", { class: "quiet wide", type: "button", onclick: close }, "Keep it"),
  );
  document.body.append(dialog);
  dialog.showModal();
}

/** Subscriptions die quietly: compare ours with what the server has at every start. @param {Account} account */
async function checkTransport(account) {
  if (notificationPermission() !== "granted") return;
  const self = await api.self(account);
  const transport = await subscribe(self);
  if (transport.kind === "none") return; // late is not gone: what the server has may still ring
  if (!(await isCurrent(transport, self.transport))) await announceTransport(account, transport);
}
