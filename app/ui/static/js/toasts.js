// Reacts to: the event "toast" {message, state, undo} that a response's HX-Trigger header carries · [data-toast-close]
// A message stays 6 s, 12 s with an undo button, and until closed when something went wrong.
(() => {
  const STAY_MS = 6000;
  const STAY_TO_UNDO_MS = 12000;

  function leave(toast) {
    const bad = toast.classList.contains("tone-bad");
    const undo = toast.querySelector("form");
    if (!bad) setTimeout(() => toast.remove(), undo ? STAY_TO_UNDO_MS : STAY_MS);
  }

  function show({ message, state, undo }) {
    const toast = document.getElementById("toast-template").content.firstElementChild.cloneNode(true);
    const tone = state === "bad" ? "bad" : "ok";
    toast.classList.add(`tone-${tone}`);
    toast.querySelector("p").textContent = message;
    toast.querySelector(`[data-toast-icon="${tone === "bad" ? "ok" : "bad"}"]`).remove();
    const form = toast.querySelector("form");
    if (undo) form.action = undo;
    else form.remove();
    document.getElementById("toasts").append(toast);
    leave(toast);
  }

  document.addEventListener("toast", (event) => show(event.detail));
  const unreachable = () => show({ message: document.getElementById("toasts").dataset.offline, state: "bad" });
  document.addEventListener("htmx:sendError", unreachable);
  // What stands before the server may answer in its place, without a word for the reader and with a page that is none of ours.
  const isOurs = (xhr) => xhr.status < 500 || xhr.getResponseHeader("HX-Trigger");
  document.addEventListener("htmx:responseError", ({ detail: { xhr } }) => isOurs(xhr) || unreachable());
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.requestConfig.verb !== "get" && !isOurs(detail.xhr)) detail.shouldSwap = false;
  });
  document.addEventListener("click", (event) => {
    event.target.closest("[data-toast-close]")?.closest("[data-toast]").remove();
  });
  document.querySelectorAll("[data-toast]").forEach(leave);
})();
