// The till: find by typing, sums while typing, one key saves. The form works without it.

interface Item {
  code: string;
  name: string;
  category: string;
  price: number;
}

const form = document.querySelector<HTMLFormElement>("form.till")!;
const items = JSON.parse(form.dataset.items ?? "[]") as Item[];
const lines = form.querySelector<HTMLElement>("[data-lines]")!;
const tenders = form.querySelector<HTMLElement>("[data-tenders]")!;

/* --- money, in fen ------------------------------------------------------------------------- */
function fen(text: string): number | null {
  const bare = text.trim().replace(/[¥￥,，\s]/g, "").replace("。", ".");
  return /^\d{1,12}(\.\d{1,2})?$/.test(bare) ? Math.round(Number(bare) * 100) : null;
}

function plain(value: number): string {
  return (value / 100).toFixed(2);
}

function shown(value: number): string {
  const sign = value < 0 ? "-" : "";
  return `${sign}${document.body.dataset.money}${(Math.abs(value) / 100).toLocaleString("en-US", { minimumFractionDigits: 2 })}`;
}

function input(row: Element, name: string): HTMLInputElement {
  return row.querySelector<HTMLInputElement>(`[name="${name}"]`)!;
}

function itemOf(text: string): Item | undefined {
  const typed = text.trim();
  const code = typed.split(/\s+/)[0] ?? "";
  return items.find((item) => item.code === code) ?? items.find((item) => item.name === typed);
}

/* --- rows ----------------------------------------------------------------------------------- */
function addRow(into: HTMLElement): HTMLElement {
  const template = into.querySelector<HTMLTemplateElement>(":scope > template")!;
  const row = (template.content.cloneNode(true) as DocumentFragment).firstElementChild as HTMLElement;
  into.append(row);
  return row;
}

function rows(into: HTMLElement): HTMLElement[] {
  return [...into.querySelectorAll<HTMLElement>(":scope > .row-of")];
}

function isEmpty(row: HTMLElement): boolean {
  return input(row, "item") ? !input(row, "item").value.trim() && !input(row, "amount").value.trim() : false;
}

// The server sends spare rows for a browser without scripts; with scripts one is enough.
rows(lines).filter(isEmpty).slice(1).forEach((row) => row.remove());
rows(tenders).slice(1).filter((row) => !input(row, "tender_amount").value.trim()).forEach((row) => row.remove());

function sums(): void {
  const due = rows(lines).reduce((sum, row) => sum + (fen(input(row, "amount").value) ?? 0), 0);
  const paying = rows(tenders);
  // The first tender nobody typed an amount into takes what the others leave.
  const open = paying.find((row) => !input(row, "tender_amount").dataset.typed);
  const others = paying
    .filter((row) => row !== open)
    .reduce((sum, row) => sum + (fen(input(row, "tender_amount").value) ?? 0), 0);
  if (open) input(open, "tender_amount").value = due - others > 0 ? plain(due - others) : "";
  const paid = paying.reduce((sum, row) => sum + (fen(input(row, "tender_amount").value) ?? 0), 0);
  form.querySelector("[data-due]")!.textContent = shown(due);
  const rest = form.querySelector<HTMLElement>("[data-rest]")!;
  rest.textContent = shown(due - paid);
  rest.closest(".rest")!.classList.toggle("open", due !== paid);
}

function priceLine(row: HTMLElement): void {
  const item = itemOf(input(row, "item").value);
  const amount = input(row, "amount");
  const quantity = Number(input(row, "quantity").value) || 0;
  if (item && !amount.dataset.typed) amount.value = plain(item.price * quantity);
}

function spareLine(): void {
  const listed = rows(lines);
  const last = listed[listed.length - 1];
  if (!last || !isEmpty(last)) addRow(lines);
}

/* --- finding: one list under a field, for items (here) and customers (from the server) -------- */
function choose(field: HTMLInputElement, button: HTMLElement): void {
  field.value = button.dataset.value ?? "";
  listOf(field).replaceChildren();
  const row = field.closest<HTMLElement>(".line-row");
  if (row) {
    priceLine(row);
    spareLine();
    sums();
  }
  next(field);
}

function listOf(field: HTMLElement): HTMLElement {
  return field.closest(".finder")!.querySelector<HTMLElement>(".found")!;
}

function offer(field: HTMLInputElement): void {
  const typed = field.value.trim().toLowerCase();
  const hits = items
    .filter((item) => `${item.code} ${item.name}`.toLowerCase().includes(typed))
    .slice(0, 12);
  listOf(field).replaceChildren(
    ...hits.map((item) => {
      const line = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.tabIndex = -1;
      button.dataset.value = `${item.code} ${item.name}`;
      const code = document.createElement("span");
      code.className = "faint";
      code.textContent = item.code;
      const name = document.createElement("span");
      name.textContent = item.name;
      const price = document.createElement("span");
      price.className = "end";
      price.textContent = shown(item.price);
      button.append(code, name, price);
      line.append(button);
      return line;
    }),
  );
  mark(field, 0);
}

