// Change a booking by its verb: at once on the screen, back again when refused; doubts are asked; undone by the same verb.
import { say as toast } from "../toasts";
import { lost, sessionLost } from "../trouble";
import { bookingElement, draw } from "./draw";
import { type Booking, type Change, clock, find, later, lengthOf, nameOf, page, root, say, start, state, words } from "./model";

interface Problem { field: string; code: string; message_zh: string; message_en: string; severity?: string; needs_second?: boolean }
interface Refusal { code?: string; detail?: string; errors?: Problem[] }
interface Done { id: number; seen: number; made: number; back: Change }

const MOST_UNDONE = 20;
const isChinese = document.documentElement.lang.startsWith("zh");
const undoing: Done[] = [];
const undoButton = document.querySelector<HTMLButtonElement>("#board-undo");
export const saving = new Set<number>();
let askNow = (): void => undefined;
export function onChanged(ask: () => void): void {
  askNow = ask;
}

export async function change(id: number, wanted: Change, version = find(id)?.version ?? 0): Promise<void> {
  const known = find(id);
  if (!known || !Object.keys(wanted).length || saving.has(id)) return draw();
  const back = before(known, wanted);
  const made = await keep(known, wanted, version);
  if (!made) return;
  undoing.push({ id, seen: version, made, back });
  undoing.splice(0, undoing.length - MOST_UNDONE);
  showUndo();
}

export async function undo(): Promise<void> {
  const last = undoing.at(-1);
  if (!last || saving.has(last.id)) return;
  undoing.pop();
  showUndo();
  const known = find(last.id);
  if (!known) return;
  const made = await keep(known, last.back, last.made);
  if (!made) return;
  // an older change of the same booking may be undone too, unless somebody came between
  for (const one of undoing) if (one.id === last.id && one.made === last.seen) one.made = made;
  toast(say("undone", { who: known.guest }), "good");
}

// Send it, with what the second person or a reason adds; gives the new version, 0 when it was not done.
async function keep(known: Booking, wanted: Change, version: number): Promise<number> {
  const id = known.id;
  saving.add(id);
  put({ ...known, ...wanted, end_at: endOf(known, wanted) });
  draw();
  bookingElement(id)?.classList.add("is-saving");
  let made = 0;
  let doubts: Problem[] = [];
  let added: object = {};
  for (;;) {
    const answer = await send(id, { ...wanted, ...added }, version);
    if (answer?.ok) {
      const row = (await answer.json()) as Partial<Booking>;
      made = Number(row.version);
      const now = find(id) ?? known;
      const { start_at = now.start_at, end_at = now.end_at, stage = now.stage } = row;
      put({ ...now, start_at, end_at, stage, version: made });
      break;
    }
    if (!answer) lost("offline");
    doubts = answer ? await doubtsOf(answer, doubts) : [];
    const more = doubts.length ? await ask(doubts) : null;
    if (!more) break;
    added = more;
  }
  saving.delete(id);
  if (!made) put(known);
  draw();
  if (!made) bookingElement(id)?.classList.add("is-refused");
  askNow();
  return made;
}

async function send(id: number, body: object, version: number): Promise<Response | null> {
  const headers = { "Content-Type": "application/json", "If-Match": `"${version}"`, "X-CSRFToken": token() };
  const url = page.changeUrl!.replace(/0$/, `${id}`);
  return fetch(url, { method: "PATCH", headers, body: JSON.stringify(body) }).catch(() => null);
}

export function token(): string {
  return (JSON.parse(document.body.getAttribute("hx-headers")!) as Record<string, string>)["X-CSRFToken"]!;
}

// What may be confirmed of a refusal; nothing when it is refused for good, then that is said.
async function doubtsOf(answer: Response, before: Problem[]): Promise<Problem[]> {
  if (answer.status === 401) return sessionLost(), [];
  const refusal = (await answer.json().catch(() => ({}))) as Refusal;
  const errors = refusal.errors ?? [];
  const unsigned = errors.length > 0 && errors.every((one) => one.field.startsWith("approver"));
  form.querySelector(".field-error")!.textContent = unsigned ? errors.map(text).join(" ") : "";
  if (unsigned) return before; // a wrong name or password: asked again
  if (errors.length && errors.every((one) => one.severity === "warning")) return errors;
  toast([...new Set(errors.map(text))].join(" ") || refusal.detail || words.failed!, "bad");
  return [];
}

const text = (one: Problem): string => (isChinese ? one.message_zh : one.message_en);

/* --- the dialog in which a doubt is confirmed, by a second person where one is needed --------------- */
const dialog = root.querySelector<HTMLDialogElement>("#board-doubt")!;
const form = dialog.querySelector("form")!;

function ask(doubts: Problem[]): Promise<object | null> {
  const second = form.querySelector<HTMLFieldSetElement>("fieldset")!;
  second.disabled = second.hidden = !doubts.some((one) => one.needs_second);
  form.querySelector("[data-doubts]")!.replaceChildren(
    ...[...new Set(doubts.map(text))].map((one) => Object.assign(document.createElement("li"), { textContent: one })),
  );
  form.querySelector<HTMLInputElement>("[name=approver_password]")!.value = "";
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      if (dialog.returnValue !== "yes") return resolve(null);
      const typed = Object.fromEntries(new FormData(form)) as Record<string, string>;
      const { reason, ...signature } = typed;
      resolve({ confirmations: doubts.map(({ field, code }) => ({ field, code, reason })), ...signature });
    }, { once: true });
  });
}

/* --- small things ------------------------------------------------------------------------------------ */
function put(one: Booking): void {
  const all = state.board.appointments;
  const index = all.findIndex((other) => other.id === one.id);
  if (index >= 0) all[index] = one;
}

function before(known: Booking, wanted: Change): Change {
  return Object.fromEntries(Object.keys(wanted).filter((name) => name in known).map((name) => [name, known[name as keyof Booking]]));
}

function endOf(known: Booking, wanted: Change): string {
  const from = wanted.start_at ? Date.parse(wanted.start_at) : start(known);
  return new Date(later(from, lengthOf(known) + (wanted.extra_minutes ?? known.extra_minutes) - known.extra_minutes)).toISOString();
}

function showUndo(): void {
  if (!undoButton) return;
  const last = undoing.at(-1);
  const known = last && find(last.id);
  undoButton.disabled = !last;
  const back = last?.back;
  const to = back && [back.start_at ? clock(Date.parse(back.start_at)) : "", nameOf(back.assigned_staff ?? null)].filter(Boolean).join(" ");
  undoButton.title = known ? `${words.undo} · ${known.guest} ${to}` : words.undo!;
}
undoButton?.addEventListener("click", () => void undo());
