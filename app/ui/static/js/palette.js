// Reacts to: [data-open-palette] and the key "/" · lists every room and every link of the page, narrowed while typing
(() => {
  const palette = document.getElementById("palette");
  if (!palette) return;
  const input = palette.querySelector("input");
  const list = palette.querySelector("ul");
  const none = palette.querySelector("[data-palette-none]");
  const MOST = 50;
  let places = [];
  let chosen = 0;

  function gather() {
    const seen = new Map();
    document.querySelectorAll(".rail a[href], main a[href]").forEach((link) => {
      const name = link.textContent.trim().replace(/\s+/g, " ");
      if (name && !link.hash && !seen.has(link.href)) seen.set(link.href, { name, href: link.href, path: link.pathname });
    });
    places = [...seen.values()];
  }

  function option(place, index) {
    const item = document.createElement("li");
    const where = document.createElement("span");
    where.className = "where";
    where.textContent = place.path;
    item.id = `place-${index}`;
    item.role = "option";
    item.dataset.href = place.href;
    item.append(place.name, where);
    return item;
  }

  function choose(index) {
    chosen = Math.max(0, Math.min(list.children.length - 1, index));
    [...list.children].forEach((item, at) => item.setAttribute("aria-selected", at === chosen));
    list.children[chosen]?.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", list.children[chosen]?.id ?? "");
  }

  function narrow() {
    const words = input.value.toLowerCase().split(/\s+/);
    const fits = ({ name, path }) => words.every((word) => `${name} ${path}`.toLowerCase().includes(word));
    list.replaceChildren(...places.filter(fits).slice(0, MOST).map(option));
    none.hidden = list.children.length > 0;
    choose(0);
  }

  function open() {
    gather();
    input.value = "";
    narrow();
    palette.showModal();
  }

  input.addEventListener("input", narrow);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen - 1);
    else if (event.key === "Enter" && list.children[chosen]) location.assign(list.children[chosen].dataset.href);
    else return;
    event.preventDefault();
  });
  list.addEventListener("click", (event) => {
    const item = event.target.closest("[data-href]");
    if (item) location.assign(item.dataset.href);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target.closest("input, select, textarea, dialog[open]")) return;
    event.preventDefault();
    open();
  });
  document.querySelectorAll("[data-open-palette]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", open);
  });
})();
