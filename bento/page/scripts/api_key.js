/** The key of the service, if it wants one: asked for once, kept until the tab is closed. */

import { byId, tabStorage } from "./browser.js";
import { spoken } from "./language.js";

const NAME = "api-key";
const [dialog, form, input, wrong] = ["key-dialog", "key-form", "key", "key-wrong"].map(byId);

let key = tabStorage.get(NAME);
let asking = null;

export function knownKey() {
  return key;
}

/**
 * Ask for another key than one that was refused; null if there was none.
 *
 * However many requests were refused, there is one question. Return whether there is a key to try.
 */
export function anotherKey(refused) {
  if (refused !== key) return Promise.resolve(true);
  asking ??= ask(refused !== null).finally(() => {
    asking = null;
  });
  return asking;
}

async function ask(wasWrong) {
  await spoken;
  wrong.hidden = !wasWrong;
  input.setAttribute("aria-invalid", String(wasWrong));
  input.value = "";
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "send"), { once: true });
  });
}

form.addEventListener("submit", () => {
  key = input.value.trim();
  tabStorage.set(NAME, key);
});
byId("key-cancel").addEventListener("click", () => dialog.close());
