// The app's own camera view for the QR code of one request; such a code is accepted nowhere else (protocol §5.3.1).

import { element } from "../element.js";
import { parseLink } from "../link.js";
import { scan } from "../scanner.js";

/** @typedef {import("../link.js").Link} Link */

/** @param {Link} link @returns {string} why the code is not accepted */
function refusal(link) {
  if (link.kind === "challenge") return "This code belongs to another request. Scan the one in the browser where you are signing in.";
  if (link.kind === "enrollment") return "This code adds a phone. Press “Show QR code instead” in your browser, and scan that one.";
  if (link.kind === "other_server") return `This code belongs to ${link.origin}. It approves nothing here.`;
  return "This is not the code of a sign-in. Press “Show QR code instead” in your browser, and scan that one.";
}

/**
 * Opens the camera view for the code of this request; it closes with the request's card.
 * @param {HTMLElement} card
 * @param {string} cid
 * @param {(qr: string) => void} onScanned
 */
export function openViewfinder(card, cid, onScanned) {
  const life = new AbortController();
  const video = element("video", { class: "viewfinder", playsinline: true, muted: true });
  const message = element("p", { role: "status" }, "Point the camera at the QR code in your browser.");
  const close = () => {
    life.abort();
    dialog.remove();
  };
  const dialog = element("dialog", { onclose: close, "aria-labelledby": "viewfinder-title" },
    element("h2", { id: "viewfinder-title" }, "Scan the code"),
    video,
    message,
    element("button", { class: "quiet wide", type: "button", onclick: close }, "Type the number instead"),
  );
  card.append(dialog);
  dialog.showModal();
  scan(video, life.signal, (text) => {
    const link = parseLink(text, location.origin);
    const isIt = link.kind === "challenge" && link.cid === cid;
    if (isIt) {
      close();
      onScanned(link.qr);
    } else message.textContent = refusal(link);
    return isIt;
  }).catch((error) => {
    message.textContent = error?.name === "NotAllowedError" ? "The camera was not allowed. Type the number instead." : "The camera could not be used. Type the number instead.";
  });
}
