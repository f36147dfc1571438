// Adding an account: claim, local steps, complete, confirm (protocol §4). Each step is stored, so that it can be resumed.

import { claim, complete, enrollmentStatus } from "./api.js";
import { signJws } from "./jws.js";
import { makeDeviceKey } from "./keys.js";
import { keepStorage, platform, suggestedName } from "./platform.js";
import { Problem } from "./problem.js";
import { notificationPermission, subscribe } from "./push.js";
import { forgetAccount, saveAccount } from "./store.js";
import { importTotp } from "./totp.js";
import { canVerifyUser, createCredential } from "./user_verification.js";

/** @typedef {import("./store.js").Account} Account */

export const APP = { kind: "web", version: "1.0", platform: platform() };

/**
 * @param {{ enrollment: string, secret: string } | { code: string }} credential
 * @param {string} [workspace] the slug of the workspace, unless it is served at the root
 * @returns {Promise<Account>}
 */
export async function beginEnrollment(credential, workspace) {
  const account = { ...(await makeDeviceKey()), createdAt: Date.now(), stage: /** @type {const} */ ("claiming"), credential };
  return saveAccount(workspace === undefined ? account : { ...account, workspace });
}

/**
 * Continues from the stored stage until the confirmation code is known.
 * @param {Account} account
 * @param {AbortSignal} skipVerification aborted when the person skips user verification
 * @param {(step: "claiming" | "verifying" | "completing") => void} onStep
 * @returns {Promise<Account>}
 */
export async function continueEnrollment(account, skipVerification, onStep) {
  try {
    if (account.stage === "claiming") {
      onStep("claiming");
      account = await claimOffer(account);
    }
    if (account.stage === "claimed") account = await prepareCompletion(account, skipVerification, onStep);
    if (account.stage === "completing") {
      onStep("completing");
      account = await completeEnrollment(account);
    }
    return account;
  } catch (error) {
    if (isFinal(error)) await forgetAccount(account.kid);
    else if (error instanceof Problem && error.code.startsWith("uv_")) await saveAccount({ ...account, stage: "claimed" });
    throw error;
  }
}

/** Whether a retry would fail in the same way. @param {unknown} error */
export function isFinal(error) {
  const isTransient = ["use_nonce", "uv_required", "uv_invalid", "too_many_requests", "unavailable"];
  return error instanceof Problem && error.status < 500 && !isTransient.includes(error.code);
}

/** @param {Account} account */
async function claimOffer(account) {
  if (!account.credential) throw new Error("the code of this enrollment is gone");
  const offer = await claim(account, account.credential, APP);
  const { credential: _, ...rest } = account;
  return saveAccount({ ...rest, stage: "claimed", offer, clockOffset: offer.server_time * 1000 - Date.now() });
}

/** @param {Account} account @param {AbortSignal} skip @param {(step: "verifying") => void} onStep */
async function prepareCompletion(account, skip, onStep) {
  const offer = offerOf(account);
  const [transport, persisted] = await Promise.all([
    notificationPermission() === "granted" ? subscribe(offer) : /** @type {const} */ ({ kind: "none" }),
    keepStorage({ mayPrompt: true }),
  ]);
  const name = suggestedName();
  const payload = {
    aud: offer.issuer,
    enr: offer.enrollment,
    nonce: offer.nonce,
    jwk: account.jwk,
    name,
    platform: APP.platform,
    transport,
    uv: await verificationCredential(offer, skip, onStep),
    persisted,
    iat: Math.floor(Date.now() / 1000),
  };
  const completion = await signJws(account, { typ: "countersign-enroll+jwt" }, payload);
  return saveAccount({ ...account, stage: "completing", completion, name, persisted });
}

/** @param {import("./store.js").Offer} offer @param {AbortSignal} skip @param {(step: "verifying") => void} onStep */
async function verificationCredential(offer, skip, onStep) {
  if (offer.policy.user_verification === "off" || !offer.webauthn || !(await canVerifyUser())) return null;
  onStep("verifying");
  try {
    return await createCredential(offer.webauthn, AbortSignal.any([skip, AbortSignal.timeout(60_000)]));
  } catch {
    return null; // refused or too late: the server decides whether verification is required
  }
}

/** @param {Account} account */
async function completeEnrollment(account) {
  const offer = offerOf(account);
  const reply = await complete(account, offer.enrollment, account.completion ?? "");
  return saveAccount({
    ...account,
    stage: "confirming",
    deviceId: reply.device_id,
    confirmationCode: reply.confirmation_code,
    confirmBy: reply.confirm_by,
    transport: reply.transport,
    transportReason: reply.transport_reason ?? null,
    clockOffset: reply.server_time * 1000 - Date.now(),
    ...(reply.totp && { totp: await importTotp(reply.totp) }),
  });
}

/**
 * Asks once whether the browser has confirmed. Forgets an enrollment that ended otherwise, and throws its problem.
 * @param {Account} account
 * @returns {Promise<Account>} `active` once confirmed
 */
export async function checkConfirmation(account) {
  const { state } = await enrollmentStatus(account, offerOf(account).enrollment);
  if (state === "completed") return account;
  if (state === "confirmed") {
    const { confirmationCode: _, confirmBy: __, completion: ___, ...rest } = account;
    return saveAccount({ ...rest, stage: "active" });
  }
  await forgetAccount(account.kid);
  throw new Problem(409, { code: state === "expired" ? "enrollment_expired" : "enrollment_closed", state }, 0);
}

/** @param {Account} account */
export function offerOf(account) {
  if (!account.offer) throw new Error("this account has no offer yet");
  return account.offer;
}
