// Web Push: subscribes where that is allowed and reports the endpoint to the server. Fetching works without it.

import { putTransport } from "./api.js";
import { fromBase64url, sha256, toBase64url, utf8 } from "./encoding.js";
import { changeAccount, takeCounter } from "./store.js";
import { within } from "./timeout.js";
import { Problem } from "./problem.js";

const SUBSCRIBE_TIMEOUT_MILLISECONDS = 5_000; // an offline Chromium leaves `subscribe` pending forever

/** @returns {"unsupported" | "default" | "denied" | "granted"} */
export function notificationPermission() {
  const isSupported = "Notification" in globalThis && "serviceWorker" in navigator && "PushManager" in globalThis;
  return isSupported ? Notification.permission : "unsupported";
}

/**
 * The transport of this installation, or `none` if it has none within five seconds.
 * @param {{ vapid_public_key: string, vapid_kid: string }} vapid
 * @param {ServiceWorkerRegistration} [registration] the worker's own, inside the worker
 * @param {string | null} [dead] b64u(SHA-256(endpoint)) of a subscription that no longer works
 * @returns {Promise<import("./api.js").Transport>}
 */
export async function subscribe({ vapid_public_key, vapid_kid }, registration, dead = null) {
  const key = fromBase64url(vapid_public_key);
  const attempt = async () => {
    const { pushManager } = registration ?? (await navigator.serviceWorker.ready);
    let subscription = await pushManager.getSubscription();
    const old = subscription?.options.applicationServerKey;
    const isOurs = old && toBase64url(old) === vapid_public_key;
    if (subscription && (!isOurs || (dead && (await endpointHash(subscription.endpoint)) === dead))) {
      await subscription.unsubscribe();
      subscription = null;
    }
    return subscription ?? pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  };
  const subscription = await within(attempt().catch(() => null), SUBSCRIBE_TIMEOUT_MILLISECONDS, null);
  const p256dh = subscription?.getKey("p256dh");
  const auth = subscription?.getKey("auth");
  if (!subscription || !p256dh || !auth) return { kind: "none" };
  return { kind: "webpush", endpoint: subscription.endpoint, p256dh: toBase64url(p256dh), auth: toBase64url(auth), vapid_kid };
}

/**
 * Sends the transport of this account to the server. If the server refuses it, stores the reason for the screens.
 * @param {import("./store.js").Account} account
 * @param {import("./api.js").Transport} transport
 */
export async function announceTransport(account, transport) {
  try {
    await putTransport(account, transport, await takeCounter(account.kid));
  } catch (error) {
    if (error instanceof Problem && error.code === "endpoint_refused") {
      account.transportReason = error.reason ?? "host_refused";
      await changeAccount(account.kid, () => ({ transportReason: account.transportReason ?? null }));
    }
    throw error;
  }
  account.transportReason = null;
  await changeAccount(account.kid, () => ({ transport: transport.kind, transportReason: null }));
}

/** @param {string} endpoint */
const endpointHash = async (endpoint) => toBase64url(await sha256(utf8(endpoint)));

/**
 * Whether the server has the current transport of this installation.
 * @param {import("./api.js").Transport} transport
 * @param {import("./api.js").Self["transport"]} known
 */
export async function isCurrent(transport, known) {
  if (transport.kind !== known.kind || known.state === "gone") return false;
  if (transport.kind === "none") return true;
  return known.vapid_kid === transport.vapid_kid && known.endpoint_sha256 === (await endpointHash(transport.endpoint));
}
