(() => {
  "use strict";
  const key = (row, n) => {
    const cell = row.cells[n];
    const text = cell ? cell.dataset.sort ?? cell.textContent : "";
    return text !== "" && !isNaN(text) ? Number(text) : text;
  };
  const order = (a, b) => typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = [...table.tHead.rows[0].cells], body = table.tBodies[0];
    heads.forEach((head, n) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === (head.classList.contains("number") ? null : "ascending")
          || head.classList.contains("number") && head.getAttribute("aria-sort") !== "descending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const rows = [...body.rows].sort((a, b) => (down ? -1 : 1) * order(key(a, n), key(b, n)));
        body.append(...rows);
      });
    });
  }
})();
