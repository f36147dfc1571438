// Push as speed, not truth: subscribe where it is allowed, tell the server, and never wait long.

import { putTransport } from "./api.js";
import { fromBase64url, sha256, toBase64url, utf8 } from "./encoding.js";
import { changeAccount, takeCounter } from "./store.js";
import { within } from "./patience.js";
import { Problem } from "./problem.js";

const PATIENCE = 5_000; // an offline Chromium never settles `subscribe`

/** @returns {"unsupported" | "default" | "denied" | "granted"} */
export function notificationPermission() {
  const isSupported = "Notification" in globalThis && "serviceWorker" in navigator && "PushManager" in globalThis;
  return isSupported ? Notification.permission : "unsupported";
}

/**
 * The transport of this install, or `none` when there is none within five seconds.
 * @param {{ vapid_public_key: string, vapid_kid: string }} vapid
 * @param {ServiceWorkerRegistration} [registration] the worker's own, inside the worker
 * @param {string | null} [dead] b64u(SHA-256(endpoint)) of a subscription that no longer rings
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
  const subscription = await within(attempt().catch(() => null), PATIENCE, null);
  const p256dh = subscription?.getKey("p256dh");
  const auth = subscription?.getKey("auth");
  if (!subscription || !p256dh || !auth) return { kind: "none" };
  return { kind: "webpush", endpoint: subscription.endpoint, p256dh: toBase64url(p256dh), auth: toBase64url(auth), vapid_kid };
}

/**
 * Tells the server how this account is reached. When the server refuses, the reason is kept for the screens.
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
 * Whether the server reaches this install as it is subscribed now.
 * @param {import("./api.js").Transport} transport
 * @param {import("./api.js").Self["transport"]} known
 */
export async function isCurrent(transport, known) {
  if (transport.kind !== known.kind || known.state === "gone") return false;
  if (transport.kind === "none") return true;
  return known.vapid_kid === transport.vapid_kid && known.endpoint_sha256 === (await endpointHash(transport.endpoint));
}
