/** What went wrong, in words. */

import { make } from "./elements.js";
import { Problem } from "./service.js";

const SERVICE_UNAVAILABLE = 503;

/** Whether nothing is served yet, rather than too much being asked just now. */
export function isNotReady({ status, passes }) {
  return status === SERVICE_UNAVAILABLE && !passes;
}

/** Explain a problem; other errors are thrown on. */
export function explained(problem, { text }) {
  if (!(problem instanceof Problem)) throw problem;
  if (problem.status === 0) return [make("p", {}, text("problem.unreachable"))];
  const lead = isNotReady(problem) ? "problem.not_ready" : "problem.detail";
  return [make("p", {}, text(lead)), make("p", {}, quoted(problem.detail))];
}

/** Quote the service, which speaks English. */
export function quoted(words) {
  return make("q", { lang: "en" }, words);
}
