/** What the browser remembers, if it is allowed to remember anything. */

export const forTheTab = memory(() => window.sessionStorage);
export const forever = memory(() => window.localStorage);

function memory(storage) {
  return {
    recall: (name) => ifAllowed(() => storage().getItem(name)),
    keep: (name, value) => ifAllowed(() => storage().setItem(name, value)),
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
