// Reacts to: [data-key] links (g, then the letter) · [data-open-keys] · [data-close-dialog] · details[data-popover] · j and k in tables
(() => {
  const PAUSE_MS = 1200; // between g and the letter
  let pressedG = 0;

  const typing = (element) => element.closest("input, select, textarea, [contenteditable], dialog[open]");
  // A page with keys of its own shows those.
  const keys = () => document.getElementById("page-keys") ?? document.getElementById("keys");

  function walk(step) {
    const rows = [...document.querySelectorAll("main .table tbody tr")].filter((row) => !row.hidden && row.querySelector("a"));
    if (!rows.length) return;
    const here = rows.findIndex((row) => row.contains(document.activeElement));
    rows[Math.min(rows.length - 1, Math.max(0, here + step))].querySelector("a").focus();
  }

  function closePopovers(except) {
    document.querySelectorAll("details[data-popover][open]").forEach((open) => {
      if (open === except || open.contains(except)) return;
      open.open = false;
    });
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const open = document.querySelector("details[data-popover][open]");
      closePopovers();
      open?.querySelector("summary").focus();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (Date.now() - pressedG < PAUSE_MS) {
      pressedG = 0;
      document.querySelector(`[data-key="${CSS.escape(event.key)}"]`)?.click();
    } else if (event.key === "g") pressedG = Date.now();
    else if (event.key === "?") keys()?.showModal();
    else if (event.key === "j") walk(1);
    else if (event.key === "k") walk(-1);
  });

  document.addEventListener("click", (event) => {
    closePopovers(event.target);
    if (event.target.closest("[data-open-keys]")) keys()?.showModal();
    if (event.target.closest("[data-close-dialog]") || event.target.nodeName === "DIALOG") event.target.closest("dialog").close();
  });
  document.querySelectorAll("[data-open-keys]").forEach((button) => (button.hidden = false));
})();
