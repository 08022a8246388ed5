// Forms by keyboard (data-keys): Enter moves to the next field, Ctrl+Enter, ⌘+Enter, Ctrl+S or ⌘S saves.
// On every page the first field that was refused has the focus.
const FIELDS = "input:not([type=hidden]):not([readonly]), select, textarea, button:not([type=button])";

export function next(from: HTMLElement): void {
  const form = from.closest("form")!;
  const order = [...form.querySelectorAll<HTMLElement>(FIELDS)].filter(
    (field) => field.checkVisibility() && !field.matches(":disabled") && !isOneOfMany(field, from),
  );
  const after = order[order.indexOf(from) + 1];
  after?.focus();
  if (after instanceof HTMLInputElement && !/^(checkbox|radio|file|date|time|month|datetime-local)$/.test(after.type)) after.select();
}

// Radio buttons of one name are one stop, as with Tab.
function isOneOfMany(field: HTMLElement, from: HTMLElement): boolean {
  if (!(field instanceof HTMLInputElement) || field.type !== "radio" || field === from) return false;
  const group = [...field.form!.querySelectorAll<HTMLInputElement>(`[type=radio][name="${CSS.escape(field.name)}"]`)];
  if (from instanceof HTMLInputElement && from.name === field.name) return true;
  return field !== (group.find((one) => one.checked) ?? group[0]);
}

document.addEventListener("keydown", (event) => {
  const field = event.target as HTMLElement;
  const form = field.closest<HTMLFormElement>("form[data-keys]");
  if (!form || event.isComposing || event.defaultPrevented) return;
  const isSave = (event.ctrlKey || event.metaKey) && (event.key === "Enter" || event.key.toLowerCase() === "s");
  if (isSave) {
    event.preventDefault();
    form.requestSubmit();
  } else if (event.key === "Enter" && !event.shiftKey && !field.matches("button, a, textarea, summary, [type=submit], [type=file]")) {
    event.preventDefault();
    next(field);
  }
});

function firstRefused(within: ParentNode): void {
  const refused = within.querySelector<HTMLElement>("main [aria-invalid=true], .door [aria-invalid=true]");
  const field = refused?.matches("fieldset") ? refused.querySelector<HTMLElement>("input") : refused;
  field?.focus();
}
firstRefused(document);
document.addEventListener("htmx:afterSettle", (event) => {
  if ((event.target as HTMLElement).querySelector?.("[aria-invalid=true]")) firstRefused(document);
});
