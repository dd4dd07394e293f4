/** Explain what went wrong: instead of the page, or in the part of it that failed. */

import { byId, make } from "./browser.js";
import { Problem } from "./service.js";

const SERVICE_UNAVAILABLE = 503;

/** What a status of the service means. */
const WORDS = {
  401: "problem.no_key",
  403: "problem.this_machine_only",
  429: "problem.busy",
  500: "problem.failed",
  503: "problem.busy",
};

/** Show why there is no forecast, and what can be done. */
export function showProblem(problem, language) {
  const title = isNotReady(problem) ? "problem.not_ready_title" : "problem.title";
  byId("problem-title").textContent = language.text(title);
  byId("problem-words").replaceChildren(...explained(problem, language));
}

/**
 * Show in a part of the page the answer to a question of its own, or why there is none.
 *
 * Args: the part's element; `ask`, which returns a promise; `show(answer, language)`, which
 * returns what the part holds. Return the function that shows it in a language.
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

/** Explain a problem; other errors are thrown on. */
export function explained(problem, { text }) {
  if (!(problem instanceof Problem)) throw problem;
  const { status, detail, id } = problem;
  const words = make("p", {}, text(keyOf(problem), { status, id }));
  if (!detail) return [words];
  const quoted = make("q", { lang: "en" }, detail); // the service speaks English
  return [words, make("details", {}, make("summary", {}, text("problem.detail")), quoted)];
}

/** Find the text of a problem; the same status of a proxy, which has no detail, says little. */
function keyOf(problem) {
  const { status, detail } = problem;
  if (status === 0) return "problem.unreachable";
  if (isNotReady(problem)) return "problem.not_ready";
  return (detail && WORDS[status]) || "problem.other";
}

/** Return whether nothing is served yet, rather than too much being asked just now. */
function isNotReady({ status, passes }) {
  return status === SERVICE_UNAVAILABLE && !passes;
}
