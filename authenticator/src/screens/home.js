// The home screen: open requests, and the accounts with their codes.

import { checkUp } from "../check_up.js";
import { element, notice, show } from "../element.js";
import { offerOf } from "../enrollment.js";
import { Unreachable, sentence } from "../problem.js";
import { followRequests } from "../requests.js";
import { accounts as readAccounts, saveSetting, setting } from "../store.js";
import { approvalsCard } from "./approvals.js";
import { codeBlock } from "./code.js";
import { notificationsCard } from "./notifications.js";
import { wipe } from "./removal.js";
import { requestCard } from "./request.js";
import { clockWarning, storageWarning } from "./warnings.js";

/** @typedef {import("../store.js").Account} Account */

/** Fetches the open requests; each home screen sets it. @type {() => void} */
let pullAll = () => {};

/** Fetches the open requests when the app comes to the foreground or a push arrives. */
export const pullNow = () => pullAll();

/** @param {{ onAdd: () => void, onEmpty: () => void, onDevice: (account: Account) => void }} navigation */
export async function homeScreen(navigation) {
  const accounts = (await readAccounts()).filter(({ stage }) => stage === "active");
  if (accounts.length === 0) return navigation.onEmpty();
  const chosen = await setting("selected").catch(() => undefined);
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
  const reload = () => homeScreen(navigation);
  const offers = element("div", {}, notificationsCard(accounts));
  const accountsCard = element("div", {});
  const approvals = element("div", {});
  const showApprovals = async () => approvals.replaceChildren((await approvalsCard(accounts)) ?? "");
  const warnings = element("div", { class: "warnings", role: "status" });
  const warn = () => selected && warnings.replaceChildren(...[clockWarning(selected), storageWarning(selected)].filter((each) => each !== null));
  warn();
  const life = show(
    element("h1", { class: "visually-hidden" }, "Requests and codes"),
    element("div", { class: "columns" },
      element("div", { class: "column" }, list, empty, approvals),
      element("div", { class: "column" }, accountsCard, warnings, offers,
        element("button", { class: "wide", type: "button", onclick: navigation.onAdd }, "Add another account")),
    ),
  );
  if (selected) accountsCard.append(accountSection(selected, accounts, life, { reload, onDevice: navigation.onDevice }));

  showApprovals().catch(() => {}); // without its storage the app shows requests all the same
  const showEmpty = () => (empty.hidden = list.childElementCount > 0);
  /** @param {string} cid */
  const cardOf = (cid) => /** @type {HTMLElement | undefined} */ ([...list.children].find((card) => card.getAttribute("data-challenge") === cid));
  const leave = /** @param {string} cid */ (cid) => {
    cardOf(cid)?.remove();
    showEmpty();
  };
  const revoked = async (/** @type {Account} */ account) => {
    await wipe(account);
    if (!life.aborted) reload();
  };
  const followed = accounts.map((account, position) =>
    followRequests(account, position, life, {
      onOpen: async (account, challenge) => {
        if (cardOf(challenge.cid)) return;
        const now = () => (Date.now() + (account.clockOffset ?? 0)) / 1000;
        const card = await requestCard(account, challenge, {
          now,
          onRevoked: () => revoked(account),
          onDone: (text, tone) => {
            leave(challenge.cid);
            notice(text, tone);
            showApprovals().catch(() => {});
          },
        });
        if (life.aborted || cardOf(challenge.cid)) return;
        document.querySelector(".notice.good")?.remove(); // an earlier success message must not stand beside a new request
        list.prepend(card);
        showEmpty();
      },
      onClosed: (cid, state) => {
        const card = cardOf(cid);
        if (!card || card.hasAttribute("data-answered")) return; // our own answer is being sent and shows its own result
        leave(cid);
        notice(CLOSED[state] ?? "This request was answered or withdrawn elsewhere.", "plain");
      },
      onRevoked: revoked,
      onContact: (_, error) => {
        reach.textContent = error ? sentence(error) : "";
        reach.className = error ? "reach bad" : "reach";
        if (error && list.childElementCount > 0 && !(error instanceof Unreachable)) notice(sentence(error), "bad");
      },
    }),
  );
  pullAll = () => followed.forEach(({ pull }) => pull());
  life.addEventListener("abort", () => (pullAll = () => {}), { once: true });
  for (const account of accounts)
    checkUp(account).then((hasNewKey) => {
      if (hasNewKey && !life.aborted) reload();
      else if (account === selected) warn();
      if (account.transportReason && !offers.querySelector("[data-reason]")) offers.replaceChildren(notificationsCard(accounts) ?? "");
    }, () => {}); // the list of open requests shows the same error
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

/**
 * The selected account with its code, and the others.
 * @param {Account} account @param {Account[]} all @param {AbortSignal} life
 * @param {{ reload: () => void, onDevice: (account: Account) => void }} actions
 */
function accountSection(account, all, life, { reload, onDevice }) {
  const choose = (/** @type {string} */ kid) => saveSetting("selected", kid).then(reload, reload);
  const others = all.filter(({ kid }) => kid !== account.kid);
  const { display_name, account: name } = offerOf(account);
  return element("section", { class: "card account" },
    element("div", { class: "who" },
      element("span", { class: "initial", "aria-hidden": "true" }, (display_name[0] ?? "?").toUpperCase()),
      element("div", {}, element("h2", {}, display_name), element("p", { class: "fine" }, name)),
    ),
    codeBlock(account, life),
    element("button", { class: "row device", type: "button", name: "device", onclick: () => onDevice(account) },
      element("span", {}, "This device"),
      element("span", { class: "fine" }, `${account.name ?? "this browser"} · notifications ${account.transport === "webpush" ? "on" : "off"}`),
    ),
    others.length > 0 && element("ul", { class: "others" },
      ...others.map((other) =>
        element("li", {}, element("button", { class: "row", type: "button", onclick: () => choose(other.kid) },
          element("span", { class: "initial", "aria-hidden": "true" }, (offerOf(other).display_name[0] ?? "?").toUpperCase()),
          element("span", {}, `${offerOf(other).display_name} · ${offerOf(other).account}`)))),
    ),
  );
}
