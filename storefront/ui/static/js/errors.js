// Tells the shop of errors of its own scripts, once each, so that they are mended; copies the number of an error page.
// <script src="…/errors.js" data-errors="/browser-errors">
(() => {
  const to = document.currentScript.dataset.errors;
  const told = new Set();
  const MOST = 10;

  function tell(kind, error, message, place) {
    const name = (error && error.name) || "Error";
    const mark = `${kind}|${name}|${message}|${place}`;
    if (told.has(mark) || told.size >= MOST) return;
    told.add(mark);
    const stack = String((error && error.stack) || "").slice(0, 4000);
    const one = { kind, name: String(name).slice(0, 80), message: String(message).slice(0, 500), place: String(place).slice(0, 300), stack };
    navigator.sendBeacon?.(to, JSON.stringify({ errors: [one] }));
  }

  const isOurs = (place) => !place || place.startsWith(location.origin) || place.startsWith("/");
  addEventListener("error", (event) => {
    if (!(event instanceof ErrorEvent) || !isOurs(event.filename)) return;
    tell("error", event.error, event.message, event.filename || location.pathname);
  });
  addEventListener("unhandledrejection", ({ reason }) => {
    tell("rejection", reason, (reason && reason.message) || reason, location.pathname);
  });

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-copy]").forEach((button) => (button.hidden = !navigator.clipboard));
  });
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy][data-copied]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = button.dataset.copied;
  });
})();
