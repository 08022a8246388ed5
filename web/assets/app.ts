// What every page loads: htmx, and small behaviours that forms may ask for by attribute.
import htmx from "htmx.org";
import { follow } from "./badge";

declare global {
  interface Window {
    htmx: typeof htmx;
  }
}
window.htmx = htmx;

document.querySelectorAll<HTMLElement>("[data-unread]").forEach(follow);

// data-submit-on-change: a select or date field that is its own button.
document.addEventListener("change", (event) => {
  const field = event.target as HTMLElement;
  if (field.matches("[data-submit-on-change]")) field.closest("form")?.requestSubmit();
});

// One press is one submit; the server's key makes a second harmless, this spares people the doubt.
document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (form.method !== "post") return;
  const isRefused = form.dataset.confirm && !window.confirm(form.dataset.confirm); // what cannot be undone
  if (form.dataset.sent || isRefused) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  form.querySelectorAll("button[type=submit]").forEach((button) => button.classList.add("is-busy"));
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll<HTMLFormElement>("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    form.querySelectorAll(".is-busy").forEach((button) => button.classList.remove("is-busy"));
  });
});

// data-print: the page's own print button.
document.addEventListener("click", (event) => {
  const button = (event.target as HTMLElement).closest("[data-print]");
  if (button) window.print();
});

// data-copy: a field's text to the clipboard; where the browser keeps that shut, it stands marked.
document.addEventListener("click", async (event) => {
  const button = (event.target as HTMLElement).closest<HTMLElement>("[data-copy]");
  const field = button && document.getElementById(button.dataset.copy!);
  if (!(field instanceof HTMLInputElement)) return;
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    button!.textContent = button!.dataset.copied!;
  } catch {
    field.focus();
  }
});

// Menus made of <details> close when one looks elsewhere.
document.addEventListener("click", (event) => {
  document.querySelectorAll<HTMLDetailsElement>("details.menu[open]").forEach((menu) => {
    if (!menu.contains(event.target as Node)) menu.open = false;
  });
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelectorAll<HTMLDetailsElement>("details.menu[open]").forEach((menu) => {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  });
});

// Wide tables scroll inside their own frame, and a keyboard must be able to reach them.
document.querySelectorAll<HTMLElement>(".sheet-scroll").forEach((frame) => {
  if (frame.scrollWidth > frame.clientWidth) frame.tabIndex = 0;
});

// The tab that is open stands in view on a narrow screen.
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
