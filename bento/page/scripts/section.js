/** A part of the page that has its own answer to wait for, and its own way to fail. */

import { make } from "./elements.js";
import { explained } from "./problems.js";

/**
 * Show in a part what is answered to a question.
 *
 * Args: the part's element; `ask`, which gives a promise; `show(answer, language)`, which gives
 * what the part holds. Gives the function that shows it in a language.
 */
export function section(part, { ask, show }) {
  let [answer, problem, language] = [null, null, null];

  function render() {
    if (!language) return;
    if (answer !== null) part.replaceChildren(...show(answer, language));
    else if (problem) part.replaceChildren(...failure());
  }

  function failure() {
    const { text } = language;
    const retry = make("button", { type: "button", onclick: load }, text("problem.retry"));
    return [make("p", {}, text("problem.part")), ...explained(problem, language), retry];
  }

  async function load() {
    part.ariaBusy = "true";
    try {
      answer = await ask();
    } catch (error) {
      problem = error;
    }
    part.ariaBusy = "false";
    render();
  }

  load();
  return (spoken) => {
    language = spoken;
    render();
  };
}
