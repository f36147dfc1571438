// Client of the device API, version 1: every request is signed, every error is a `Problem` or `Unreachable`.

import { sha256, toBase64url, utf8 } from "./encoding.js";
import { signJws } from "./jws.js";
import { Problem, Unreachable } from "./problem.js";

/** @typedef {{ kid: string, privateKey: CryptoKey, jwk: import("./jws.js").Jwk, workspace?: string }} DeviceKey */
/** @typedef {{ kind: "webpush", endpoint: string, p256dh: string, auth: string, vapid_kid: string } | { kind: "none" }} Transport */
/**
 * @typedef {{ device_id: string, state: string, name: string, vapid_public_key: string, vapid_kid: string,
 *   transport: { kind: "webpush" | "none", state: string, vapid_kid: string | null, endpoint_sha256: string | null, reason?: string | null },
 *   persisted: boolean, issuer: string, display_name: string, account: string, policy: import("./store.js").Offer["policy"],
 *   uv_credential: { id: string } | null, server_time: number }} Self
 */
/**
 * @typedef {{ device_id: string, confirmation_code: string, confirm_by: number, transport: "webpush" | "none", transport_reason?: string | null, server_time: number,
 *   totp: { secret_base32: string, otpauth_uri: string, digits: number, period: number, algorithm: string } | null }} Completion
 */
/** @typedef {{ state: string, device_id: string | null, confirm_by: number | null, server_time: number }} EnrollmentStatus */

/**
 * The prefix of the device API of a workspace; without one, of the workspace that is served at the root.
 * @param {string | undefined} workspace the slug
 */
const prefix = (workspace) => `${workspace === undefined ? "" : `/w/${workspace}`}/device/v1`;
const TIMEOUT_MILLISECONDS = 15_000;

/** The latest `Device-Nonce` of each key. @type {Map<string, string>} */
const nonces = new Map();

/**
 * @param {string} method
 * @param {string} path
 * @param {{ headers: Record<string, string>, body: string | undefined, signal: AbortSignal }} options
 */
async function send(method, path, { headers, body, signal }) {
  try {
    return await fetch(path, {
      method,
      headers: body === undefined ? headers : { ...headers, "Content-Type": "application/json" },
      body: body ?? null,
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      signal,
    });
  } catch (error) {
    throw new Unreachable(String(error));
  }
}

/** @param {Response} response @returns {Promise<Problem>} */
async function problem(response) {
  const body = await response.json().catch(() => ({}));
  return new Problem(response.status, body, Number(response.headers.get("Retry-After") ?? 0));
}

/** @param {Response} response @returns {Promise<any>} */
async function reply(response) {
  if (!response.ok) throw await problem(response);
  if (response.status === 204) return null;
  try {
    return await response.json();
  } catch (error) {
    throw new Unreachable(String(error));
  }
}

/**
 * Signs a device proof for exactly this request (protocol §3).
 * @param {DeviceKey} key @param {string} method @param {string} path @param {string} body @param {boolean} withJwk
 */
async function deviceProof(key, method, path, body, withJwk) {
  const nonce = nonces.get(key.kid);
  const payload = {
    htm: method,
    htu: new URL(path.replace(/\?.*/, ""), location.origin).href,
    iat: Math.floor(Date.now() / 1000),
    ...(nonce && { nonce }),
    ...(method !== "GET" && { bh: toBase64url(await sha256(utf8(body))) }),
  };
  return signJws(key, withJwk ? { typ: "countersign-proof+jwt", jwk: key.jwk } : { typ: "countersign-proof+jwt" }, payload);
}

/**
 * Sends a request with its proof; repeats it once if the server answers `use_nonce`.
 * @param {DeviceKey} key @param {string} method @param {string} path
 * @param {{ body?: object, withJwk?: boolean, signal?: AbortSignal }} [options]
 * @returns {Promise<Response>}
 */
