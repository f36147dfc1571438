// Shows the confirmation code, which the person types in the browser, and polls for the result.

import { element, notice, show } from "../element.js";
import { checkConfirmation, offerOf } from "../enrollment.js";
import { Problem, Unreachable, sentence } from "../problem.js";
import { notificationsCard } from "./notifications.js";

/** @typedef {import("../store.js").Account} Account */

const POLL_MILLISECONDS = 2_000;

/**
 * @param {Account} account
 * @param {{ onConfirmed: (account: Account) => void, onEnded: () => void }} navigation
 */
export async function confirmationScreen(account, navigation) {
  const { display_name, account: name } = offerOf(account);
  const state = element("p", { class: "waiting", role: "status" }, "Waiting for your browser…");
  const life = show(
    element("section", { class: "card centered" },
      element("h1", {}, "Type this code in your browser"),
      element("p", { class: "lead" }, `It confirms that this phone belongs to ${name} at ${display_name}.`),
      element("output", { id: "confirmation-code", class: "big-code" }, account.confirmationCode ?? ""),
      state,
      element("p", { class: "fine" }, "Never read this code to anyone, also not to someone who says they are from support."),
    ),
    notificationsCard([account]),
  );
  while (!life.aborted) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
    if (life.aborted) return;
    try {
      const checked = await checkConfirmation(account);
      if (life.aborted) return;
      state.textContent = "Waiting for your browser…";
      if (checked.stage === "active") return navigation.onConfirmed(checked);
    } catch (error) {
      if (error instanceof Unreachable || (error instanceof Problem && (error.status >= 500 || error.status === 429))) {
        state.textContent = sentence(error);
        continue;
      }
      notice(sentence(error), "bad");
      return navigation.onEnded();
    }
  }
}
