// A field that finds while one types: htmx fills the list beneath it, arrows and Enter choose.
// data-reference: the hidden field beside holds what was chosen; typing anew forgets it.
import { next } from "./keys";

function listOf(field: Element): HTMLElement {
  return field.closest(".finder")!.querySelector<HTMLElement>(".found")!;
}

function offered(field: Element): HTMLElement[] {
  return [...listOf(field).querySelectorAll<HTMLElement>("button")];
}

function mark(field: HTMLElement, index: number): void {
  const buttons = offered(field);
  buttons.forEach((button, at) => {
    const option = button.closest<HTMLElement>("[role=option]") ?? button;
    option.id ||= `${field.id}-found-${at}`;
    option.setAttribute("aria-selected", String(at === index));
    if (at === index) field.setAttribute("aria-activedescendant", option.id);
  });
  buttons[index]?.scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-expanded", String(buttons.length > 0));
  if (!buttons.length) field.removeAttribute("aria-activedescendant");
}

function marked(field: Element): number {
  return offered(field).findIndex((button) => button.closest("[aria-selected=true]"));
}

function choose(field: HTMLInputElement, button: HTMLElement): void {
  field.value = button.dataset.text ?? button.textContent!.trim();
  const kept = field.closest(".finder")!.querySelector<HTMLInputElement>("input[type=hidden]")!;
  kept.value = button.dataset.value ?? "";
  kept.dispatchEvent(new Event("change", { bubbles: true }));
  clear(field);
  next(field);
}

function clear(field: HTMLElement): void {
  listOf(field).replaceChildren();
  mark(field, -1);
}

const FIELD = "[data-reference] input:not([type=hidden])";

document.addEventListener("input", (event) => {
  const field = event.target as HTMLInputElement;
  if (!field.matches(FIELD)) return;
  field.closest(".finder")!.querySelector<HTMLInputElement>("input[type=hidden]")!.value = "";
  if (!field.value.trim()) clear(field);
});

document.addEventListener(
  "keydown",
  (event) => {
    const field = event.target as HTMLInputElement;
    if (!field.matches?.(FIELD) || event.isComposing) return;
    const buttons = offered(field);
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && buttons.length) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      mark(field, (marked(field) + step + buttons.length) % buttons.length);
    } else if (event.key === "Escape" && buttons.length) {
      event.stopPropagation();
      clear(field);
    } else if (event.key === "Enter" && buttons[marked(field)] && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      event.stopPropagation();
      choose(field, buttons[marked(field)]!);
    }
  },
  true,
);

document.addEventListener("mousedown", (event) => {
  const button = (event.target as HTMLElement).closest<HTMLElement>("[data-reference] .found button");
  if (!button) return;
  event.preventDefault(); // keep the focus in the field until it has its value
  choose(button.closest(".finder")!.querySelector<HTMLInputElement>("input:not([type=hidden])")!, button);
});

document.addEventListener("focusout", (event) => {
  const field = event.target as HTMLElement;
  if (field.matches?.(FIELD)) clear(field);
});

document.addEventListener("htmx:afterSwap", (event) => {
  const field = (event.target as HTMLElement).closest("[data-reference]")?.querySelector<HTMLElement>("input:not([type=hidden])");
  if (!field) return;
  if (document.activeElement === field) mark(field, 0);
  else clear(field);
});
