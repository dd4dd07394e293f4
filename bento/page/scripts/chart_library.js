/** Plotly: preloaded by the page, run when it is wanted, as that keeps the browser busy. */

/** Give Plotly, or null if it could not be loaded. */
export function chartLibrary() {
  return new Promise((resolve) => {
    const script = document.createElement("script");
    script.src = "/page/plotly.min.js";
    script.addEventListener("load", () => resolve(window.Plotly));
    script.addEventListener("error", () => resolve(null));
    document.head.append(script);
  });
}
