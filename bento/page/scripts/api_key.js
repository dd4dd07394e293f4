/** The key of the service, if it wants one: asked for once, kept until the tab is closed. */

import { byId, tabStorage } from "./browser.js";
import { spoken } from "./language.js";

const NAME = "api-key";
const [dialog, form, input] = ["key-dialog", "key-form", "key"].map(byId);
const [wrong, unreadable] = ["key-wrong", "key-unreadable"].map(byId);

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
  showFault(wasWrong ? wrong : null);
  input.value = "";
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "send"), { once: true });
  });
}

/** Say what is wrong with what was typed, in the page's language: the browser has its own. */
function showFault(fault) {
  for (const words of [wrong, unreadable]) words.hidden = words !== fault;
  input.setAttribute("aria-invalid", String(fault !== null));
}

form.addEventListener("submit", (event) => {
  if (!input.checkValidity()) {
    event.preventDefault();
    showFault(unreadable);
    return;
  }
  key = input.value.trim();
  tabStorage.set(NAME, key);
});
byId("key-cancel").addEventListener("click", () => dialog.close());
