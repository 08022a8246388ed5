// Small behaviours, each asked for by an attribute.
import { say } from "./toasts";

function closest(event: Event, selector: string): HTMLElement | null {
  return (event.target as HTMLElement).closest<HTMLElement>(selector);
}

// data-submit-on-change: a select or date field that is its own button.
document.addEventListener("change", (event) => {
  const field = event.target as HTMLElement;
  if (field.matches("[data-submit-on-change]")) field.closest("form")?.requestSubmit();
});

document.addEventListener("click", async (event) => {
  // data-print: the page's own print button.
  if (closest(event, "[data-print]")) window.print();

  // data-toast: says its text; what a server says comes by the event `toast` of HX-Trigger.
  const saying = closest(event, "[data-toast]");
  if (saying) say(saying.dataset.toast!, saying.dataset.tone);

  // data-copy: a field's text to the clipboard; where the browser keeps that shut, it stands marked.
  const copying = closest(event, "[data-copy]");
  const field = copying && document.getElementById(copying.dataset.copy!);
  if (field instanceof HTMLInputElement) {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      copying!.textContent = copying!.dataset.copied!;
    } catch {
      field.focus();
    }
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
function reachable(): void {
  document.querySelectorAll<HTMLElement>(".sheet-scroll").forEach((frame) => {
    if (frame.scrollWidth > frame.clientWidth || frame.scrollHeight > frame.clientHeight) frame.tabIndex = 0;
    else frame.removeAttribute("tabindex");
  });
}
reachable();
window.addEventListener("resize", reachable);
document.addEventListener("htmx:afterSettle", reachable);

// data-photo: show what was chosen before it is sent.
document.addEventListener("change", (event) => {
  const field = event.target as HTMLInputElement;
  const picture = field.closest("[data-photo]")?.querySelector("img");
  const file = field.files?.[0];
  if (!picture || !file) return;
  URL.revokeObjectURL(picture.src);
  picture.src = URL.createObjectURL(file);
  picture.hidden = false;
});

// data-narrows: of a list's links only those that hold what is typed.
document.addEventListener("input", (event) => {
  const field = event.target as HTMLInputElement;
  if (!field.dataset.narrows) return;
  const wanted = field.value.trim().toLowerCase();
  document.getElementById(field.dataset.narrows)!.querySelectorAll<HTMLElement>("a").forEach((link) => {
    link.hidden = !link.textContent!.toLowerCase().includes(wanted);
  });
});

// The server says one with the header HX-Trigger: {"toast": {"text": "...", "tone": "good"}}.
document.addEventListener("toast", (event) => {
  const { text, tone } = (event as CustomEvent<{ text: string; tone?: string }>).detail;
  say(text, tone);
});
