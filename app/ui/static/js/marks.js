// Reacts to: form[data-marks] (x marks the row in focus) · [data-mark-all] · its radio scope=marked, chosen by marking
(() => {
  const boxes = (form) => [...form.querySelectorAll('input[name="ids"]')];

  document.addEventListener("keydown", (event) => {
    if (event.key !== "x" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input:not([type=checkbox]), select, textarea, dialog[open]")) return;
    const box = document.activeElement?.closest("[data-marks] tr")?.querySelector('input[name="ids"]');
    box?.click();
  });

  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-marks]");
    if (!form || !event.target.matches("[data-mark-all], [name=ids]")) return;
    if (event.target.matches("[data-mark-all]")) boxes(form).forEach((box) => (box.checked = event.target.checked));
    form.querySelector('input[name="scope"][value="marked"]').checked = true;
  });
})();
