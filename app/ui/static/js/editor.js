// Reacts to: the keys of [data-desk] (its form[data-editor], its links [data-key-…], radios named state; see #page-keys)
// On a Mac Control takes the place of Alt, which writes letters there.
(() => {
  const MAC = /Mac|iPhone|iPad/.test(navigator.platform);
  const desk = () => document.querySelector("[data-desk]");
  const press = (selector) => desk().querySelector(selector)?.click();
  const state = (name) => () => press(`input[name="state"][value="${name}"]`);

  const PLAIN = {
    ArrowDown: () => press("[data-key-next]"),
    ArrowUp: () => press("[data-key-previous]"),
    KeyC: () => press("[data-copy-source]"),
    KeyA: state("approved"),
    KeyR: state("review"),
    KeyD: state("draft"),
    KeyM: () => document.getElementById("comment")?.focus(),
  };
  const WITH_SHIFT = {
    ArrowDown: () => press("[data-key-next-unfinished]"),
    ArrowUp: () => press("[data-key-previous-unfinished]"),
  };

  // AltGr writes letters in many languages: it is not Alt.
  const asked = (event) => (MAC ? event.ctrlKey && !event.altKey : event.altKey && !event.ctrlKey && !event.getModifierState("AltGraph"));

  function keyed(event) {
    const digit = /^Digit([1-9])$/.exec(event.code)?.[1];
    if (digit) return () => document.dispatchEvent(new CustomEvent("editor:insert", { detail: { number: Number(digit), help: event.shiftKey } }));
    return (event.shiftKey ? WITH_SHIFT : PLAIN)[event.code];
  }

  function chosen(event) {
    const control = event.ctrlKey || event.metaKey;
    if (control && event.key === "Enter") return () => press(event.shiftKey ? "[data-save-unfinished]" : "[data-save]");
    if (control && !event.altKey && event.key.toLowerCase() === "s") return () => press("[data-save-stay]");
    return asked(event) ? keyed(event) : undefined;
  }

  document.addEventListener("keydown", (event) => {
    if (!desk() || document.querySelector("dialog[open]")) return;
    const act = chosen(event);
    if (act) {
      event.preventDefault();
      act();
    } else if (event.key === "Escape") event.target.closest("[data-desk] textarea")?.blur();
    else if (event.key === "Enter" && event.target === document.body) {
      event.preventDefault();
      desk().querySelector("textarea")?.focus();
    }
  });

  // Where somebody else approves, what was changed by hand is no longer what was approved.
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-asks-review]");
    if (form && event.target.matches("textarea")) form.querySelector('input[name="state"][value="approved"]:checked') && state("review")();
  });
})();
