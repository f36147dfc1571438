// Push for Chromium without its vendor's push service: the subscription is real (a P-256 key pair, a secret and an
// endpoint of the local push service); only the transport is replaced.
//
// Chromium only. Called by: the browser stories. Spec: Push API §5, RFC 8291.

import { createECDH, randomBytes } from "node:crypto";
import ece from "http_ece";

/**
 * From the next document on, `page` subscribes at `pushService`, and its service worker receives the messages.
 *
 * Returns the delivered messages as text, newest last.
 */
export async function usePushService(page, pushService) {
  const devtools = await page.createCDPSession();
  const registrations = new Map();
  devtools.on("ServiceWorker.workerRegistrationUpdated", ({ registrations: updated }) => {
    for (const { registrationId, scopeURL, isDeleted } of updated) {
      if (isDeleted) registrations.delete(scopeURL);
      else registrations.set(scopeURL, registrationId);
    }
  });
  await devtools.send("ServiceWorker.enable");

  const delivered = [];
  const subscriptions = new Map();

  const subscribe = (scope, applicationServerKey) => {
    const keys = createECDH("prime256v1");
    const p256dh = keys.generateKeys().toString("base64url");
    const auth = randomBytes(16).toString("base64url");
    const deliver = async ({ body }) => {
      const data = ece.decrypt(body, { version: "aes128gcm", privateKey: keys, authSecret: auth }).toString();
      delivered.push(data);
      const registrationId = registrations.get(scope);
      await devtools.send("ServiceWorker.deliverPushMessage", { origin: new URL(scope).origin, registrationId, data });
    };
    const endpoint = pushService.subscribe({ applicationServerKey, deliver });
    subscriptions.set(scope, { endpoint, p256dh, auth, applicationServerKey });
    return subscriptions.get(scope);
  };

  await page.exposeFunction("localPushService", (operation, scope, applicationServerKey) => {
    if (operation === "subscribe") return subscribe(scope, applicationServerKey);
    if (operation === "unsubscribe") return subscriptions.delete(scope);
    return subscriptions.get(scope) ?? null;
  });
  await page.evaluateOnNewDocument(replacePushManager);
  return delivered;
}

/** Allows pages of `origin` to show notifications, as if a person had pressed "Allow". */
export async function allowNotifications(context, origin) {
  await context.overridePermissions(origin, ["notifications"]);
}

// Runs inside the page, before its own scripts.
function replacePushManager() {
  const encode = (bytes) =>
    btoa(String.fromCharCode(...new Uint8Array(bytes)))
      .replaceAll("+", "-")
      .replaceAll("/", "_")
      .replace(/=+$/, "");
  const decode = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
  const scopes = new WeakMap();

  const managerOf = Object.getOwnPropertyDescriptor(ServiceWorkerRegistration.prototype, "pushManager").get;
  Object.defineProperty(ServiceWorkerRegistration.prototype, "pushManager", {
    configurable: true,
    get() {
      const manager = managerOf.call(this);
      scopes.set(manager, this.scope);
      return manager;
    },
  });

  const asSubscription = (scope, { endpoint, p256dh, auth, applicationServerKey }) => ({
    endpoint,
    expirationTime: null,
    options: { userVisibleOnly: true, applicationServerKey: decode(applicationServerKey).buffer },
    getKey: (name) => decode({ p256dh, auth }[name]).buffer,
    toJSON: () => ({ endpoint, expirationTime: null, keys: { p256dh, auth } }),
    unsubscribe: () => globalThis.localPushService("unsubscribe", scope),
  });

  PushManager.prototype.subscribe = async function subscribe({ applicationServerKey, userVisibleOnly }) {
    if (Notification.permission === "denied") throw new DOMException("permission denied", "NotAllowedError");
    if (!userVisibleOnly) throw new DOMException("userVisibleOnly is required", "NotAllowedError");
    const key = typeof applicationServerKey === "string" ? applicationServerKey : encode(applicationServerKey);
    const scope = scopes.get(this);
    return asSubscription(scope, await globalThis.localPushService("subscribe", scope, key));
  };
  PushManager.prototype.getSubscription = async function getSubscription() {
    const scope = scopes.get(this);
    const found = await globalThis.localPushService("find", scope);
    return found ? asSubscription(scope, found) : null;
  };
}
