// The activation code, typed instead of scanning the QR code: ten symbols of Crockford's base32.

/**
 * Parses a typed code with the slug of its workspace before it, as `acme/XXXXX-XXXXX`; without one, the workspace is the
 * one that is served at the root.
 * @param {string} typed
 * @returns {{ code: string, workspace?: string } | null} null if it is not an activation code
 */
export function parseTypedCode(typed) {
  const [, slug, rest = ""] = /^(?:\s*([A-Za-z][A-Za-z0-9-]{0,62})\s*\/)?([^/]*)$/.exec(typed) ?? [];
  const code = parseActivationCode(rest);
  if (code === null) return null;
  return { code, ...(slug !== undefined && { workspace: slug.toLowerCase() }) };
}

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