async function prove(key, method, path, { body, withJwk = false, signal } = {}) {
  const url = prefix(key.workspace) + path;
  const text = body && JSON.stringify(body);
  for (let isRepeated = false; ; isRepeated = true) {
    const headers = { "Device-Proof": await deviceProof(key, method, url, text ?? "", withJwk) };
    const response = await send(method, url, { headers, body: text, signal: signal ?? AbortSignal.timeout(TIMEOUT_MILLISECONDS) });
    const nonce = response.headers.get("Device-Nonce");
    if (nonce) nonces.set(key.kid, nonce);
    if (response.status !== 401 || isRepeated || !nonce) return response;
    const refusal = await problem(response.clone());
    if (refusal.code !== "use_nonce") return response;
  }
}

/** @param {string | undefined} workspace @param {string} path @param {string} jws @returns {Promise<any>} */
const postJws = async (workspace, path, jws) =>
  reply(await send("POST", prefix(workspace) + path, { headers: {}, body: JSON.stringify({ jws }), signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS) }));

/**
 * @param {DeviceKey} key
 * @param {{ enrollment: string, secret: string } | { code: string }} credential
 * @param {{ kind: string, version: string, platform: string }} app
 * @returns {Promise<import("./store.js").Offer>}
 */
export const claim = async (key, credential, app) =>
  reply(await prove(key, "POST", "/enrollments/claim", { body: { ...credential, app }, withJwk: true }));

/** @param {DeviceKey} key @param {string} enrollment @param {string} jws @returns {Promise<Completion>} */
export const complete = ({ workspace }, enrollment, jws) => postJws(workspace, `/enrollments/${enrollment}/complete`, jws);

/** @param {DeviceKey} key @param {string} enrollment @returns {Promise<EnrollmentStatus>} */
export const enrollmentStatus = async (key, enrollment) =>
  reply(await prove(key, "GET", `/enrollments/${enrollment}`, { withJwk: true }));

/** @param {DeviceKey} key @returns {Promise<{ challenges: { cid: string, state: string, exp: number }[], server_time: number }>} */
export const openChallenges = async (key) => reply(await prove(key, "GET", "/challenges?state=open"));

/** @param {DeviceKey} key @param {string} cid @returns {Promise<import("./challenge.js").Challenge>} */
export const fetchChallenge = async (key, cid) => reply(await prove(key, "GET", `/challenges/${cid}`));

/** @param {DeviceKey} key @param {string} cid @param {string} jws @returns {Promise<{ cid: string, state: string, server_time: number }>} */
export const answer = ({ workspace }, cid, jws) => postJws(workspace, `/challenges/${cid}/answer`, jws);

/** @param {DeviceKey} key @returns {Promise<Self>} */
export const self = async (key) => reply(await prove(key, "GET", "/self"));

/** @param {DeviceKey} key @param {{ name?: string, persisted?: boolean }} change @returns {Promise<Self>} */
export const changeSelf = async (key, change) => reply(await prove(key, "PATCH", "/self", { body: change }));

/** @param {DeviceKey} key */
export const removeSelf = async (key) => reply(await prove(key, "DELETE", "/self"));

/** @param {DeviceKey} key @param {Transport} transport @param {number} ctr */
export const putTransport = async (key, transport, ctr) =>
  reply(await prove(key, "PUT", "/transport", { body: { transport, ctr } }));

/** @param {DeviceKey} key */
export const testTransport = async (key) => reply(await prove(key, "POST", "/transport/test", { body: {} }));

/** @param {DeviceKey} key the old key @param {string} jws @returns {Promise<{ kid: string, server_time: number }>} */
export const rotateKey = ({ workspace }, jws) => postJws(workspace, "/key", jws);

/** @param {DeviceKey} key @returns {Promise<{ webauthn: import("./store.js").CreationOptions, ceremony: string }>} */
export const credentialOptions = async (key) => reply(await prove(key, "POST", "/uv-credential/options", { body: {} }));

/** @param {DeviceKey} key @param {string} ceremony @param {object} uv @returns {Promise<{ uv_credential: { id: string } }>} */
export const putCredential = async (key, ceremony, uv) =>
  reply(await prove(key, "PUT", "/uv-credential", { body: { ceremony, uv } }));

/** @param {DeviceKey} key @param {AbortSignal} signal @returns {Promise<ReadableStream<Uint8Array>>} */
export async function eventStream(key, signal) {
  const response = await prove(key, "GET", "/events", { signal });
  if (!response.ok) throw await problem(response);
  if (!response.body) throw new Unreachable("the stream has no body");
  return response.body;
}
