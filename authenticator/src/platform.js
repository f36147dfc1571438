// The platform of this installation, and a name for the list of devices.

import { within } from "./timeout.js";

/**
 * Requests persistent storage.
 * @param {{ mayPrompt: boolean }} options whether the browser may ask the person; only Firefox does
 * @returns {Promise<boolean>} whether it was granted
 */
export function keepStorage({ mayPrompt }) {
  const method = mayPrompt || !/Firefox/.test(navigator.userAgent) ? "persist" : "persisted";
  return within(Promise.resolve(navigator.storage?.[method]?.() ?? false).catch(() => false), 5_000, false);
}

/** @returns {string} */
export function platform() {
  const agent = navigator.userAgent;
  if (isAppleMobile()) return /iPad|Macintosh/.test(agent) ? "iPadOS" : "iOS";
  for (const [pattern, name] of /** @type {[RegExp, string][]} */ ([
    [/Android/, "Android"], [/Windows/, "Windows"], [/Mac OS X/, "macOS"], [/CrOS/, "ChromeOS"], [/Linux/, "Linux"],
  ])) {
    if (pattern.test(agent)) return name;
  }
  return "unknown";
}

/** @returns {string} as "Firefox on Linux" */
export function suggestedName() {
  const agent = navigator.userAgent;
  const model = /Android [^;]+; ([^;)]+)\)/.exec(agent)?.[1];
  if (model && model.length > 2 && model !== "Mobile") return model.slice(0, 64);
  const browser = /Firefox|Edg|Chrome|Safari/.exec(agent)?.[0].replace("Edg", "Edge") ?? "Browser";
  return `${browser} on ${platform()}`;
}

/** @returns {boolean} whether this is iOS or iPadOS; iPadOS reports a Mac with a touch screen */
export function isAppleMobile() {
  return /iPhone|iPad|iPod/.test(navigator.userAgent) || (/Macintosh/.test(navigator.userAgent) && navigator.maxTouchPoints > 1);
}

/** @returns {boolean} whether this page runs as an installed app */
export function isInstalled() {
  return matchMedia("(display-mode: standalone)").matches || Reflect.get(navigator, "standalone") === true;
}
