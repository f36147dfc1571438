// The last approvals of this installation: each can still be reported after the sign-in (protocol §5.4).

import { saveSetting, setting } from "./store.js";

/** @typedef {{ deviceId: string, cid: string, app: string, agent: string, place: string | null, at: number }} Approval `at` in milliseconds */

const SETTING = "approvals";
const MAX_KEPT = 5;
/** The server forgets a challenge after two days. */
const KEPT_MILLISECONDS = 2 * 24 * 3600 * 1000;

/** @returns {Promise<Approval[]>} newest first */
export async function recentApprovals() {
  /** @type {Approval[]} */
  const kept = (await setting(SETTING)) ?? [];
  return kept.filter(({ at }) => Date.now() - at < KEPT_MILLISECONDS);
}

/** @param {Approval} approval */
export async function keepApproval(approval) {
  await saveSetting(SETTING, [approval, ...(await recentApprovals())].slice(0, MAX_KEPT));
}

/** @param {string} cid */
export async function forgetApproval(cid) {
  await saveSetting(SETTING, (await recentApprovals()).filter((approval) => approval.cid !== cid));
}
