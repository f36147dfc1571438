// The one-time code of an account; it needs no network.

import { element } from "../element.js";
import { totpCode } from "../totp.js";

/**
 * @param {import("../store.js").Account} account
 * @param {AbortSignal} life
 * @returns {HTMLElement | null} null if the account has no codes
 */
export function codeBlock(account, life) {
  const { totp } = account;
  if (!totp) return null;
  const code = element("output", { id: "totp-code", class: "big-code" });
  const bar = element("progress", { max: totp.period, value: totp.period, "aria-label": "Time until the next code" });
  const left = element("span", {});
  const tick = async () => {
    const seconds = (Date.now() + (account.clockOffset ?? 0)) / 1000;
    const now = await totpCode(totp, seconds);
    if (code.textContent !== now.code) code.textContent = now.code;
    bar.value = now.remaining;
    left.textContent = `Next code in ${now.remaining} s`;
  };
  tick();
  const timer = setInterval(tick, 1000);
  life.addEventListener("abort", () => clearInterval(timer), { once: true });
  return element("div", { class: "code-block" },
    element("h3", {}, "One-time code"),
    code,
    bar,
    element("p", { class: "fine" }, left),
  );
}
