// Errors, and one sentence for the person for each.

/** A problem document of the device API (RFC 9457). */
export class Problem extends Error {
  /** @param {number} status @param {{ code?: string, state?: string, reason?: string, detail?: string }} body @param {number} retryAfter */
  constructor(status, body, retryAfter) {
    super(body.detail ?? `HTTP ${status}`);
    this.status = status;
    this.code = body.code ?? `http_${status}`;
    this.state = body.state ?? null;
    this.reason = body.reason ?? null;
    this.retryAfter = retryAfter;
  }
}

/** The request failed without a response, so the server may or may not have processed it. */
export class Unreachable extends Error {}

/** An error with a message that is already a sentence for the person. */
export class Said extends Error {}

/** @type {Record<string, string>} */
const SENTENCES = {
  already_claimed:
    "Another phone has already used this code. If that was not you, choose Cancel in the browser and start again.",
  enrollment_unknown: "This code is not valid. Compare it with the one on your screen, or get a new one there.",
  enrollment_expired: "This code has expired. Get a new one in your browser.",
  enrollment_cancelled: "Adding this phone was cancelled in the browser.",
  enrollment_failed:
    "The confirmation code was typed wrong too often, so this phone was not added. Get a new code in your browser.",
  enrollment_closed: "This code has already been used. Get a new one in your browser.",
  number_mismatch:
    "The number did not match, so the sign-in was denied. If this was you, start again in the browser. If it was not, change your password.",
  challenge_expired: "This request has expired. If you are signing in, start again in the browser.",
  challenge_closed: "This request was already answered or withdrawn.",
  challenge_approved: "This request was already approved on another device.",
  challenge_consumed: "This request was already approved on another device.",
  challenge_denied: "This request was already denied.",
  challenge_reported: "This request was already reported on another device.",
  challenge_superseded: "This request was withdrawn in the browser.",
  challenge_unknown: "This request no longer exists.",
  answer_mismatch: "The request has changed. Look at it again before you answer.",
  invalid_answer: "The server could not read this answer. Reload the app and try again.",
  device_revoked: "This device was removed from your account, so its keys were deleted here.",
  device_unknown: "The server did not recognize this device. Try again; if it keeps happening, remove the account here and add it again.",
  device_suspended: "This device is suspended. Ask your administrator to look at it.",
  device_pending_confirm: "This device is not confirmed yet. Type the confirmation code in your browser.",
  uv_required: "This account asks for your fingerprint, face or screen lock, and this device did not offer one.",
  uv_invalid: "Your fingerprint, face or screen lock could not be verified. Try again.",
  key_conflict: "The server has another key for this device than this app. Try again; if it keeps happening, remove the account here and add it again.",
  endpoint_refused:
    "This browser cannot receive requests from this server, because the server does not accept its push service. Requests still appear when you open the app. Ask your administrator to allow the service, or add another browser.",
  use_nonce: "The server did not accept this device’s proof. Try again.",
  invalid_proof: "The server did not accept this device’s proof. Reload the app and try again.",
  unavailable: "The server is not ready at the moment. Nothing is lost; try again in a few seconds.",
};

/** A sentence for each `reason` why the server does not send requests to this browser (protocol §7.1). @type {Record<string, string>} */
const UNREACHED = {
  host_refused: SENTENCES["endpoint_refused"] ?? "",
  endpoint_not_https:
    "This browser cannot receive requests, because its push service does not use a protected connection. Requests still appear when you open the app. Add another browser to be notified.",
  address_refused:
    "This browser cannot receive requests, because its push service has no public address. Requests still appear when you open the app. Ask your administrator to allow the service, or add another browser.",
};

/** @param {string} reason @returns {string} also for unknown reasons of a newer server */
export const unreachedSentence = (reason) => UNREACHED[reason] ?? SENTENCES["endpoint_refused"] ?? "";

/**
 * @param {unknown} error
 * @returns {string}
 */
export function sentence(error) {
  if (error instanceof Said) return error.message;
  if (error instanceof Unreachable) return "The server cannot be reached. Check your connection; nothing is lost.";
  if (!(error instanceof Problem)) return `Something went wrong in this app: ${error instanceof Error ? error.message : error}`;
  if (error.code === "too_many_requests")
    return `Too many attempts. Try again in ${error.retryAfter > 90 ? `${Math.ceil(error.retryAfter / 60)} minutes` : `${error.retryAfter} seconds`}.`;
  if (error.code === "endpoint_refused" && error.reason) return unreachedSentence(error.reason);
  const family = error.code === "device_not_active" ? "device" : (error.code.split("_")[0] ?? "");
  return (
    (error.state && SENTENCES[`${family}_${error.state}`]) ??
    SENTENCES[error.code] ??
    `The server answered with an error (${error.message}).`
  );
}
