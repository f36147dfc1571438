// Removes this device's account: by the person, or after the server reported that the device was removed.

import * as api from "../api.js";
import { element, notice } from "../element.js";
import { offerOf } from "../enrollment.js";
import { Problem, sentence } from "../problem.js";
import { forgetAccount } from "../store.js";

/** @typedef {import("../store.js").Account} Account */

/** Deletes the keys of an account whose device was removed elsewhere, and shows a message. @param {Account} account */
export async function wipe(account) {
  await forgetAccount(account.kid);
  notice(`This device was removed from ${offerOf(account).account}, so its keys were deleted here. If you did not expect that, ask your administrator.`, "bad");
}

/** Asks for confirmation, then removes the device. @param {Account} account @param {() => void} onGone */
export function removal(account, onGone) {
  const message = element("p", { class: "field-error", role: "alert" });
  const close = () => dialog.remove();
  const remove = async () => {
    try {
      await api.removeSelf(account);
    } catch (error) {
      const isGone = error instanceof Problem && (error.code === "device_revoked" || error.code === "device_unknown");
      if (!isGone) {
        message.textContent = sentence(error);
        return;
      }
    }
    await forgetAccount(account.kid);
    close();
    notice(`This device was removed from ${offerOf(account).account}.`, "plain");
    onGone();
  };
  const dialog = element("dialog", { onclose: close, "aria-labelledby": "removal-title" },
    element("h2", { id: "removal-title" }, "Remove this device?"),
    element("p", {}, `It can no longer approve sign-ins of ${offerOf(account).account}, and its codes stop working. You will need another way to sign in, or to add it again.`),
    message,
    element("button", { class: "danger wide", type: "button", name: "confirm-remove", onclick: remove }, "Remove"),
    element("button", { class: "quiet wide", type: "button", autofocus: true, onclick: close }, "Keep it"),
  );
  document.body.append(dialog);
  dialog.showModal();
}
