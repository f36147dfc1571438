// A small server that implements docs/authenticator-protocol.md exactly, to test the app without the real server.

import { createHash, createHmac, randomBytes, verify, createPublicKey } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TYPES = {
  ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml",
  ".png": "image/png", ".webmanifest": "application/manifest+json",
};
export const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; manifest-src 'self'; " +
  "worker-src 'self'; media-src blob:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

const b64u = (bytes) => Buffer.from(bytes).toString("base64url");
const sha256 = (bytes) => createHash("sha256").update(bytes).digest();
const id = (prefix) => prefix + b64u(randomBytes(16));
const thumbprint = ({ crv, kty, x, y }) => b64u(sha256(JSON.stringify({ crv, kty, x, y })));

class Refusal extends Error {
  constructor(status, code, more = {}) {
    super(code);
    this.status = status;
    this.body = { type: "about:blank", title: code, status, code, detail: code, ...more };
  }
}

function parseJws(jws) {
  const [header, payload, signature] = jws.split(".");
  return {
    header: JSON.parse(Buffer.from(header, "base64url")),
    payload: JSON.parse(Buffer.from(payload, "base64url")),
    verifies: (jwk) =>
      verify("sha256", Buffer.from(`${header}.${payload}`),
        { key: createPublicKey({ key: jwk, format: "jwk" }), dsaEncoding: "ieee-p1363" }, Buffer.from(signature, "base64url")),
  };
}

export class MockDeviceApi {
  constructor({ policy = {}, verification = false } = {}) {
    this.policy = { user_verification: "preferred", number_digits: 2, totp: true, ...policy };
    this.verification = verification;
    this.enrollments = new Map();
    this.devices = new Map();
    this.challenges = new Map();
    this.streams = new Set();
    this.log = [];
    this.nonceKey = randomBytes(32);
    this.isDown = false;
    /** The `reason` with which push endpoints are refused, or null. */
    this.refusesEndpoints = null;
    this.clockSkew = 0;
    this.vapid = b64u(Buffer.concat([Buffer.from([4]), randomBytes(64)]));
  }

