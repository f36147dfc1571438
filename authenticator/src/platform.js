// What this install runs on, in words for the list of devices.

import { within } from "./patience.js";

/**
 * Asks that what is stored here is not thrown away.
 * @param {{ mayPrompt: boolean }} manner Firefox asks the person, so it is asked once; others decide by themselves
 * @returns {Promise<boolean>} whether that was promised
 */
export function keepStorage({ mayPrompt }) {
  const way = mayPrompt || !/Firefox/.test(navigator.userAgent) ? "persist" : "persisted";
  return within(Promise.resolve(navigator.storage?.[way]?.() ?? false).catch(() => false), 5_000, false);
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

/** @returns {boolean} iPadOS calls itself a Mac, but can be touched */
export function isAppleMobile() {
  return /iPhone|iPad|iPod/.test(navigator.userAgent) || (/Macintosh/.test(navigator.userAgent) && navigator.maxTouchPoints > 1);
}

/** @returns {boolean} whether this page runs as an installed app */
export function isInstalled() {
  return matchMedia("(display-mode: standalone)").matches || Reflect.get(navigator, "standalone") === true;
}
