// Follows open requests: lists them at every start and return, and reads the event stream while the app is visible.

import * as api from "./api.js";
import { readEvents } from "./events.js";
import { Problem } from "./problem.js";
import { changeAccount } from "./store.js";

/** @typedef {import("./store.js").Account} Account */
/**
 * @typedef {{
 *   onOpen: (account: Account, challenge: import("./challenge.js").Challenge) => Promise<void>,
 *   onClosed: (cid: string, state: string) => void,
 *   onRevoked: (account: Account) => void,
 *   onContact: (account: Account, error: unknown) => void }} Listener `onContact`: the server has answered (`error` is
 *   null), or could not be reached or refused the request (`error` says why)
 */

const MAX_STREAMS = 3; // browsers limit the connections to one server
const OPEN = ["pending", "delivered"];

/**
 * Follows the requests of one account until `signal` is aborted.
 * @param {Account} account
 * @param {number} position of the account; the first ones have a stream, the others poll
 * @param {AbortSignal} signal aborted when the next screen is shown
 * @param {Listener} listener
 * @returns {{ pull: () => Promise<void> }}
 */
export function followRequests(account, position, signal, listener) {
  /** Ids of the requests that are being fetched or shown. @type {Set<string>} */
  const inProgress = new Set();

  /** @param {string} cid @param {string} state */
  const applyState = async (cid, state) => {
    if (!OPEN.includes(state)) {
      inProgress.delete(cid);
      return listener.onClosed(cid, state);
    }
    if (inProgress.has(cid)) return;
    inProgress.add(cid);
    try {
      const challenge = await api.fetchChallenge(account, cid);
      if (OPEN.includes(challenge.state) && !signal.aborted) await listener.onOpen(account, challenge);
      else inProgress.delete(cid);
    } catch (error) {
      inProgress.delete(cid);
      throw error;
    }
  };

  /** @param {unknown} error */
  const fail = (error) => {
    if (signal.aborted) return;
    if (error instanceof Problem && error.code === "device_revoked") listener.onRevoked(account);
    else if (!(error instanceof Problem && error.code === "challenge_unknown")) listener.onContact(account, error);
  };

  const pull = async () => {
    try {
      const { challenges, server_time } = await api.openChallenges(account);
      await keepOffset(account, server_time);
      const open = challenges.map(({ cid }) => cid);
      for (const cid of [...inProgress].filter((cid) => !open.includes(cid))) await applyState(cid, "closed");
      await Promise.all(challenges.map(({ cid, state }) => applyState(cid, state)));
      if (!signal.aborted) listener.onContact(account, null);
    } catch (error) {
      fail(error);
    }
  };

  const stream = async () => {
    const connection = new AbortController();
    const stop = () => connection.abort();
    signal.addEventListener("abort", stop, { once: true });
    const leave = () => document.hidden && stop();
    document.addEventListener("visibilitychange", leave);
    try {
      for await (const { event, data } of readEvents(await api.eventStream(account, connection.signal))) {
        if (event === "ready") listener.onContact(account, null);
        if (event !== "challenge") continue;
        const { cid, state } = JSON.parse(data);
        await applyState(cid, state);
      }
    } finally {
      document.removeEventListener("visibilitychange", leave);
      signal.removeEventListener("abort", stop);
    }
  };

  const run = async () => {
    while (!signal.aborted) {
      if (document.hidden) await pause(1_000, signal);
      else if (position >= MAX_STREAMS) await pull().then(() => pause(5_000, signal));
      else await stream().then(() => pause(1_000, signal), () => pull().then(() => pause(5_000, signal)));
    }
  };
  pull().then(run);
  return { pull };
}

/** @param {number} milliseconds @param {AbortSignal} signal @returns {Promise<void>} */
function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}

/** Stores the difference between the server's clock and this device's. @param {Account} account @param {number} serverTime */
async function keepOffset(account, serverTime) {
  const offset = serverTime * 1000 - Date.now();
  if (Math.abs(offset - (account.clockOffset ?? 0)) < 2_000) return;
  account.clockOffset = offset;
  await changeAccount(account.kid, () => ({ clockOffset: offset }));
}
