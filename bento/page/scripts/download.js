/** Files made in the browser. */

import { make } from "./elements.js";

export function download(name, text) {
  const href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  make("a", { href, download: name }).click();
  // The browser reads it after the click has been handled.
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}
