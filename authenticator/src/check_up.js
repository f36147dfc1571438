// What is looked after by itself at each opening: the subscription, the promise of the storage, the age of the key.

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
 * @returns {Promise<boolean>} whether the account has another key now, so that what was begun with the old one is void
 */
export async function checkUp(account) {
  if (account.next) {
    await renewKey(account); // first: the server may know the new key already, and the old one no more
    return true;
  }
  const self = await api.self(account);
  await learn(account, self);
  await checkTransport(account, self);
  await checkStorage(account, self);
  if (self.state !== "active" || !isRenewalDue(account)) return false;
  if ((await api.openChallenges(account)).challenges.length > 0) return false; // what is being answered is not disturbed
  await renewKey(account);
  return true;
}

/** The server knows name, account and push key; it may have changed them. @param {Account} account @param {api.Self} self */
async function learn(account, self) {
  const { name, display_name, account: person, vapid_public_key, vapid_kid, policy } = self;
  const offer = { ...offerOf(account), display_name, account: person, vapid_public_key, vapid_kid, policy };
  // What is reached has no reason; a refused change left the server's own knowledge as it was.
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

/** Subscriptions die quietly: compare ours with what the server has. @param {Account} account @param {api.Self} self */
async function checkTransport(account, self) {
  if (notificationPermission() !== "granted") return;
  const dead = self.transport.state === "gone" ? self.transport.endpoint_sha256 : null;
  const transport = await subscribe(self, undefined, dead);
  if (transport.kind === "none") return; // late is not gone: what the server has may still ring
  if (await isCurrent(transport, self.transport)) return;
  try {
    await announceTransport(account, transport);
  } catch (error) {
    if (error instanceof Problem && error.code === "endpoint_refused") return; // the reason is kept; the rest of the check-up goes on
    throw error;
  }
  account.transport = transport.kind;
}
