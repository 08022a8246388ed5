// Drafts: what somebody typed into a form marked `data-draft="name"` outlives a lost session or network.
//
// Kept: the values of that form's fields as typed, personal data of a customer among them, in this
// browser's localStorage under the person, the tenant and the form (`draft:<person>:<tenant>:<form>`).
// Never kept: passwords, files, hidden fields, fields marked data-no-draft.
// Cleared: when the form was saved (the server leads on to another page after it), when the person
// signs out, when they throw it away, and after twelve hours, the longest that a session lasts.
// A form that was refused says data-refused: then nothing was saved.
interface Draft {
  at: number;
  sent?: boolean;
  values: [string, string][];
}

const LONGEST_MS = 12 * 3600 * 1000;
const PREFIX = "draft:";
const { person, tenant } = document.body.dataset;

function read(key: string): Draft | null {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null") as Draft | null;
  } catch {
    return null;
  }
}

function keep(key: string, draft: Draft): void {
  try {
    localStorage.setItem(key, JSON.stringify(draft));
  } catch {
    // a full or forbidden store: the form works without
  }
}

function keys(): string[] {
  return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
}

function keyOf(form: HTMLFormElement): string {
  return `${PREFIX}${person}:${tenant}:${form.dataset.draft}`;
}

type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

function fieldsOf(form: HTMLFormElement): Field[] {
  return [...form.elements].filter(
    (field): field is Field =>
      field.matches("input[name], select[name], textarea[name]") &&
      !field.matches("[type=password], [type=file], [data-no-draft], [readonly]") &&
      (!field.matches("[type=hidden]") || field.closest("[data-reference], [data-kept]") !== null),
  );
}

function valuesOf(form: HTMLFormElement): [string, string][] {
  return fieldsOf(form)
    .filter((field) => !(field instanceof HTMLInputElement && /^(radio|checkbox)$/.test(field.type)) || (field as HTMLInputElement).checked)
    .map((field) => [field.name, field.value]);
}

function fill(form: HTMLFormElement, values: [string, string][]): void {
  const left = new Map<string, string[]>();
  values.forEach(([name, value]) => left.set(name, [...(left.get(name) ?? []), value]));
  for (const field of fieldsOf(form)) {
    const typed = left.get(field.name);
    if (field instanceof HTMLInputElement && /^(radio|checkbox)$/.test(field.type)) {
      field.checked = typed?.includes(field.value) ?? false;
    } else if (typed?.length) field.value = typed.shift()!;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function offer(form: HTMLFormElement, draft: Draft): void {
  const template = document.querySelector<HTMLTemplateElement>("#draft-offer");
  if (!template) return;
  const line = (template.content.cloneNode(true) as DocumentFragment).firstElementChild as HTMLElement;
  const time = line.querySelector("time")!;
  time.dateTime = new Date(draft.at).toISOString();
  time.textContent = new Date(draft.at).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
  line.querySelector("[data-take]")!.addEventListener("click", () => {
    fill(form, draft.values);
    line.remove();
    fieldsOf(form).find((field) => field.checkVisibility())?.focus();
  });
  line.querySelector("[data-drop-draft]")!.addEventListener("click", () => {
    localStorage.removeItem(keyOf(form));
    line.remove();
  });
  form.before(line);
  form.closest("details")?.setAttribute("open", ""); // an offer in a fold would be seen by nobody
}

// Saved means: the form was sent, and this page came by the redirect that follows a saved form.
function cameByRedirect(): boolean {
  const [came] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return came?.type === "navigate" && came.redirectCount > 0;
}

function settle(): void {
  for (const key of keys()) {
    const draft = read(key);
    if (!draft || Date.now() - draft.at > LONGEST_MS) localStorage.removeItem(key);
    else if (draft.sent) {
      const isMine = person !== undefined && key.startsWith(`${PREFIX}${person}:${tenant}:`);
      const form = [...document.querySelectorAll<HTMLFormElement>("form[data-draft]")].find((one) => keyOf(one) === key);
      if (isMine && cameByRedirect() && !form?.matches("[data-refused]")) localStorage.removeItem(key);
      else keep(key, { ...draft, sent: false }); // the door, an error, the form again: not saved
    }
  }
}

settle();
document.querySelectorAll<HTMLFormElement>("form[data-draft]").forEach((form) => {
  const key = keyOf(form);
  const draft = read(key);
  const isRefused = form.matches("[data-refused]"); // it still stands in the fields
  if (draft && !isRefused && JSON.stringify(draft.values) !== JSON.stringify(valuesOf(form))) offer(form, draft);
  let waiting = 0;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = window.setTimeout(() => keep(key, { at: Date.now(), values: valuesOf(form) }), 300);
  });
  form.addEventListener("submit", () => {
    clearTimeout(waiting);
    keep(key, { at: Date.now(), sent: true, values: valuesOf(form) });
  });
  form.addEventListener("htmx:afterRequest", (event) => {
    const { successful, elt } = (event as CustomEvent<{ successful: boolean; elt: Element }>).detail;
    if (elt === form && successful) localStorage.removeItem(key);
  });
});

// data-leaves: the form that signs out.
document.addEventListener("submit", (event) => {
  if (!(event.target as HTMLElement).matches("[data-leaves]")) return;
  keys().filter((key) => key.startsWith(`${PREFIX}${person}:`)).forEach((key) => localStorage.removeItem(key));
});

export {}; // a module of its own
