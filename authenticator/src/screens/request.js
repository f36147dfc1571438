// The card of one open request: its details, the number, and the three answers.

import * as api from "../api.js";
import { keepApproval } from "../approvals.js";
import { coreBytes, detailsHash, parseNumber, signAnswer, userVerificationChallenge } from "../challenge.js";
import { element } from "../element.js";
import { offerOf } from "../enrollment.js";
import { Problem, Unreachable, sentence } from "../problem.js";
import { canScan } from "../scanner.js";
import { takeCounter } from "../store.js";
import { assertUser, prepareAssertion } from "../user_verification.js";
import { openViewfinder } from "./viewfinder.js";

/** @typedef {import("../store.js").Account} Account */
/** @typedef {import("../challenge.js").Challenge} Challenge */
/** @typedef {(text: string, tone: "good" | "bad" | "plain") => void} Done */

/** Problems after which this request cannot be answered any more: the card is removed. */
const ENDS = ["number_mismatch", "challenge_expired", "challenge_closed", "challenge_unknown", "answer_mismatch", "device_revoked"];

/** @type {Record<string, { text: string, tone: "good" | "bad" | "plain" }>} */
const OUTCOMES = {
  approved: { text: "Approved. You can go back to your browser.", tone: "good" },
  denied: { text: "Denied. Nobody was signed in.", tone: "plain" },
  reported: {
    text: "Reported. The sign-in was stopped and push is silent for a while. Someone seems to know your password: you choose a new one at your next sign-in.",
    tone: "bad",
  },
};

/**
 * @param {Account} account
 * @param {Challenge} challenge an open one
 * @param {{ onDone: Done, onRevoked: () => void, now: () => number }} context
 * @returns {Promise<HTMLElement>}
 */
