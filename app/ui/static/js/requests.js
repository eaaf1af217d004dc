// Reacts to: every htmx request · form[data-submit-on-change] · [data-close-dialog]
// Writes carry the page's CSRF token; errors of the last try go away before the next one.
(() => {
  const token = document.querySelector('meta[name="csrf-token"]')?.content;

  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb !== "get" && token) event.detail.headers["X-CSRFToken"] = token;
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    const form = event.target.closest("form");
    form?.querySelectorAll(".error").forEach((line) => line.replaceChildren());
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.xhr?.status !== 422) return;
    const line = [...document.querySelectorAll(".error")].find((found) => found.textContent.trim());
    document.querySelector(`[aria-describedby~="${line?.id}"]`)?.focus();
  });

  document.addEventListener("change", (event) => {
    event.target.closest("form[data-submit-on-change]")?.requestSubmit();
  });
})();
