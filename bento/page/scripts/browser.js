/** Shorthands for what the browser offers: elements, storage, files. */

const SVG = "http://www.w3.org/2000/svg";

export const tabStorage = storageOf(() => window.sessionStorage);
export const permanentStorage = storageOf(() => window.localStorage);

export function byId(id) {
  return document.getElementById(id);
}

/** Make an element; properties and children as the DOM takes them. */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** Make an element of a drawing. */
export function makeSvg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Have a text downloaded as a CSV file. */
export function downloadCsv(name, text) {
  const href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  make("a", { href, download: name }).click();
  // The browser reads it after the click has been handled.
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}

/** Wrap a storage so that it remembers nothing if the browser forbids it. */
function storageOf(storage) {
  return {
    get: (name) => ifAllowed(() => storage().getItem(name)),
    set: (name, value) => ifAllowed(() => storage().setItem(name, value)),
  };
}

function ifAllowed(access) {
  try {
    return access();
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    return null;
  }
}
