/** What keeps people out of Swagger UI's page, mended: names, roles, and what keys reach. */

const MENDS = [
  [".body-param__text", (text) => name(text, "Request body")],
  ["[data-param-name] :is(input, select)", (field) => name(field, parameterOf(field))],
  [".copy-to-clipboard > button", (button) => name(button, "Copy")],
  [".close-modal", (button) => name(button, "Close")],
  [".auth-container h6", (heading) => heading.setAttribute("aria-level", "5")], // under an h4
  ["pre.microlight", (code) => code.setAttribute("tabindex", "0")], // it scrolls
  ["table[role]", (table) => table.removeAttribute("role")], // a region has no rows and columns
];

/** The part of Swagger UI's set-up that leaves out controls. */
export function fewerControls() {
  const nothing = () => null;
  const withoutLink = (Original) => (props) => Original({ ...props, enabled: false });
  return {
    wrapComponents: {
      DeepLink: withoutLink, // it is inside of the button that opens an operation
      ServersContainer: () => nothing, // there is one server, which answers this page
      OperationServers: () => nothing,
    },
  };
}

/** Mend what is in an element now, and whatever is drawn in it later. */
export function mend(root) {
  const mendAll = () => {
    for (const [selector, mendOne] of MENDS) root.querySelectorAll(selector).forEach(mendOne);
  };
  new MutationObserver(mendAll).observe(root, { childList: true, subtree: true });
  mendAll();
}

function name(element, words) {
  element.setAttribute("aria-label", words);
}

function parameterOf(field) {
  return field.closest("[data-param-name]").dataset.paramName;
}
