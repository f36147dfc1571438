// User verification by the platform authenticator (WebAuthn), if there is one.

import { fromBase64url, toBase64url } from "./encoding.js";
import { within } from "./timeout.js";

/** @returns {Promise<boolean>} after at most five seconds; never throws */
export async function canVerifyUser() {
  if (!("PublicKeyCredential" in globalThis) || !navigator.credentials) return false;
  const available = PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable();
  return within(available.catch(() => false), 5_000, false);
}

/** @param {import("./challenge.js").CredentialDescriptor[] | undefined} list @returns {PublicKeyCredentialDescriptor[]} */
const descriptors = (list) =>
  (list ?? []).map(({ id, transports }) => ({
    type: "public-key",
    id: fromBase64url(id),
    ...(transports && { transports: /** @type {AuthenticatorTransport[]} */ (transports) }),
  }));

/**
 * Makes the UV credential of a new device.
 * @param {import("./store.js").CreationOptions} options
 * @param {AbortSignal} signal
 * @returns {Promise<object>} a RegistrationResponseJSON
 */
export async function createCredential(options, signal) {
  const { extensions: _, hints: __, ...known } = options;
  const publicKey = /** @type {PublicKeyCredentialCreationOptions} */ ({
    ...known,
    challenge: fromBase64url(options.challenge),
    user: { ...options.user, id: fromBase64url(options.user.id) },
    excludeCredentials: descriptors(options.excludeCredentials),
  });
  const credential = /** @type {PublicKeyCredential | null} */ (await navigator.credentials.create({ publicKey, signal }));
  if (!credential) throw new Error("no credential was made");
  const response = /** @type {AuthenticatorAttestationResponse} */ (credential.response);
  return {
    id: credential.id,
    rawId: toBase64url(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: {},
    response: {
      attestationObject: toBase64url(response.attestationObject),
      clientDataJSON: toBase64url(response.clientDataJSON),
      transports: response.getTransports?.() ?? [],
    },
  };
}

/**
 * Request options without the challenge, so that only a digest has to be computed between the tap and `get()`.
 * @param {import("./challenge.js").RequestOptions} options
 * @returns {Omit<PublicKeyCredentialRequestOptions, "challenge">}
 */
export function prepareAssertion({ rpId, timeout, allowCredentials }) {
  return {
    ...(rpId && { rpId }),
    ...(timeout && { timeout }),
    userVerification: "required",
    allowCredentials: descriptors(allowCredentials),
  };
}

/**
 * @param {Omit<PublicKeyCredentialRequestOptions, "challenge">} prepared
 * @param {Uint8Array<ArrayBuffer>} challenge
 * @returns {Promise<import("./challenge.js").Assertion>}
 */
export async function assertUser(prepared, challenge) {
  const credential = /** @type {PublicKeyCredential | null} */ (
    await navigator.credentials.get({ publicKey: { ...prepared, challenge } })
  );
  if (!credential) throw new DOMException("no assertion was made", "NotAllowedError");
  const response = /** @type {AuthenticatorAssertionResponse} */ (credential.response);
  return {
    id: credential.id,
    ad: toBase64url(response.authenticatorData),
    cd: toBase64url(response.clientDataJSON),
    sig: toBase64url(response.signature),
  };
}