function mark(field: HTMLElement, index: number): void {
  const buttons = [...listOf(field).querySelectorAll("button")];
  buttons.forEach((button, at) => button.setAttribute("aria-selected", String(at === index)));
  buttons[index]?.scrollIntoView({ block: "nearest" });
}

function marked(field: HTMLElement): number {
  return [...listOf(field).querySelectorAll("button")].findIndex((b) => b.getAttribute("aria-selected") === "true");
}

function next(from: HTMLElement): void {
  const fields = form.querySelectorAll<HTMLElement>("input:not([type=hidden]), select, button[type=submit]");
  const order = [...fields].filter((field) => field.checkVisibility()); // not those folded away
  const after = order[order.indexOf(from) + 1];
  after?.focus();
  if (after instanceof HTMLInputElement) after.select();
}

/* --- events ------------------------------------------------------------------------------------ */
form.addEventListener("input", (event) => {
  const field = event.target as HTMLInputElement;
  if (field.name === "item") offer(field);
  if (field.name === "amount" || field.name === "tender_amount") field.dataset.typed = field.value.trim() ? "yes" : "";
  if (field.name === "amount" && !field.dataset.typed) delete field.dataset.typed;
  if (field.name === "tender_amount" && !field.dataset.typed) delete field.dataset.typed;
  const row = field.closest<HTMLElement>(".line-row");
  if (row && field.name !== "amount") priceLine(row);
  if (row) spareLine();
  if (field.name !== "tender_amount" || field.dataset.typed) sums();
});

form.addEventListener("focusin", (event) => {
  const field = event.target as HTMLInputElement;
  if (field.name === "item" && !field.value) offer(field);
});

form.addEventListener("focusout", (event) => {
  const field = event.target as HTMLInputElement;
  if (field.matches?.(".finder input")) setTimeout(() => listOf(field).replaceChildren(), 150);
  if (field.name === "tender_amount") sums();
});

form.addEventListener("keydown", (event) => {
  const field = event.target as HTMLInputElement;
  if (event.key === "F9" || (event.key === "Enter" && (event.ctrlKey || event.metaKey))) {
    event.preventDefault();
    form.requestSubmit();
    return;
  }
  const inFinder = field.matches(".finder input");
  const buttons = inFinder ? [...listOf(field).querySelectorAll<HTMLElement>("button")] : [];
  if (inFinder && (event.key === "ArrowDown" || event.key === "ArrowUp") && buttons.length) {
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    mark(field, (marked(field) + step + buttons.length) % buttons.length);
  } else if (inFinder && event.key === "Escape") {
    listOf(field).replaceChildren();
  } else if (event.key === "Enter" && field.tagName !== "BUTTON" && !event.isComposing) {
    event.preventDefault();
    const picked = inFinder ? buttons[marked(field)] : undefined;
    // An empty spare line means: no more items, on to the money.
    if (field.name === "item" && !field.value.trim()) {
      listOf(field).replaceChildren();
      form.querySelector<HTMLElement>("[data-tenders] select")?.focus();
    } else if (picked && itemOf(field.value) === undefined) choose(field, picked);
    else if (picked && field.name === "customer") choose(field, picked);
    else next(field);
  }
});

form.addEventListener("mousedown", (event) => {
  const button = (event.target as HTMLElement).closest<HTMLElement>(".found button");
  if (!button) return;
  event.preventDefault(); // keep the focus in the field until it has its value
  choose(button.closest(".finder")!.querySelector("input")!, button);
});

form.addEventListener("click", (event) => {
  const target = event.target as HTMLElement;
  if (target.closest("[data-drop]")) {
    target.closest(".row-of")?.remove();
    spareLine();
    if (!rows(tenders).length) addRow(tenders);
    sums();
  }
  if (target.closest("[data-add-tender]")) {
    // what stands in the others was meant; the new one takes the rest
    rows(tenders).forEach((row) => {
      const amount = input(row, "tender_amount");
      if (amount.value) amount.dataset.typed = "yes";
    });
    addRow(tenders).querySelector("select")?.focus();
    sums();
  }
});

form.addEventListener("submit", () => {
  rows(lines).filter(isEmpty).forEach((row) => row.remove());
});

// The customer's list comes by htmx; the first hit is marked as soon as it is there.
document.addEventListener("htmx:afterSwap", (event) => {
  const list = event.target as HTMLElement;
  const field = list.closest(".finder")?.querySelector<HTMLElement>("input");
  if (field && document.activeElement === field) mark(field, 0);
  else list.replaceChildren();
});

// Amounts that came back with an error were typed by somebody.
form.querySelectorAll<HTMLInputElement>("[name=amount], [name=tender_amount]").forEach((field) => {
  if (field.value) field.dataset.typed = "yes";
});
spareLine();
sums();

export {}; // a module of its own
