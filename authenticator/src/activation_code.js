// The activation code, typed instead of scanning the QR code: ten symbols of Crockford's base32.

/**
 * Parses a typed code; spaces, hyphens and case are ignored, and look-alikes are one symbol.
 * @param {string} typed
 * @returns {string | null} ten symbols, or null if it is not an activation code
 */
export function parseActivationCode(typed) {
  const code = typed
    .toUpperCase()
    .replaceAll(/[\s\-‐-―]/g, "")
    .replaceAll("O", "0")
    .replaceAll(/[IL]/g, "1");
  return /^[0-9A-HJKMNP-TV-Z]{10}$/.test(code) ? code : null;
}
