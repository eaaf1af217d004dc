// Reacts to: table[data-sortable] th[data-sort="text|number"] · input[data-filter="<id of a table>"]
// A cell sorts by its data-value, else by its text; rows without a value stay at the end.
(() => {
  const value = (row, column) => {
    const cell = row.cells[column];
    return cell ? (cell.dataset.value ?? cell.textContent.trim()) : "";
  };

  function sort(head) {
    const table = head.closest("table");
    const column = head.cellIndex;
    const down = head.getAttribute("aria-sort") === "ascending";
    const numbers = head.dataset.sort === "number";
    table.querySelectorAll("[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const order = (a, b) => (numbers ? Number(a) - Number(b) : a.localeCompare(b, document.documentElement.lang, { numeric: true }));
    const rows = [...table.tBodies[0].rows].sort((one, other) => {
      const [a, b] = [value(one, column), value(other, column)];
      if (a === "" || b === "") return (a === "") - (b === "");
      return down ? order(b, a) : order(a, b);
    });
    table.tBodies[0].append(...rows);
  }

  function prepare(root) {
    root.querySelectorAll("table[data-sortable] th[data-sort]:not(:has(.sorter))").forEach((head) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sorter";
      button.append(...head.childNodes);
      button.addEventListener("click", () => sort(head));
      head.append(button);
    });
  }

  document.addEventListener("input", (event) => {
    const wanted = event.target.dataset?.filter;
    if (!wanted) return;
    const words = event.target.value.toLowerCase().split(/\s+/);
    document.querySelectorAll(`#${CSS.escape(wanted)} tbody tr`).forEach((row) => {
      row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word));
    });
  });
  document.addEventListener("htmx:load", (event) => prepare(event.target));
  prepare(document);
})();
