// The service worker: shows notifications, sends denials from them, and caches the app for offline use.

import * as api from "./src/api.js";
import { coreBytes, signAnswer } from "./src/challenge.js";
import { announceTransport, subscribe } from "./src/push.js";
import { accounts, takeCounter } from "./src/store.js";

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const CACHE = "shell-1";
const SHELL = [
  "./", "styles.css", "manifest.webmanifest", "icons/icon.svg", "icons/icon-192.png",
  "src/activation_code.js", "src/api.js", "src/approvals.js", "src/challenge.js", "src/check_up.js", "src/element.js", "src/encoding.js", "src/enrollment.js",
  "src/events.js", "src/jws.js", "src/keys.js", "src/link.js", "src/main.js", "src/platform.js", "src/problem.js",
  "src/push.js", "src/requests.js", "src/rotation.js", "src/scanner.js", "src/store.js", "src/timeout.js", "src/totp.js", "src/user_verification.js",
  "src/screens/approvals.js", "src/screens/code.js", "src/screens/confirmation.js", "src/screens/device.js", "src/screens/enroll.js", "src/screens/home.js",
  "src/screens/notifications.js", "src/screens/removal.js", "src/screens/request.js", "src/screens/test_push.js",
  "src/screens/verification.js", "src/screens/viewfinder.js", "src/screens/warnings.js",
  "vendor/qr/decode.js", "vendor/qr/index.js",
];

worker.addEventListener("install", (event) => {
  const fillCache = async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll(SHELL.map((path) => new Request(path, { cache: "reload" })));
    await worker.skipWaiting();
  };
  event.waitUntil(fillCache());
});

worker.addEventListener("activate", (event) => {
  const deleteOldCaches = async () => {
    for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name);
    await worker.clients.claim();
  };
  event.waitUntil(deleteOldCaches());
});

// Network first, so that updates apply at once; the cache without a network.
worker.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const isShell = event.request.method === "GET" && url.href.startsWith(worker.registration.scope);
  if (!isShell || url.pathname.startsWith("/device/")) return;
  event.respondWith(fetchOrCached(event.request));
});

/** @param {Request} request @returns {Promise<Response>} */
async function fetchOrCached(request) {
  const cache = await caches.open(CACHE);
  const key = request.mode === "navigate" ? worker.registration.scope : request;
  try {
    const fresh = await fetch(request);
    if (fresh.ok && fresh.type === "basic" && !fresh.redirected) await cache.put(key, fresh.clone());
    return fresh;
  } catch (error) {
    const cached = await cache.match(key, { ignoreSearch: true });
    if (cached) return cached;
    throw error;
  }
}

/** @typedef {{ v: number, t: string, cid?: string, exp?: number, dev: string }} PushMessage protocol §7.2 */

worker.addEventListener("push", (event) => event.waitUntil(showPush(event)));

/**
 * Shows a notification for every push, before anything else: browsers end a subscription whose pushes show none.
 * @param {PushEvent} event
 */
async function showPush(event) {
  /** @type {{ notification?: { title?: string, body?: string }, countersign?: PushMessage }} */
  let message = {};
  try {
    message = event.data?.json() ?? {};
  } catch {
    // unreadable: show the notification anyway; the app fetches the open requests
  }
  const push = message.countersign;
  const isOver = push?.t === "challenge" && push.exp !== undefined && push.exp * 1000 <= Date.now();
  const isQuestion = push?.t === "challenge" && !isOver;
  const options = {
    body: isOver ? "If you are signing in, start again in the browser." : (message.notification?.body ?? "Open to review"),
    icon: "icons/icon-192.png",
    tag: push?.cid ?? push?.t ?? "request",
    requireInteraction: isQuestion,
    data: push ?? null,
    ...(isQuestion && { actions: [{ action: "open", title: "Review" }, { action: "deny", title: "Deny" }] }),
  };
  const title = isOver ? "A sign-in request has expired" : (message.notification?.title ?? "Sign-in request");
  await worker.registration.showNotification(title, options);
  for (const client of await worker.clients.matchAll({ type: "window" })) client.postMessage({ type: "pull", push });
}

worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const push = /** @type {PushMessage | null} */ (event.notification.data);
  event.waitUntil(event.action === "deny" && push?.cid ? deny(push) : open());
});

async function open() {
  const [client] = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  if (!client) return void (await worker.clients.openWindow(worker.registration.scope));
  client.postMessage({ type: "pull" });
  await client.focus();
}

/** Denies with the device key; never approves. @param {PushMessage} push */
async function deny({ cid, dev }) {
  try {
    const account = (await accounts()).find(({ deviceId }) => deviceId === dev);
    if (!cid || !account?.offer) return void (await open());
    const stamp = { iat: Math.floor(Date.now() / 1000), ctr: await takeCounter(account.kid) };
    const core = coreBytes({ issuer: account.offer.issuer, deviceId: dev }, cid, { act: "deny" }, stamp);
    await api.answer(account, cid, await signAnswer(account, core, null));
    for (const client of await worker.clients.matchAll({ type: "window" })) client.postMessage({ type: "pull" });
  } catch {
    await worker.registration.showNotification("Not denied", {
      body: "The server did not take the answer. Open the app and deny there.",
      icon: "icons/icon-192.png",
      tag: cid ?? "request",
    });
  }
}

worker.addEventListener("pushsubscriptionchange", (event) => /** @type {ExtendableEvent} */ (event).waitUntil(resubscribe()));

async function resubscribe() {
  for (const account of await accounts()) {
    if (account.stage !== "active" || !account.offer) continue;
    const transport = await subscribe(account.offer, worker.registration);
    if (transport.kind !== "none") await announceTransport(account, transport);
  }
}
