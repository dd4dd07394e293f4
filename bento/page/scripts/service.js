/** The service's answers, and its problems as errors. */

import { anotherKey, knownKey } from "./api_key.js";

const PATIENCE_MS = 30_000;

/** The statuses with which a proxy says that it does not reach the service. */
const UNREACHABLE = [502, 503, 504];

/**
 * What the service said went wrong: its problem document, the id of the request, and whether it
 * will pass by waiting.
 *
 * A status of 0 is no answer at all.
 */
export class Problem extends Error {
  constructor({ status, detail = "", errors = [], id = "", passes = false }) {
    super(detail);
    Object.assign(this, { status, detail, errors, id, passes });
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
  const { status, headers } = response;
  const isOfService = headers.get("Content-Type")?.includes("application/problem+json");
  if (!isOfService) return new Problem({ status: UNREACHABLE.includes(status) ? 0 : status });
  const said = await response.json();
  const [id, passes] = [headers.get("X-Request-ID"), headers.has("Retry-After")];
  return new Problem({ ...said, status, id, passes });
}
