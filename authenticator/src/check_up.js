// Automatic maintenance at each start: the push subscription, persistent storage, the age of the key.

import * as api from "./api.js";
import { offerOf } from "./enrollment.js";
import { keepStorage } from "./platform.js";
import { Problem } from "./problem.js";
import { announceTransport, isCurrent, notificationPermission, subscribe } from "./push.js";
import { isRenewalDue, renewKey } from "./rotation.js";
import { changeAccount } from "./store.js";

/** @typedef {import("./store.js").Account} Account */

/**
 * @param {Account} account
 * @returns {Promise<boolean>} whether the account has a new key, so that requests of the old one are void
 */
export async function checkUp(account) {
  if (account.next) {
    await renewKey(account); // first: the server may already have replaced the old key
    return true;
  }
  const self = await api.self(account);
  await updateAccount(account, self);
  await checkTransport(account, self);
  await checkStorage(account, self);
  if (self.state !== "active" || !isRenewalDue(account)) return false;
  if ((await api.openChallenges(account)).challenges.length > 0) return false; // a person may be answering one
  await renewKey(account);
  return true;
}

/** Stores name, account, policy and push key as the server has them now. @param {Account} account @param {api.Self} self */
async function updateAccount(account, self) {
  const { name, display_name, account: person, vapid_public_key, vapid_kid, policy } = self;
  const offer = { ...offerOf(account), display_name, account: person, vapid_public_key, vapid_kid, policy };
  // A device with push has no reason; a refused endpoint left the server's transport unchanged, so keep our own reason.
  const transportReason = self.transport.reason ?? (self.transport.kind === "webpush" ? null : (account.transportReason ?? null));
  const known = { name, offer, transport: self.transport.kind, transportReason, clockOffset: self.server_time * 1000 - Date.now() };
  Object.assign(account, known);
  await changeAccount(account.kid, () => known);
}

/** @param {Account} account @param {api.Self} self */
async function checkStorage(account, self) {
  account.persisted = await keepStorage({ mayPrompt: false });
  await changeAccount(account.kid, () => ({ persisted: account.persisted ?? false }));
  if (account.persisted !== self.persisted) await api.changeSelf(account, { persisted: account.persisted });
}

/** Compares the subscription with the server's, because subscriptions end without an event. @param {Account} account @param {api.Self} self */
async function checkTransport(account, self) {
  if (notificationPermission() !== "granted") return;
  const dead = self.transport.state === "gone" ? self.transport.endpoint_sha256 : null;
  const transport = await subscribe(self, undefined, dead);
  if (transport.kind === "none") return; // a timeout: the server's endpoint may still work
  if (await isCurrent(transport, self.transport)) return;
  try {
    await announceTransport(account, transport);
  } catch (error) {
    if (error instanceof Problem && error.code === "endpoint_refused") return; // the reason is stored; continue with the other checks
    throw error;
  }
  account.transport = transport.kind;
}
