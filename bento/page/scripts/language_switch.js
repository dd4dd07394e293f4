/** The buttons that choose the language. */

import { loadLanguage, rememberLanguage, speak } from "./language.js";

const buttons = document.querySelectorAll("#languages button");

/** Speak a language, mark its button, and tell of it. */
export async function switchTo(code, tell) {
  const language = await loadLanguage(code);
  speak(language);
  for (const button of buttons) {
    button.setAttribute("aria-pressed", String(button.value === code));
  }
  tell(language);
}

export function offerLanguages(tell) {
  for (const button of buttons) {
    button.addEventListener("click", () => {
      rememberLanguage(button.value);
      switchTo(button.value, tell);
    });
  }
}
