// Reacts to: form[data-editor] (Ctrl+Enter presses its [data-save]; Alt+↑ and Alt+↓ follow [data-key-previous] and [data-key-next])
(() => {
  document.addEventListener("keydown", (event) => {
    const form = event.target.closest("form[data-editor]");
    if (form && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("[data-save]"));
    }
    if (!document.querySelector("form[data-editor]") || !event.altKey) return;
    const towards = { ArrowUp: "[data-key-previous]", ArrowDown: "[data-key-next]" }[event.key];
    if (towards) document.querySelector(towards)?.click();
  });
})();
