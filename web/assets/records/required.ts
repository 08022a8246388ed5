// Fields that are required on a condition, shown while one types: data-required-if holds the condition as
// shared/forms/conditions.py writes it, its first element names the kind. Within data-as-needed they are
// only there while they are required, or filled in.
type Condition = [string, ...unknown[]];
type Value = string | boolean;
type Values = (field: string) => Value[];

function valuesOf(form: HTMLFormElement): Values {
  return (field) => {
    const shown = form.querySelector<HTMLElement>(`[data-value-of="${field}"]`);
    if (shown) return [shown.dataset.value!];
    const found = [...form.querySelectorAll<HTMLInputElement | HTMLSelectElement>(`[name="${field}"]`)];
    return found.flatMap((one): Value[] => {
      if (one instanceof HTMLInputElement && one.type === "checkbox" && one.value === "true") return [one.checked];
      if (one instanceof HTMLInputElement && /^(checkbox|radio)$/.test(one.type)) return one.checked ? [one.value] : [];
      return one.value ? [one.value] : [];
    });
  };
}

export function holds(condition: Condition, values: Values): boolean {
  const [kind, ...rest] = condition;
  if (kind === "one_of") {
    const [field, wanted] = rest as [string, Value[]];
    return values(field).some((value) => wanted.includes(value));
  }
  if (kind === "at_least") {
    const [field, bound] = rest as [string, number];
    return values(field).some((value) => Number(value) >= bound);
  }
  if (kind === "present") return values(rest[0] as string).some((value) => value !== "" && value !== false);
  if (kind === "every") return (rest as Condition[]).every((part) => holds(part, values));
  if (kind === "any") return (rest as Condition[]).some((part) => holds(part, values));
  if (kind === "unless") return !holds(rest[0] as Condition, values);
  return false; // a kind this page does not know: the server asks
}

function mark(place: HTMLElement, required: boolean): void {
  const label = place.querySelector(".form-label");
  const star = label?.querySelector(".required");
  if (required && !star && label) {
    const made = document.createElement("span");
    made.className = "required";
    made.setAttribute("aria-hidden", "true");
    made.textContent = " *";
    label.append(made);
  } else if (!required) star?.remove();
  const fields = [...place.querySelectorAll<HTMLInputElement>(".form-control, .form-select, textarea")].filter((field) => field.type !== "hidden");
  for (const field of fields) field.required = required;
  if (place.closest("[data-as-needed]")) place.hidden = !required && fields.every((field) => !field.value);
}

const isOneOfMany = (one: HTMLInputElement | HTMLSelectElement): boolean =>
  one.type === "radio" || (one.type === "checkbox" && one.value !== "true");

function firstEmpty(form: HTMLFormElement): HTMLElement | undefined {
  const fields = form.querySelectorAll<HTMLInputElement | HTMLSelectElement>(".twelfths :is(input, select, textarea)");
  return [...fields].find((one) => one.checkVisibility() && (isOneOfMany(one) ? !form.querySelector(`[name="${one.name}"]:checked`) : !one.value));
}

// Ctrl+↓ goes on to the next field that must be filled in and is not.
function nextMissing(form: HTMLFormElement): HTMLElement | undefined {
  const open = [...form.querySelectorAll<HTMLElement>(".place:has(.required)")]
    .filter((place) => {
      const fields = [...place.querySelectorAll<HTMLInputElement>("input[name], select, textarea")].filter((one) => !/^mark\./.test(one.name));
      return !fields.some((one) => (/^(checkbox|radio)$/.test(one.type) ? one.checked : one.value));
    })
    .map((place) => place.querySelector<HTMLElement>("input:not([type=hidden]), select, textarea")!);
  const here = document.activeElement;
  return open.find((field) => here && here.compareDocumentPosition(field) & Node.DOCUMENT_POSITION_FOLLOWING) ?? open[0];
}

document.querySelectorAll<HTMLFormElement>("form.record-form, form.booking").forEach((form) => {
  const places = [...form.querySelectorAll<HTMLElement>("[data-required-if]")];
  const conditions = places.map((place) => JSON.parse(place.dataset.requiredIf!) as Condition);
  const values = valuesOf(form);
  const look = () => places.forEach((place, at) => mark(place, holds(conditions[at]!, values)));
  form.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    nextMissing(form)?.focus();
  });
  form.addEventListener("input", look);
  form.addEventListener("change", look);
  look();
  // One begins where something waits: a warning for its reason, else the first field that is empty.
  const waiting = form.querySelector<HTMLElement>("[name^='reason.']") ?? firstEmpty(form);
  if (!form.querySelector("[aria-invalid=true]")) waiting?.focus();
});
