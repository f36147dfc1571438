// Warnings about the clock and the storage of this device.

import { element } from "../element.js";
import { isInstalled } from "../platform.js";

const MAX_CLOCK_SKEW_SECONDS = 20;

/** @param {import("../store.js").Account} account @returns {HTMLElement | null} */
export function clockWarning({ clockOffset = 0, totp }) {
  const skew = Math.round(clockOffset / 1000);
  if (Math.abs(skew) <= MAX_CLOCK_SKEW_SECONDS) return null;
  const amount = Math.abs(skew) < 120 ? `${Math.abs(skew)} seconds` : `${Math.round(Math.abs(skew) / 60)} minutes`;
  const codes = totp ? " The codes shown here are corrected; those of other apps may be refused." : "";
  return element("p", { class: "warning", "data-warning": "clock" }, `The clock of this device is ${amount} ${skew > 0 ? "slow" : "fast"}.${codes} Set it to automatic.`);
}

/** @param {import("../store.js").Account} account @returns {HTMLElement | null} */
export function storageWarning({ persisted }) {
  if (persisted !== false) return null;
  const advice = isInstalled() ? "" : " Install the app to make that unlikely.";
  return element("p", { class: "warning", "data-warning": "storage" }, `This browser may forget this device when space runs low.${advice} Keep another way to sign in.`);
}
