/** The API's document as a page, with the key that the service asks for, if it does. */

import { fewerControls, mend } from "./accessibility.js";

const KEY = "api-key"; // where the analyst's page keeps it too
const [dialog, form, input, fault] = ["key-dialog", "key-form", "key", "key-fault"].map((id) =>
  document.getElementById(id),
);

function withKey(request) {
  const key = sessionStorage.getItem(KEY);
  if (key) request.headers = { ...request.headers, Authorization: `Bearer ${key}` };
  return request;
}

async function documentOfTheApi() {
  for (;;) {
    const answer = await fetch("docs.json", withKey({}));
    if (answer.status !== 401) return answer.json();
    fault.textContent = sessionStorage.getItem(KEY) ? "That key was not accepted." : "";
    input.value = "";
    dialog.showModal();
    await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  }
}

form.addEventListener("submit", (event) => {
  if (input.checkValidity()) {
    sessionStorage.setItem(KEY, input.value.trim());
    return;
  }
  event.preventDefault();
  fault.textContent = "Enter the key: letters, digits and signs, without accents and blanks.";
});

SwaggerUIBundle({
  spec: await documentOfTheApi(),
  dom_id: "#swagger-ui",
  deepLinking: true,
  plugins: [fewerControls],
  syntaxHighlight: { theme: "tomorrow-night" },
  requestInterceptor: withKey,
});
mend(document.getElementById("swagger-ui"));
