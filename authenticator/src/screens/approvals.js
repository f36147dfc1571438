// The last approvals, each with the button that reports it.

import * as api from "../api.js";
import { forgetApproval, recentApprovals } from "../approvals.js";
import { coreBytes, signAnswer } from "../challenge.js";
import { element, notice } from "../element.js";
import { offerOf } from "../enrollment.js";
import { Problem, sentence } from "../problem.js";
import { takeCounter } from "../store.js";

/** @typedef {import("../store.js").Account} Account */
/** @typedef {import("../approvals.js").Approval} Approval */

/** Problems after which an approval can no longer be reported. */
const OVER = ["challenge_closed", "challenge_expired", "challenge_unknown", "device_revoked"];

/** @param {Account[]} accounts @returns {Promise<HTMLElement | null>} null when nothing was approved lately */
export async function approvalsCard(accounts) {
  const kept = await recentApprovals();
  const rows = kept.flatMap((approval) => {
    const account = accounts.find(({ deviceId }) => deviceId === approval.deviceId);
    return account ? [approvalRow(account, approval)] : [];
  });
  if (rows.length === 0) return null;
  return element("section", { class: "card approvals", "aria-labelledby": "approvals-title" },
    element("h2", { id: "approvals-title" }, "Approved lately"),
    element("ul", { class: "others" }, ...rows),
  );
}

/** @param {Account} account @param {Approval} approval */
function approvalRow(account, approval) {
  const time = new Date(approval.at).toLocaleString([], { dateStyle: "short", timeStyle: "short" });
  const place = [approval.agent, approval.place, time].filter(Boolean).join(" · ");
  const button = element("button", { class: "danger quiet", type: "button", name: "report-approval" }, "This wasn’t me");
  const row = element("li", { "data-approval": approval.cid },
    element("p", {}, approval.app), element("p", { class: "fine" }, place), button);
  button.addEventListener("click", () => askBefore(approval, () => report(account, approval, row)));
  return row;
}

/** Asks once, because a report signs browsers out. @param {Approval} approval @param {() => Promise<void>} then */
function askBefore({ app }, then) {
  const close = () => dialog.remove();
  const confirm = element("button", { class: "danger wide", type: "button", name: "confirm-report" }, "Report it");
  const dialog = element("dialog", { onclose: close, "aria-labelledby": "report-title" },
    element("h2", { id: "report-title" }, "Report this sign-in?"),
    element("p", {}, `The browser that signed in to ${app} is signed out, and you choose a new password at your next sign-in.`),
    confirm,
    element("button", { class: "quiet wide", type: "button", autofocus: true, onclick: close }, "Keep it"),
  );
  confirm.addEventListener("click", () => then().finally(close));
  document.body.append(dialog);
  dialog.showModal();
}

/** @param {Account} account @param {Approval} approval @param {HTMLElement} row */
async function report(account, approval, row) {
  let said = "Reported. That browser was signed out. Someone seems to know your password: you choose a new one at your next sign-in.";
  try {
    const stamp = { iat: Math.floor(Date.now() / 1000), ctr: await takeCounter(account.kid) };
    const answerer = { issuer: offerOf(account).issuer, deviceId: account.deviceId ?? "" };
    const core = coreBytes(answerer, approval.cid, { act: "report", why: "not_me" }, stamp);
    await api.answer(account, approval.cid, await signAnswer(account, core, null));
  } catch (error) {
    said = sentence(error);
    if (!(error instanceof Problem && OVER.includes(error.code))) return notice(said, "bad");
  }
  await forgetApproval(approval.cid);
  row.remove();
  notice(said, "bad");
}
