// The code that is typed when no camera is at hand: ten symbols of Crockford's base32.

/**
 * Reads what a person typed: spaces, hyphens and case do not matter, and look-alikes are one symbol.
 * @param {string} typed
 * @returns {string | null} ten symbols, or null when it cannot be such a code
 */
export function parseActivationCode(typed) {
  const code = typed
    .toUpperCase()
    .replaceAll(/[\s\-‐-―]/g, "")
    .replaceAll("O", "0")
    .replaceAll(/[IL]/g, "1");
  return /^[0-9A-HJKMNP-TV-Z]{10}$/.test(code) ? code : null;
}
