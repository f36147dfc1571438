// A push service on loopback: senders use RFC 8030, Firefox uses Mozilla's WebSocket protocol, and the Chromium tests
// register a function that receives the messages.
//
// Never reads a message: bodies are encrypted for the browser (RFC 8291). Spec: RFC 8030 §5, RFC 8292.
// Called by: the browser stories. `PushService.start()` starts it; the other methods control it.

import { randomBytes, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { WebSocketServer } from "ws";
import { checkVapid, Refusal } from "./vapid.mjs";

const MAX_BODY_BYTES = 4096;
const MAX_TTL_SECONDS = 30 * 24 * 60 * 60;

export class PushService {
  /** All posts in order: `{ endpoint, status, reason, headers, size, claims }`. */
  posts = [];
  /** Acknowledgements of browsers: `{ channelID, version, code }`; code 100 is "delivered". */
  acknowledgements = [];

  #subscriptions = new Map();
  #sockets = new Map();
  #faults = [];
  #watchers = new Set();

  static async start() {
    const service = new PushService();
    service.server = createServer((request, response) => service.#answer(request, response));
    service.sockets = new WebSocketServer({ server: service.server });
    service.sockets.on("connection", (socket) => service.#handleSocket(socket));
    await new Promise((resolve) => service.server.listen(0, "localhost", resolve));
    return service;
  }

  async stop() {
    for (const socket of this.sockets.clients) socket.terminate();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  get origin() {
    return `http://localhost:${this.server.address().port}`;
  }

  /** The value of Firefox's preference `dom.push.serverURL`. */
  get socketUrl() {
    return `ws://localhost:${this.server.address().port}/`;
  }

  /** Answers the next `count` posts with `status` and does not deliver them. */
  failNext(status, { headers = {}, body = "", count = 1 } = {}) {
    for (let i = 0; i < count; i += 1) this.#faults.push({ status, headers, body });
  }

  /** Creates a subscription for a browser without a push service; `deliver(message)` receives its messages. */
  subscribe({ applicationServerKey, deliver }) {
    return this.#register({ applicationServerKey, deliver }).endpoint;
  }

  /** Answers 410 for this endpoint from now on, as for a phone that was reset. */
  expire(endpoint) {
    const subscription = this.#find(new URL(endpoint).pathname);
    if (subscription) subscription.isGone = true;
  }

  /** Drops every browser's connection; with `forget`, browsers also lose their subscriptions. */
  disconnect({ forget = false } = {}) {
    if (forget) this.#subscriptions.clear();
    for (const [agent, socket] of this.#sockets) {
      socket.terminate();
      if (forget) this.#sockets.delete(agent);
    }
  }

  /** Resolves with the first past or future entry of `list` (`posts` or `acknowledgements`) that `test` accepts. */
  async waitFor(list, test, milliseconds = 10_000) {
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#watchers.delete(look);
        reject(new Error(`none of ${list} matched within ${milliseconds} ms: ${JSON.stringify(this[list])}`));
      }, milliseconds);
      const look = () => {
        const found = this[list].find(test);
        if (!found) return;
        clearTimeout(timer);
        this.#watchers.delete(look);
        resolve(found);
      };
      this.#watchers.add(look);
      look();
    });
  }

  #record(list, entry) {
    list.push(entry);
    for (const look of [...this.#watchers]) look();
  }

  #register(fields) {
    const token = randomBytes(24).toString("base64url");
    const subscription = { token, endpoint: `${this.origin}/push/${token}`, waiting: [], ...fields };
    this.#subscriptions.set(token, subscription);
    return subscription;
  }

  #find(path) {
    return this.#subscriptions.get(path.replace(/^\/push\//, ""));
  }

  // ── senders: RFC 8030 §5 ────────────────────────────────────────────────────

  async #answer(request, response) {
    const post = { endpoint: this.origin + request.url, headers: request.headers };
    try {
      const body = await readBody(request);
      post.size = body.length;
      const fault = this.#faults.shift();
      if (fault) {
        post.status = fault.status;
        response.writeHead(fault.status, fault.headers).end(fault.body);
      } else {
        const message = this.#accept(request, body, post);
        post.status = 201;
        response.writeHead(201, { Location: `${this.origin}/message/${message.version}`, TTL: message.ttl }).end();
      }
    } catch (refusal) {
      post.status = refusal.status ?? 500;
      post.reason = refusal.message;
      response.writeHead(post.status, { "Content-Type": "application/json" });
      response.end(JSON.stringify({ status: post.status, message: refusal.message }));
    }
    this.#record(this.posts, post);
  }

  #accept(request, body, post) {
    if (request.method !== "POST") throw new Refusal(405, "expected POST");
    const subscription = this.#find(request.url);
    if (!subscription) throw new Refusal(404, "no such subscription");
    if (subscription.isGone) throw new Refusal(410, "this subscription has ended");
    const message = { ...checkHeaders(request.headers), body, version: randomUUID() };
    post.claims = checkVapid(request.headers.authorization, {
      origin: this.origin,
      expectedKey: subscription.applicationServerKey,
    });
    if (body.length === 0) throw new Refusal(400, "the body is empty");
    this.#deliver(subscription, message);
    return message;
  }

  #deliver(subscription, message) {
    if (message.topic) subscription.waiting = subscription.waiting.filter(({ topic }) => topic !== message.topic);
    if (this.#forward(subscription, message)) return;
    if (message.ttl > 0) subscription.waiting.push({ ...message, until: Date.now() + message.ttl * 1000 });
  }

  #forward(subscription, message) {
    if (subscription.deliver) {
      subscription.deliver(message);
      return true;
    }
    const socket = this.#sockets.get(subscription.agent);
    if (!socket || socket.readyState !== socket.OPEN) return false;
    send(socket, {
      messageType: "notification",
      channelID: subscription.channelID,
      version: message.version,
      ttl: message.ttl,
      data: message.body.toString("base64url"),
      headers: { encoding: "aes128gcm" },
    });
    return true;
  }

  // ── Firefox: Mozilla's WebSocket protocol ───────────────────────────────────

  #handleSocket(socket) {
    let agent;
    socket.on("message", (data) => {
      const message = JSON.parse(data.toString());
      const answers = {
        hello: () => {
          const isKnown = this.#sockets.has(message.uaid);
          agent = isKnown ? message.uaid : randomUUID().replaceAll("-", "");
          this.#sockets.set(agent, socket);
          send(socket, { messageType: "hello", status: 200, uaid: agent, use_webpush: true, broadcasts: {} });
          this.#deliverWaiting(agent);
        },
        register: () => {
          const applicationServerKey = message.key?.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
          const { channelID } = message;
          const { endpoint } = this.#register({ agent, channelID, applicationServerKey });
          send(socket, { messageType: "register", status: 200, channelID, pushEndpoint: endpoint });
        },
        unregister: () => {
          for (const [token, { channelID }] of this.#subscriptions) {
            if (channelID === message.channelID) this.#subscriptions.delete(token);
          }
          send(socket, { messageType: "unregister", status: 200, channelID: message.channelID });
        },
        ack: () => message.updates.forEach((update) => this.#record(this.acknowledgements, update)),
        ping: () => send(socket, {}),
      };
      (answers[message.messageType ?? "ping"] ?? (() => {}))();
    });
  }

  #deliverWaiting(agent) {
    for (const subscription of this.#subscriptions.values()) {
      if (subscription.agent !== agent) continue;
      const waiting = subscription.waiting.filter(({ until }) => until > Date.now());
      subscription.waiting = waiting.filter((message) => !this.#forward(subscription, message));
    }
  }
}

function send(socket, message) {
  socket.send(JSON.stringify(message));
}

async function readBody(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Refusal(413, `the body is larger than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function checkHeaders(headers) {
  const { ttl, topic, urgency = "normal", "content-encoding": encoding } = headers;
  if (!/^\d+$/.test(ttl ?? "")) throw new Refusal(400, "a TTL header in seconds is needed (RFC 8030 §5.2)");
  if (topic !== undefined && !/^[A-Za-z0-9_-]{1,32}$/.test(topic)) {
    throw new Refusal(400, "Topic is at most 32 characters of base64url (RFC 8030 §5.4)");
  }
  if (!["very-low", "low", "normal", "high"].includes(urgency)) {
    throw new Refusal(400, `${urgency} is no Urgency (RFC 8030 §5.3)`);
  }
  if (encoding !== "aes128gcm") throw new Refusal(400, "expected Content-Encoding: aes128gcm (RFC 8291 §4)");
  return { ttl: Math.min(Number(ttl), MAX_TTL_SECONDS), topic, urgency };
}