export async function requestCard(account, challenge, { onDone, onRevoked, now }) {
  const text = challenge.details ?? "{}";
  const details = /** @type {import("../challenge.js").Details} */ (JSON.parse(text));
  const dh = await detailsHash(text);
  const chn = challenge.chn ?? "";
  const options = challenge.uv?.requirement === "off" ? null : (challenge.uv?.options ?? null);
  const prepared = options && prepareAssertion(options);
  let ctr = await takeCounter(account.kid); // before the tap: between the tap and WebAuthn only a digest is computed
  /** Signed answers that may not have arrived, to be repeated with the same bytes. @type {Map<string, string>} */
  const signed = new Map();

  const field = element("input", {
    name: "number", id: `number-${challenge.cid}`, class: "number-field", type: "text", inputmode: "numeric", pattern: "[0-9]*",
    autocomplete: "off", maxlength: challenge.number_digits, placeholder: "–".repeat(challenge.number_digits),
    "aria-describedby": `error-${challenge.cid}`,
  });
  const message = element("p", { class: "field-error", id: `error-${challenge.cid}`, role: "alert" });
  const approve = element("button", { class: "primary wide", type: "submit", name: "approve" }, "Approve");
  const deny = element("button", { class: "wide", type: "button", name: "deny" }, "Deny");
  const report = element("button", { class: "danger quiet wide", type: "button", name: "report" }, "This wasn’t me");
  const unverified = element("button", { class: "quiet wide", type: "button", name: "approve-unverified", hidden: true }, "Approve without verification");
  const scanCode = element("button", { class: "quiet wide", type: "button", name: "scan" }, "Scan a code instead");
  const typed = element("div", {}, element("label", { for: field.id }, "Number shown in your browser"), field);
  const scanned = element("p", { class: "scanned", role: "status", tabindex: -1, hidden: true }, "The code of your browser was scanned. Look at the request once more, then approve.");
  /** The nonce of the scanned code. @type {string | null} */
  let qr = null;
  const remaining = element("time", { class: "remaining" });
  const buttons = [approve, deny, report, unverified];

  /** @param {boolean} isBusy */
  const setBusy = (isBusy) => buttons.forEach((button) => (button.disabled = isBusy));

  /**
   * @param {import("../challenge.js").Answer} answer
   * @param {typeof prepared} verification
   */
  const send = async (answer, verification) => {
    const name = `${answer.act} ${"num" in answer ? answer.num : "qr" in answer ? answer.qr : ""} ${Boolean(verification)}`;
    setBusy(true);
    message.textContent = "";
    try {
      let jws = signed.get(name);
      if (!jws) {
        const stamp = { iat: Math.floor(Date.now() / 1000), ctr };
        const answerer = { issuer: offerOf(account).issuer, deviceId: account.deviceId ?? "" };
        const core = coreBytes(answerer, challenge.cid, answer, stamp);
        const uv = verification ? await assertUser(verification, await userVerificationChallenge(core)) : null;
        jws = await signAnswer(account, core, uv);
        signed.set(name, jws);
        ctr = await takeCounter(account.kid);
      }
      card.toggleAttribute("data-answered", true);
      const { state } = await deliver(account, challenge.cid, jws);
      if (answer.act === "approve" && details.kind !== "test") await keep().catch(() => {}); // the answer has arrived all the same
      const outcome = OUTCOMES[state] ?? { text: `The request is now ${state}.`, tone: "plain" };
      onDone(outcome.text, outcome.tone);
    } catch (error) {
      fail(error, name);
    } finally {
      setBusy(false);
    }
  };

  const keep = () =>
    keepApproval({ deviceId: account.deviceId ?? "", cid: challenge.cid, app: details.app.name, agent: details.agent, place: details.place ?? details.ip, at: Date.now() });

  /** @param {unknown} error @param {string} name */
  const fail = (error, name) => {
    if (error instanceof DOMException && error.name !== "InvalidStateError") {
      message.textContent = "Your fingerprint, face or screen lock was not confirmed. Tap Approve to try again.";
      unverified.hidden = challenge.uv?.requirement !== "preferred";
      return;
    }
    if (error instanceof Problem && error.status < 500) {
      signed.delete(name); // refused: the next attempt signs a new answer
      card.toggleAttribute("data-answered", false);
    }
    if (error instanceof Problem && error.code === "device_revoked") onRevoked();
    if (error instanceof Problem && ENDS.includes(error.code)) return onDone(sentence(error), "bad");
    message.textContent = sentence(error);
  };

  /** @param {typeof prepared} verification */
  const approveWith = (verification) => {
    if (qr) return void send({ act: "approve", qr, chn, dh }, verification);
    const num = parseNumber(field.value, challenge.number_digits);
    if (!num) {
      message.textContent = `Type the ${challenge.number_digits}-digit number that your browser shows.`;
      field.focus();
      return;
    }
    send({ act: "approve", num, chn, dh }, verification);
  };
  scanCode.addEventListener("click", () => {
    message.textContent = "";
    openViewfinder(card, challenge.cid, (nonce) => {
      qr = nonce;
      typed.hidden = scanCode.hidden = true;
      scanned.hidden = false;
      scanned.focus();
    });
  });
  deny.addEventListener("click", () => send({ act: "deny", chn, dh }, null));
  report.addEventListener("click", () => send({ act: "report", why: "not_me", chn, dh }, null));
  unverified.addEventListener("click", () => approveWith(null));

  const tick = () => {
    const seconds = Math.max(0, Math.ceil(challenge.exp - now()));
    remaining.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (seconds > 0) return;
    clearInterval(timer);
    if (card.isConnected) onDone("This request has expired. If you are signing in, start again in the browser.", "bad");
  };
  const timer = setInterval(tick, 1000);

  const card = element("article", { class: "card request", "data-challenge": challenge.cid },
    element("p", { class: "eyebrow" }, details.kind === "test" ? "Test request" : "Sign-in request", remaining),
    element("h2", {}, details.app.name),
    warning(details, challenge.advice),
    facts(account, details),
    element("form", {
      class: "answer", novalidate: true,
      onsubmit: /** @param {Event} event */ (event) => { event.preventDefault(); approveWith(prepared); },
    },
      typed,
      scanned,
      message,
      approve,
      unverified,
      details.binding?.includes("qr") && canScan() && scanCode,
      element("div", { class: "pair" }, deny, report),
    ),
  );
  tick();
  return card;
}

/**
 * Sends an answer, and after a lost reply the same bytes again; the server then returns the stored reply.
 * @param {import("../store.js").Account} account @param {string} cid @param {string} jws
 */
async function deliver(account, cid, jws) {
  for (const wait of [500, 2_000]) {
    try {
      return await api.answer(account, cid, jws);
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
  return api.answer(account, cid, jws);
}

/** @param {import("../challenge.js").Details} details @param {string[]} advice */
function warning(details, advice) {
  const says = [
    advice.includes("far_from_phone") && "The browser is far from this phone. If you are not using it yourself, do not approve.",
    details.flags?.includes("new_device") && "This browser has not been used before.",
    details.flags?.includes("new_place") && "Nobody signed in from this place before.",
  ].filter(Boolean);
  return says.length > 0 && element("p", { class: "warning" }, says.join(" "));
}

/** @param {Account} account @param {import("../challenge.js").Details} details */
function facts(account, details) {
  const time = new Date(details.when * 1000).toLocaleTimeString([], { timeStyle: "short" });
  /** @type {[string, string | null][]} */
  const rows = [
    ["Account", details.acct],
    ["Organization", offerOf(account).display_name],
    ["Browser", details.agent],
    ["Place", details.place],
    ["Address", details.ip],
    ["Time", time],
  ];
  return element("dl", { class: "facts" },
    ...rows.filter(([, value]) => value).flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]),
  );
}
