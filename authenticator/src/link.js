// Parses the links of QR codes and of the address bar (protocol §4.1, §5.3.1).

/**
 * @typedef {{ kind: "enrollment", enrollment: string, secret: string, workspace?: string }
 *   | { kind: "challenge", cid: string, qr: string }
 *   | { kind: "other_server", origin: string }
 *   | { kind: "unsupported" }
 *   | { kind: "broken" }
 *   | { kind: "none" }} Link
 */

/**
 * The fragment of an enrollment link: `1.<enr_id>.<secret>`, and `/w/<slug>` for a workspace that is not served at the root.
 * @param {string} fragment with or without its `#`
 * @returns {Link}
 */
export function parseFragment(fragment) {
  const text = fragment.replace(/^#/, "");
  if (text === "") return { kind: "none" };
  const [credential = "", workspace] = text.split(/\/w\/([a-z][a-z0-9-]{0,62})$/, 2);
  const [version, enrollment, secret, ...rest] = credential.split(".");
  if (version !== "1") return { kind: /^\d+$/.test(version ?? "") ? "unsupported" : "none" };
  const isWhole =
    rest.length === 0 && /^enr_[A-Za-z0-9_-]{22}$/.test(enrollment ?? "") && /^[A-Za-z0-9_-]{43}$/.test(secret ?? "");
  if (!isWhole || !enrollment || !secret) return { kind: "broken" };
  return { kind: "enrollment", enrollment, secret, ...(workspace !== undefined && { workspace }) };
}

/**
 * The fragment of the QR code on the waiting page: `c=<cid>.<nonce>`.
 * @param {string} fragment with or without its `#`
 * @returns {Link}
 */
export function parseChallenge(fragment) {
  const [, cid, qr] = /^#?c=(ch_[A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{22})$/.exec(fragment) ?? [];
  if (cid && qr) return { kind: "challenge", cid, qr };
  return { kind: /^#?c=/.test(fragment) ? "broken" : "none" };
}

/**
 * The whole text of a scanned QR code.
 * @param {string} text
 * @param {string} origin the origin of this app and its server
 * @returns {Link}
 */
export function parseLink(text, origin) {
  let url;
  try {
    url = new URL(text.trim());
  } catch {
    return { kind: "none" };
  }
  const isEnrollment = url.pathname.endsWith("/enroll");
  if (!isEnrollment && !url.pathname.endsWith("/")) return { kind: "none" };
  const link = isEnrollment ? parseFragment(url.hash) : parseChallenge(url.hash);
  if (link.kind === "none") return link;
  return url.origin === origin ? link : { kind: "other_server", origin: url.origin };
}
