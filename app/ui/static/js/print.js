// Reacts to: button[data-print] (hidden where there is no script)
(() => {
  const show = (root) => root.querySelectorAll("[data-print]").forEach((button) => (button.hidden = false));
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) print();
  });
  document.addEventListener("htmx:load", (event) => show(event.target));
  show(document);
})();