  async start() {
    this.server = createServer((request, response) => this.handle(request, response));
    await new Promise((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    this.origin = `http://localhost:${this.server.address().port}`;
    return this;
  }

  stop() {
    if (!this.server.listening) return Promise.resolve();
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }

  offer({ account = "alice@example.com", name = "Example", code = "7K2QMX9D4R" } = {}) {
    const made = { id: id("enr_"), secret: b64u(randomBytes(32)), code, state: "offered", account, name };
    this.enrollments.set(made.id, made);
    return { ...made, link: `${this.origin}/authenticator/enroll#1.${made.id}.${made.secret}` };
  }

  confirm(enrollment) {
    const made = this.enrollments.get(enrollment);
    made.state = "confirmed";
    this.devices.get(made.device).state = "active";
  }

  ask({ device = [...this.devices.keys()].at(-1), number = "07", qr = b64u(randomBytes(16)), advice = [], seconds = 90, uv = this.policy.user_verification, ...details } = {}) {
    const cid = id("ch_");
    const text = JSON.stringify({
      kind: "sign_in", app: { name: "Acme Notes", logo: null }, acct: "alice@example.com", when: Math.floor(Date.now() / 1000),
      ip: "203.0.113.7", place: "Lisbon, Portugal", agent: "Firefox on Windows", flags: [], binding: ["number", "qr"], ...details,
    });
    this.challenges.set(cid, { cid, device, number, qr, advice, uv, details: text, state: "pending", chn: b64u(randomBytes(16)), exp: Math.floor(Date.now() / 1000) + seconds });
    this.sendState(cid);
    return cid;
  }

  close(cid, state) {
    this.challenges.get(cid).state = state;
    this.sendState(cid);
  }

  sendState(cid) {
    const { device, state, exp } = this.challenges.get(cid);
    for (const stream of this.streams)
      if (stream.device === device) stream.response.write(`event: challenge\ndata: ${JSON.stringify({ cid, state, exp })}\n\n`);
  }

  nonce(kid) {
    return b64u(createHmac("sha256", this.nonceKey).update(kid).digest()).slice(0, 22);
  }

  async handle(request, response) {
    const url = new URL(request.url, this.origin);
    if (!url.pathname.startsWith("/device/v1/")) return this.file(url, response);
    if (this.isDown) return request.socket.destroy();
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const headers = { "Cache-Control": "no-store" };
    try {
      const reply = this.route(request, url, body, headers, response);
      this.log.push(`${request.method} ${url.pathname} 200`);
      if (reply === undefined) return;
      if (this.losesNextAnswer && /\/(answer|key)$/.test(url.pathname)) {
        this.losesNextAnswer -= 1;
        return request.socket.destroy();
      }
      if (reply === null) return response.writeHead(204, headers).end();
      response.writeHead(200, { ...headers, "Content-Type": "application/json" });
      response.end(JSON.stringify({ ...reply, server_time: Math.floor(Date.now() / 1000) + this.clockSkew }));
    } catch (error) {
      if (!(error instanceof Refusal)) console.error(error);
      const { status, body: problem } = error instanceof Refusal ? error : new Refusal(500, "broken_mock");
      this.log.push(`${request.method} ${url.pathname} ${status} ${problem.code}`);
      const wait = problem.retryAfter && { "Retry-After": String(problem.retryAfter) };
      response.writeHead(status, { ...headers, ...wait, "Content-Type": "application/problem+json" }).end(JSON.stringify(problem));
    }
  }

  route(request, url, body, headers, response) {
    const path = url.pathname.slice("/device/v1".length);
    const call = `${request.method} ${path}`;
    const json = () => JSON.parse(body.toString());
    const [, enrollment, step] = /^\/enrollments\/(enr_[^/]+)(\/complete)?$/.exec(path) ?? [];
    const [, cid, isAnswer] = /^\/challenges\/(ch_[^/]+)(\/answer)?$/.exec(path) ?? [];
    if (call === "POST /enrollments/claim") return this.claim(json(), this.proof(request, url, body, headers, true));
    if (request.method === "POST" && step) return this.complete(enrollment, json().jws);
    if (request.method === "GET" && enrollment) {
      const proof = this.proof(request, url, body, headers, true);
      const made = this.enrollments.get(enrollment);
      if (made?.kid !== proof.header.kid) throw new Refusal(404, "enrollment_unknown");
      return { enrollment, state: made.state, device_id: made.device ?? null, confirm_by: null };
    }
    if (request.method === "POST" && isAnswer) return this.answer(cid, json().jws);
    if (call === "POST /key") return this.rotate(json().jws);
    const device = this.deviceOf(this.proof(request, url, body, headers, false));
    if (cid) return this.fetch(this.challenges.get(cid), device);
    if (path === "/self" && request.method === "DELETE") {
      device.state = "revoked";
      return null;
    }
    if (path === "/self") {
      if (request.method === "PATCH") Object.assign(device, json());
      return this.self(device);
    }
    if (path === "/transport") {
      if (this.refusesEndpoints && json().transport.kind === "webpush") throw new Refusal(422, "endpoint_refused", { reason: this.refusesEndpoints });
      Object.assign(device, { transport: json().transport, transportState: "untried", transportReason: null });
      return { transport: this.self(device).transport };
    }
    if (device.state !== "active") throw new Refusal(403, "device_not_active", { state: device.state });
    if (path === "/transport/test") return this.test(device);
    if (path === "/uv-credential/options") {
      if (device.uv) throw new Refusal(409, "credential_exists");
      return { webauthn: this.creationOptions({ ...device, name: device.organization }), ceremony: `ceremony of ${device.id}` };
    }
    if (path === "/uv-credential") {
      const { ceremony, uv } = json();
      if (ceremony !== `ceremony of ${device.id}` || uv.type !== "public-key") throw new Refusal(422, "uv_invalid");
      device.uv = uv;
      return { uv_credential: { id: uv.id } };
    }
    if (path === "/challenges") {
      const open = [...this.challenges.values()].filter((c) => c.device === device.id && this.isOpen(c));
      return { challenges: open.map(({ cid, state, exp }) => ({ cid, state, exp })) };
    }
    if (path === "/events") return this.stream(device, headers, response);
    throw new Refusal(404, "not_found");
  }

  proof(request, url, body, headers, withJwk) {
    const header = request.headers["device-proof"];
    if (!header) throw new Refusal(401, "invalid_proof");
    const jws = parseJws(header);
    const { kid, typ, alg, jwk } = jws.header;
    if (typ !== "countersign-proof+jwt" || alg !== "ES256" || Boolean(jwk) !== withJwk) throw new Refusal(401, "invalid_proof");
    headers["Device-Nonce"] = this.nonce(kid);
    if (jws.payload.nonce !== this.nonce(kid)) throw new Refusal(401, "use_nonce");
    const key = jwk ?? [...this.devices.values()].find((device) => device.kid === kid)?.jwk;
    if (!key || thumbprint(key) !== kid || !jws.verifies(key)) throw new Refusal(401, "device_unknown");
    const bh = request.method === "GET" ? undefined : b64u(sha256(body));
    if (jws.payload.htm !== request.method || jws.payload.htu !== this.origin + url.pathname || jws.payload.bh !== bh)
      throw new Refusal(401, "invalid_proof");
    return jws;
  }

  deviceOf({ header }) {
    const device = [...this.devices.values()].find(({ kid }) => kid === header.kid);
    if (device.state === "revoked") throw new Refusal(401, "device_revoked");
    return device;
  }

  claim({ enrollment, secret, code }, { header }) {
    const made = [...this.enrollments.values()].find((e) => (code ? e.code === code : e.id === enrollment && e.secret === secret));
    if (!made) throw new Refusal(404, "enrollment_unknown");
    if (made.kid && made.kid !== header.kid) throw new Refusal(409, "already_claimed");
    Object.assign(made, { kid: header.kid, state: "claimed", nonce: made.nonce ?? b64u(randomBytes(16)) });
    return {
      enrollment: made.id, issuer: this.origin, display_name: made.name, account: made.account, policy: this.policy,
      nonce: made.nonce, vapid_public_key: this.vapid, vapid_kid: "v1", expires_at: Math.floor(Date.now() / 1000) + 600,
      webauthn: this.verification ? this.creationOptions(made) : null,
    };
  }

  creationOptions({ name, account }) {
    return {
      rp: { id: "localhost", name }, challenge: b64u(randomBytes(32)), attestation: "none", timeout: 60000,
      user: { id: b64u(randomBytes(16)), name: `Approve sign-ins – ${account}`, displayName: account },
      pubKeyCredParams: [{ type: "public-key", alg: -7 }, { type: "public-key", alg: -257 }], excludeCredentials: [],
      authenticatorSelection: { authenticatorAttachment: "platform", userVerification: "required", residentKey: "discouraged" },
    };
  }

  /** Protocol §9. */
  rotate(text) {
    const outer = parseJws(text);
    const inner = parseJws(outer.payload.inner);
    const device = this.devices.get(outer.payload.iss);
    const { new_jwk, old_kid, dev, aud } = inner.payload;
    const isForUs = [outer, inner].every(({ header }) => header.typ === "countersign-rotate+jwt") && outer.payload.aud === this.origin && aud === this.origin && dev === device?.id;
    if (!device || !isForUs || !inner.verifies(new_jwk) || inner.header.kid !== thumbprint(new_jwk)) throw new Refusal(401, "device_unknown");
    if (device.state === "revoked") throw new Refusal(401, "device_revoked");
    if (outer.verifies(device.jwk) && outer.header.kid === device.kid && old_kid === device.kid) {
      Object.assign(device, { jwk: new_jwk, kid: inner.header.kid, rotation: text, counters: new Map() });
    } else if (device.rotation !== text) {
      throw new Refusal(401, "device_unknown");
    }
    return { kid: device.kid };
  }

  test(device) {
    if (device.transport.kind === "none") throw new Refusal(409, "no_transport");
    if ((device.tests ??= 0) >= 3) throw new Refusal(429, "too_many_requests", { retryAfter: 1800 });
    device.tests += 1;
    this.onTest?.(device);
    return {};
  }

  complete(enrollment, text) {
    const made = this.enrollments.get(enrollment);
    const jws = parseJws(text);
    if (made.completion === text && made.state === "completed") return made.reply;
    if (made.state !== "claimed") throw new Refusal(409, "enrollment_closed", { state: made.state });
    const { payload, header } = jws;
    if (header.typ !== "countersign-enroll+jwt" || header.kid !== made.kid || !jws.verifies(payload.jwk)) throw new Refusal(401, "device_unknown");
    if (payload.aud !== this.origin || payload.nonce !== made.nonce || payload.enr !== made.id) throw new Refusal(400, "invalid_request");
    if (this.policy.user_verification === "required" && !payload.uv) throw new Refusal(422, "uv_required");
    const device = { id: id("dev_"), kid: made.kid, jwk: payload.jwk, name: payload.name, organization: made.name, account: made.account, state: "pending_confirm", transport: payload.transport, uv: payload.uv, counters: new Map() };
    if (this.refusesEndpoints && device.transport.kind === "webpush") Object.assign(device, { transport: { kind: "none" }, transportReason: this.refusesEndpoints });
    this.devices.set(device.id, device);
    Object.assign(made, { state: "completed", device: device.id, completion: text });
    made.reply = {
      device_id: device.id, confirmation_code: "048213", confirm_by: Math.floor(Date.now() / 1000) + 300, transport: device.transport.kind, transport_reason: device.transportReason ?? null,
      totp: { secret_base32: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", otpauth_uri: "otpauth://totp/x", digits: 6, period: 30, algorithm: "SHA1" },
    };
    return made.reply;
  }

  isOpen(challenge) {
    if (["pending", "delivered"].includes(challenge.state) && challenge.exp * 1000 <= Date.now()) challenge.state = "expired";
    return ["pending", "delivered"].includes(challenge.state);
  }

  fetch(challenge, device) {
    if (challenge?.device !== device.id) throw new Refusal(404, "challenge_unknown");
    const isOpen = this.isOpen(challenge);
    if (challenge.state === "pending") challenge.state = "delivered";
    const { cid, state, exp, details, chn, uv, advice } = challenge;
    const options = device.uv && uv !== "off" ? { rpId: "localhost", timeout: 60000, userVerification: "required", allowCredentials: [{ type: "public-key", id: device.uv.id }] } : null;
    return {
      cid, state, exp, details: isOpen ? details : null, chn: isOpen ? chn : null, number_digits: challenge.number.length,
      uv: isOpen ? { requirement: uv, options } : null, actions: isOpen ? ["approve", "deny", "report"] : [], advice,
    };
  }

  answer(cid, text) {
    const jws = parseJws(text);
    const device = [...this.devices.values()].find(({ kid }) => kid === jws.header.kid);
    if (jws.header.typ !== "countersign-answer+jwt" || !device || !jws.verifies(device.jwk)) throw new Refusal(401, "device_unknown");
    if (device.state === "revoked") throw new Refusal(401, "device_revoked");
    const bytes = Buffer.from(jws.payload.core, "base64url");
    const core = JSON.parse(bytes);
    const challenge = this.challenges.get(cid);
    if (core.aud !== this.origin || core.iss !== device.id || core.cid !== cid) throw new Refusal(400, "invalid_answer");
    if (challenge.accepted === text) return { cid, state: challenge.state };
    const isDetailed = core.chn === challenge.chn && core.dh === b64u(sha256(challenge.details));
    if ((core.act === "approve" || core.chn || core.dh) && !isDetailed) throw new Refusal(400, "answer_mismatch");
    if (core.act === "report" && ["approved", "consumed"].includes(challenge.state)) {
      if (challenge.state === "consumed") challenge.reportedLate = true;
      else this.close(cid, "reported");
      return { cid, state: "reported" };
    }
    if (!this.isOpen(challenge)) throw challenge.state === "expired" ? new Refusal(410, "challenge_expired") : new Refusal(409, "challenge_closed", { state: challenge.state });
    if (core.act === "approve") this.checkVerification(challenge, bytes, jws.payload.uv);
    if (device.counters.has(core.ctr)) throw new Refusal(403, "device_not_active", { state: "suspended" });
    device.counters.set(core.ctr, text);
    challenge.accepted = text;
    challenge.userVerified = Boolean(jws.payload.uv);
    const isRight = core.num === undefined ? core.qr === challenge.qr : core.num === challenge.number && core.qr === undefined;
    const isWrong = core.act === "approve" && !isRight;
    this.close(cid, isWrong ? "denied" : { approve: "approved", deny: "denied", report: "reported" }[core.act]);
    if (isWrong) throw new Refusal(422, "number_mismatch");
    return { cid, state: challenge.state };
  }

  checkVerification(challenge, core, uv) {
    if (challenge.uv === "required" && !uv) throw new Refusal(422, "uv_required");
    if (!uv) return;
    const client = JSON.parse(Buffer.from(uv.cd, "base64url"));
    const expected = b64u(sha256(Buffer.concat([Buffer.from("countersign-uv\0"), core])));
    const flags = Buffer.from(uv.ad, "base64url")[32];
    if (client.challenge !== expected || client.type !== "webauthn.get" || (flags & 5) !== 5) throw new Refusal(422, "uv_invalid");
  }

  self(device) {
    const { kind, endpoint, vapid_kid } = device.transport;
    return {
      device_id: device.id, state: device.state, name: device.name, issuer: this.origin, display_name: device.organization, account: device.account,
      policy: this.policy, vapid_public_key: this.vapid, vapid_kid: "v1", uv_credential: device.uv ? { id: device.uv.id } : null, persisted: device.persisted ?? false,
      transport: { kind, state: device.transportState ?? "untried", vapid_kid: vapid_kid ?? null, endpoint_sha256: endpoint ? b64u(sha256(endpoint)) : null, reason: device.transportReason ?? null },
    };
  }

  stream(device, headers, response) {
    response.writeHead(200, { ...headers, "Content-Type": "text/event-stream" });
    const stream = { device: device.id, response };
    this.streams.add(stream);
    response.on("close", () => this.streams.delete(stream));
    response.write("retry: 1000\n\n");
    for (const c of this.challenges.values()) if (c.device === device.id && this.isOpen(c)) this.sendState(c.cid);
    response.write("event: ready\ndata: {}\n\n");
  }

  async file(url, response) {
    const inside = url.pathname.replace(/^\/authenticator\//, "");
    const path = inside === "" || inside === "enroll" ? "index.html" : normalize(inside);
    try {
      if (!url.pathname.startsWith("/authenticator/") || path.startsWith("..")) throw new Error("outside");
      const bytes = await readFile(join(ROOT, path));
      response.writeHead(200, { "Content-Type": TYPES[extname(path)] ?? "application/octet-stream", "Content-Security-Policy": CONTENT_SECURITY_POLICY, "X-Content-Type-Options": "nosniff" });
      response.end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  }
}
