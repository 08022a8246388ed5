// Search over everything: Ctrl+K or ⌘K opens it, arrows choose, Enter goes there.
const dialog = document.querySelector<HTMLDialogElement>("#palette");
const field = document.querySelector<HTMLInputElement>("#palette-text");
let asked = ""; // what was sent last
let answered = ""; // what the options answer
let isDue = false; // Enter was pressed before its answer came
const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

function options(): HTMLAnchorElement[] {
  return [...dialog!.querySelectorAll<HTMLAnchorElement>("a[role=option]")];
}

function select(index: number): void {
  const all = options();
  all.forEach((option, at) => {
    option.id ||= `answer-${at}`;
    option.setAttribute("aria-selected", String(at === index));
  });
  field!.setAttribute("aria-expanded", String(all.length > 0));
  field!.setAttribute("aria-activedescendant", all[index]?.id ?? "");
  all[index]?.scrollIntoView({ block: "nearest" });
}

function selected(): number {
  return options().findIndex((option) => option.getAttribute("aria-selected") === "true");
}

function go(): void {
  const chosen = options()[selected()];
  if (chosen) chosen.click();
  else field!.form!.requestSubmit();
}

function open(): void {
  if (dialog!.open) return;
  dialog!.showModal();
  field!.select();
  window.htmx.trigger(field!, "palette-open", {});
}

if (dialog && field) {
  if (isMac) document.querySelector("[data-palette] kbd")!.textContent = "⌘K";
  document.querySelector("[data-palette]")!.addEventListener("click", (event) => {
    event.preventDefault();
    open();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });
  dialog.querySelector("[data-close-dialog]")!.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close()); // beside it
  field.addEventListener("keydown", (event) => {
    const all = options();
    if (event.isComposing) return;
    if (event.key === "Enter") {
      event.preventDefault();
      if (field.value.trim() === answered) go();
      else isDue = true; // the options there answer something else
    } else if (all.length && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      select((selected() + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length);
    }
  });
  field.addEventListener("input", () => (isDue = false));
  dialog.addEventListener("htmx:beforeRequest", () => (asked = field.value.trim()));
  dialog.addEventListener("htmx:afterSwap", () => {
    answered = asked;
    select(0);
    if (isDue && field.value.trim() === answered) go();
  });
  dialog.addEventListener("htmx:sendError", () => isDue && field.form!.requestSubmit());
}

export {}; // a module of its own
