// Reacts to: [data-slider] (range and number show one value) · [data-copy] buttons
(() => {
  document.addEventListener("input", (event) => {
    const slider = event.target.closest("[data-slider]");
    if (!slider) return;
    const other = event.target.matches("[data-slider-range]") ? "[data-slider-number]" : "[data-slider-range]";
    slider.querySelector(other).value = event.target.value;
  });

  function prepare(root) {
    root.querySelectorAll("[data-copy]").forEach((button) => (button.hidden = !navigator.clipboard));
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    button.classList.add("is-done");
    setTimeout(() => button.classList.remove("is-done"), 1500);
  });
  document.addEventListener("htmx:load", (event) => prepare(event.target));
  prepare(document);
})();
