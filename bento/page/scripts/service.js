/** The service's answers, and its problems as errors. */

import { anotherKey, knownKey } from "./api_key.js";

const PATIENCE_MS = 30_000;

/**
 * What the service said went wrong: its problem document, and whether it will pass by waiting.
 *
 * A status of 0 is no answer at all.
 */
export class Problem extends Error {
  constructor({ status, detail = "", errors = [], passes = false }) {
    super(detail);
    Object.assign(this, { status, detail, errors, passes });
  }
}

export function getJson(path) {
  return answer(path, {});
}

export function postJson(path, body) {
  const headers = { "Content-Type": "application/json" };
  return answer(path, { method: "POST", headers, body: JSON.stringify(body) });
}

async function answer(path, request) {
  for (;;) {
    const key = knownKey();
    const response = await responseTo(path, request, key);
    if (response.ok) return response.json();
    const wantsKey = response.status === 401 && (await anotherKey(key));
    if (!wantsKey) throw await problemOf(response);
  }
}

async function responseTo(path, { headers, ...request }, key) {
  const authorization = key === null ? {} : { Authorization: `Bearer ${key}` };
  try {
    return await fetch(path, {
      ...request,
      headers: { ...headers, ...authorization },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch {
    throw new Problem({ status: 0 });
  }
}

async function problemOf(response) {
  const { status, statusText } = response;
  const isProblem = response.headers.get("Content-Type")?.includes("application/problem+json");
  const said = isProblem ? await response.json() : { detail: `${status} ${statusText}` };
  return new Problem({ ...said, status, passes: response.headers.has("Retry-After") });
}
