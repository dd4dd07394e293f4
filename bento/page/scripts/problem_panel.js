/** What is shown instead of a forecast if there is none: why, and what can be done. */

import { byId } from "./elements.js";
import { explained, isNotReady } from "./problems.js";

export function showProblem(problem, language) {
  const title = isNotReady(problem) ? "problem.not_ready_title" : "problem.title";
  byId("problem-title").textContent = language.text(title);
  byId("problem-words").replaceChildren(...explained(problem, language));
}

export function onRetry(retry) {
  byId("retry").addEventListener("click", retry);
}
