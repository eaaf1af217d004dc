// Reacts to: [data-insert] (puts its text where the cursor was) · [data-copy-source] · [data-use] (puts data-text into a field)
// · the event "editor:insert" {number, help}: the n-th placeholder, or the n-th [data-insert] of #string-help
(() => {
  let last = null;
  const field = () => (last?.isConnected ? last : document.querySelector("[data-editor] textarea"));

  function put(area, text, whole) {
    if (!area || area.readOnly) return;
    area.focus();
    if (whole) area.select();
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  document.addEventListener("focusin", (event) => {
    if (event.target.matches("[data-editor] textarea")) last = event.target;
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert], [data-copy-source], [data-use]");
    if (!button) return;
    if (button.dataset.use) put(document.getElementById(button.dataset.use), button.dataset.text, true);
    else if (button.dataset.insert !== undefined) put(field(), button.dataset.insert, button.dataset.insertWhole !== undefined);
    else put(field(), field()?.dataset.source ?? "", true);
  });

  document.addEventListener("editor:insert", ({ detail }) => {
    const where = detail.help ? "#string-help [data-insert]" : "#string-source [data-insert]";
    document.querySelectorAll(where)[detail.number - 1]?.click();
  });

  const show = (root) => root.querySelectorAll("[data-insert], [data-copy-source], [data-use], [data-mark-all], [data-open-keys]").forEach((button) => (button.hidden = false));
  document.addEventListener("htmx:load", (event) => show(event.target));
  show(document);
})();
