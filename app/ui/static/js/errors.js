// Reacts to: errors of our own scripts and of htmx, once each · tells /browser-errors of them, by which the errors page shows them
(() => {
  const to = "/browser-errors";
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

  // What htmx could not get: an answer without words of ours, or none at all. The reader sees a toast (toasts.js).
  document.addEventListener("htmx:responseError", ({ detail }) => {
    if (detail.xhr.status >= 500 && !detail.xhr.getResponseHeader("HX-Trigger")) tell("answer", null, `${detail.xhr.status}`, detail.pathInfo?.finalRequestPath?.split("?")[0] || "");
  });
  document.addEventListener("htmx:swapError", ({ detail }) => tell("error", null, "swap", detail.pathInfo?.finalRequestPath?.split("?")[0] || ""));
})();
