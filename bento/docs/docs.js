/** The API's document as a page, with the key that the service asks for, if it does. */

const KEY = "api-key"; // where the analyst's page keeps it too
const dialog = document.getElementById("key-dialog");

function withKey(request) {
  const key = sessionStorage.getItem(KEY);
  if (key) request.headers = { ...request.headers, Authorization: `Bearer ${key}` };
  return request;
}

async function documentOfTheApi() {
  for (;;) {
    const answer = await fetch("docs.json", withKey({}));
    if (answer.status !== 401) return answer.json();
    dialog.showModal();
    await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
    sessionStorage.setItem(KEY, document.getElementById("key").value.trim());
  }
}

SwaggerUIBundle({
  spec: await documentOfTheApi(),
  dom_id: "#swagger-ui",
  deepLinking: true,
  requestInterceptor: withKey,
});
