/** Elements of the page. */

export function byId(id) {
  return document.getElementById(id);
}

/** Make an element; properties and children as the DOM takes them. */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}
