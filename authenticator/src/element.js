// Builds the page from elements and texts, never from markup.

/** @typedef {Node | string | null | undefined | false} Child */

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, unknown>} attributes `on…` are listeners, `true` is a bare attribute, `false` and null are left out
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value != null) made.setAttribute(name, String(value));
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** @param {string} id @returns {HTMLElement} */
function elementById(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}

/** Aborts timers and requests of the previous screen. @type {AbortController} */
let life = new AbortController();

/**
 * Replaces the screen.
 * @param {...Child} children
 * @returns {AbortSignal} aborted when the next screen is shown
 */
export function show(...children) {
  life.abort();
  life = new AbortController();
  elementById("screen").replaceChildren(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return life.signal;
}

/**
 * Shows a message above the screen until the person closes it.
 * @param {string} text
 * @param {"good" | "bad" | "plain"} tone
 */
export function notice(text, tone) {
  const made = element(
    "div",
    { class: `notice ${tone}` },
    element("p", {}, text),
    element("button", { class: "close", "aria-label": "Close this message", onclick: () => made.remove() }, "×"),
  );
  elementById("notices").replaceChildren(made);
}

/** Removes the message above the screen. */
export const clearNotices = () => elementById("notices").replaceChildren();
