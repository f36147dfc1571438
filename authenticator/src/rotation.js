// Renews the device key: the old key signs a statement signed by the new key (protocol §9).

import { rotateKey } from "./api.js";
import { offerOf } from "./enrollment.js";
import { signJws } from "./jws.js";
import { makeDeviceKey } from "./keys.js";
import { Problem, Unreachable } from "./problem.js";
import { adoptNextKey, changeAccount, dropNextKey } from "./store.js";

/** @typedef {import("./store.js").Account} Account */

const RENEWAL_AGE_MILLISECONDS = 365 * 24 * 3600 * 1000;
const TYP = { typ: "countersign-rotate+jwt" };

/** @param {Account} account */
export const keyMadeAt = ({ keyMadeAt, createdAt }) => keyMadeAt ?? createdAt;

/** Whether a renewal is unfinished or due. @param {Account} account */
export const isRenewalDue = (account) => account.next !== undefined || Date.now() - keyMadeAt(account) > RENEWAL_AGE_MILLISECONDS;

/**
 * Renews the key of an account, or resumes an earlier renewal. Until the server confirms, both keys are stored and
 * retries send the same bytes.
 * @param {Account} account
 */
export async function renewKey(account) {
  const statement = account.next?.jws ?? (await begin(account));
  try {
    await deliver(account, statement);
  } catch (error) {
    if (isRefused(error)) await dropNextKey(account.kid);
    throw error;
  }
  await adoptNextKey(account.kid);
}

/** Makes the next key and stores it before sending it; of two pages at the same time, the first one's key stays. @param {Account} account */
async function begin(account) {
  const { issuer } = offerOf(account);
  const made = await makeDeviceKey();
  const iat = Math.floor(Date.now() / 1000);
  const inner = await signJws(made, TYP, { aud: issuer, dev: account.deviceId, old_kid: account.kid, new_jwk: made.jwk, iat });
  const jws = await signJws(account, TYP, { aud: issuer, iss: account.deviceId, inner, iat });
  const kept = await changeAccount(account.kid, ({ next }) => ({ next: next ?? { ...made, jws, madeAt: Date.now() } }));
  if (!kept?.next) throw new Error("this account is no longer here");
  return kept.next.jws;
}

/** @param {Account} account @param {string} jws */
async function deliver(account, jws) {
  for (const wait of [500, 2_000]) {
    try {
      return await rotateKey(account, jws);
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
  return rotateKey(account, jws);
}

/** Whether the server will never accept these bytes. @param {unknown} error */
function isRefused(error) {
  return error instanceof Problem && ["invalid_request", "key_conflict", "device_unknown"].includes(error.code);
}
