// Reacts to: [data-reveal="<id of a password>"] · dialog[data-confirm] (asks for the password, then sends again what waited)
// · [data-close-confirm]
(() => {
  let waiting = null; // the request that was answered with the dialog
  let isSentAgain = false;
  const place = () => document.querySelector("#confirm");

  const show = (root) => root.querySelectorAll("[data-reveal]").forEach((button) => (button.hidden = false));
  document.addEventListener("htmx:load", (event) => show(event.target));
  show(document);

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-reveal]");
    if (button) {
      const input = document.getElementById(button.dataset.reveal);
      const isShown = input.type === "password";
      input.type = isShown ? "text" : "password";
      button.setAttribute("aria-pressed", String(isShown));
    }
    if (event.target.closest("[data-close-confirm]")) close();
  });

  function close() {
    waiting = null;
    place().replaceChildren();
  }

  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.xhr?.getResponseHeader("HX-Retarget") === "#confirm") waiting = event.detail.requestConfig;
  });

  document.addEventListener("htmx:afterSettle", () => {
    const dialog = document.querySelector("dialog[data-confirm]:not([open])");
    if (!dialog) return;
    dialog.addEventListener("close", close);
    dialog.showModal();
  });

  // What was asked for is asked for again, as it was; a question that was answered is not put again.
  document.addEventListener("confirmed", () => {
    const again = waiting;
    close();
    if (!again) return;
    isSentAgain = true;
    window.htmx.ajax(again.verb, again.path, { source: again.elt });
    isSentAgain = false;
  });

  document.addEventListener("htmx:confirm", (event) => {
    if (!isSentAgain || !event.detail.question) return;
    event.preventDefault();
    event.detail.issueRequest(true);
  });
})();
