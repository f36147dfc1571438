// Sends a test notification and reports whether it arrived.

import * as api from "../api.js";
import { Problem, Said } from "../problem.js";

/** @typedef {import("../store.js").Account} Account */

const ARRIVAL_TIMEOUT_MILLISECONDS = 20_000;
const STILL = "Requests still appear when you open the app.";

/**
 * @param {Account} account
 * @param {(text: string) => void} say shows progress
 * @returns {Promise<string>} a sentence about the result
 */
export async function testPush(account, say) {
  const arrival = new AbortController();
  const arrived = waitForTest(account, AbortSignal.any([arrival.signal, AbortSignal.timeout(ARRIVAL_TIMEOUT_MILLISECONDS)]));
  try {
    await api.testTransport(account);
    say("On its way…");
    if (await arrived) return "It arrived: this device rings when you sign in.";
  } catch (error) {
    throw withSentence(error);
  } finally {
    arrival.abort();
  }
  const { transport } = await api.self(account);
  throw new Said(
    transport.state === "ok"
      ? `The push service took it, but it has not arrived within 20 seconds. See whether the system’s settings allow notifications of this browser, and whether it saves battery. ${STILL}`
      : `It is not arriving: the push service does not take messages for this browser. Close the app and open it again, then try once more. ${STILL}`);
}

/** @param {unknown} error */
function withSentence(error) {
  if (!(error instanceof Problem)) return error;
  if (error.code === "no_transport") return new Said(`The server has no push address of this browser. Close the app and open it again, then try once more. ${STILL}`);
  if (error.code === "too_many_requests") {
    const minutes = Math.max(1, Math.ceil(error.retryAfter / 60));
    return new Said(`Three tests an hour are enough. Try again in ${minutes === 1 ? "a minute" : `${minutes} minutes`}.`);
  }
  return error;
}

/**
 * Whether the worker reports the test push of this account before `end`.
 * @param {Account} account @param {AbortSignal} end @returns {Promise<boolean>}
 */
function waitForTest({ deviceId }, end) {
  return new Promise((resolve) => {
    navigator.serviceWorker?.addEventListener("message", ({ data }) => {
      if (data?.push?.t === "test" && data.push.dev === deviceId) resolve(true);
    }, { signal: end });
    end.addEventListener("abort", () => resolve(false), { once: true });
  });
}
