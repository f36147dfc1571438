// Turns user verification on for a device that enrolled without it (protocol §8).

import * as api from "../api.js";
import { Problem, Said } from "../problem.js";
import { createCredential } from "../user_verification.js";

const MAX_OPTIONS_AGE_MILLISECONDS = 240_000; // the server accepts a ceremony for 300 seconds
const CREATE_TIMEOUT_MILLISECONDS = 60_000;

/**
 * Fetches the options before the tap, because some platforms allow no request between the tap and WebAuthn.
 * @param {import("../store.js").Account} account
 * @returns {() => Promise<void>} to be called in the tap handler
 */
export function turnOnVerification(account) {
  const ask = () => ({ at: Date.now(), options: api.credentialOptions(account) });
  let asked = ask();
  asked.options.catch(() => {}); // reported at the tap
  return async () => {
    if (Date.now() - asked.at > MAX_OPTIONS_AGE_MILLISECONDS) asked = ask();
    try {
      const { webauthn, ceremony } = await asked.options;
      const made = await create(webauthn);
      await api.putCredential(account, ceremony, made);
    } catch (error) {
      if (error instanceof Problem && error.code === "credential_exists") return; // created by an earlier attempt with a lost reply
      asked = ask(); // a ceremony is valid for one attempt
      asked.options.catch(() => {});
      throw error;
    }
  };
}

/** @param {import("../store.js").CreationOptions} options */
async function create(options) {
  try {
    return await createCredential(options, AbortSignal.timeout(CREATE_TIMEOUT_MILLISECONDS));
  } catch (error) {
    if (error instanceof DOMException) throw new Said("Your fingerprint, face or screen lock was not confirmed. Nothing has changed; try again.");
    throw error;
  }
}
