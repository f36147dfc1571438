// Turning user verification on for a device that enrolled without (protocol §8).

import * as api from "../api.js";
import { Problem, Said } from "../problem.js";
import { createCredential } from "../user_verification.js";

const FRESH = 240_000; // the server takes a ceremony for 300 seconds
const PATIENCE = 60_000;

/**
 * The options are asked for before the tap, because some platforms want nothing between it and WebAuthn.
 * @param {import("../store.js").Account} account
 * @returns {() => Promise<void>} to be called by a tap
 */
export function turnOnVerification(account) {
  const ask = () => ({ at: Date.now(), options: api.credentialOptions(account) });
  let asked = ask();
  asked.options.catch(() => {}); // said at the tap
  return async () => {
    if (Date.now() - asked.at > FRESH) asked = ask();
    try {
      const { webauthn, ceremony } = await asked.options;
      const made = await create(webauthn);
      await api.putCredential(account, ceremony, made);
    } catch (error) {
      if (error instanceof Problem && error.code === "credential_exists") return; // our own, whose answer was lost
      asked = ask(); // a ceremony is for one attempt
      asked.options.catch(() => {});
      throw error;
    }
  };
}

/** @param {import("../store.js").CreationOptions} options */
async function create(options) {
  try {
    return await createCredential(options, AbortSignal.timeout(PATIENCE));
  } catch (error) {
    if (error instanceof DOMException) throw new Said("Your fingerprint, face or screen lock was not confirmed. Nothing has changed; try again.");
    throw error;
  }
}
