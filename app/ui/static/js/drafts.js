// Reacts to: form[data-draft="<locale>:<string>:<revision>"] (what is typed and not saved is kept in this window, and put back)
// · [data-forget] · [data-let-go]
(() => {
  const PREFIX = "unsaved:";
  const texts = (form) => [...form.querySelectorAll("textarea[name^='form-']")];
  const forget = (form) => sessionStorage.removeItem(PREFIX + form.dataset.draft);

  function keep(form) {
    const changed = texts(form).some((area) => area.value !== area.defaultValue);
    if (changed) sessionStorage.setItem(PREFIX + form.dataset.draft, JSON.stringify(texts(form).map((area) => area.value)));
    else forget(form);
  }

  function restore(root) {
    const form = root.querySelector?.("form[data-draft]");
    const kept = form && sessionStorage.getItem(PREFIX + form.dataset.draft);
    if (!kept) return;
    const values = JSON.parse(kept);
    texts(form).forEach((area, index) => (area.value = values[index] ?? area.value));
    form.closest("[data-desk]").querySelector("[data-restored]").hidden = false;
  }

  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-draft]");
    if (form) keep(form);
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-forget], [data-let-go]")) return;
    const form = document.querySelector("form[data-draft]");
    forget(form);
    texts(form).forEach((area) => (area.value = area.defaultValue));
    form.closest("[data-desk]").querySelector("[data-restored]").hidden = true;
  });
  // Saved: the answer shows another revision or another string.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const form = event.detail.requestConfig?.elt;
    if (form?.matches?.("form[data-draft]") && event.detail.xhr.status < 300) forget(form);
  });
  document.addEventListener("htmx:load", (event) => restore(event.target.parentNode ?? event.target));
  restore(document);
})();
