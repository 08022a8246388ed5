// Pictures of a form: sent when they are chosen or drawn, so that neither a refused form nor a lost
// session loses them; the form itself carries their ids in hidden fields.
//
// data-picture: the address pictures are sent to; data-shown: where they are seen again, an id behind it.
// A drawing (a signature, marks on a face) is sent when the hand rests, at the latest when one saves.

export interface Drawing {
  isDirty(): boolean;
  toBlob(): Promise<Blob | null>;
}

const RESTS_MS = 1500;
const drawings = new Map<HTMLElement, { drawing: Drawing; timer: number; sending: Promise<boolean> | null }>();

function token(): string {
  const headers = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}") as Record<string, string>;
  return headers["X-CSRFToken"] ?? "";
}

function say(box: HTMLElement, what: "sending" | "failed" | "signedOut" | "kept" | "full" | "", text = ""): void {
  const line = box.querySelector<HTMLElement>("[data-status]")!;
  line.textContent = text || (what ? (line.dataset[what] ?? "") : "");
  line.classList.toggle("field-error", ["failed", "signedOut", "full"].includes(what));
}

// Send one picture; gives its id, or null when it was not kept.
async function send(box: HTMLElement, picture: Blob): Promise<string | null> {
  const body = new FormData();
  body.append("file", picture, "picture");
  say(box, "sending");
  let answer: Response;
  try {
    answer = await fetch((box.dataset.picture ?? box.dataset.pictures)!, { method: "POST", body, headers: { "X-CSRFToken": token(), Accept: "application/json" } });
  } catch {
    say(box, "failed");
    return null;
  }
  const told = (await answer.json().catch(() => ({}))) as { id?: string; errors?: { message_zh: string; message_en: string }[] };
  if (answer.ok && told.id) {
    say(box, "kept");
    return told.id;
  }
  const wrong = told.errors?.[0];
  const inChinese = document.documentElement.lang.startsWith("zh");
  say(box, answer.status === 401 ? "signedOut" : "failed", wrong && (inChinese ? wrong.message_zh : wrong.message_en));
  return null;
}

function show(box: HTMLElement): void {
  const kept = box.querySelector<HTMLInputElement>("input[type=hidden]")!;
  const image = box.querySelector<HTMLImageElement>("img.kept")!;
  image.hidden = !kept.value;
  if (kept.value) image.src = `${box.dataset.shown!}${kept.value}`;
  else image.removeAttribute("src");
  box.querySelectorAll<HTMLElement>("[data-remove]").forEach((button) => (button.hidden = !kept.value));
}

function take(box: HTMLElement, id: string): void {
  const kept = box.querySelector<HTMLInputElement>("input[type=hidden]")!;
  kept.value = id;
  show(box);
  kept.dispatchEvent(new Event("input", { bubbles: true }));
}

/* --- drawings ---------------------------------------------------------------------------------- */
export function watch(box: HTMLElement, drawing: Drawing): () => void {
  const state = { drawing, timer: 0, sending: null as Promise<boolean> | null };
  drawings.set(box, state);
  return () => {
    clearTimeout(state.timer);
    state.timer = window.setTimeout(() => void settle(box), RESTS_MS);
  };
}

// Send a drawing that changed since it was sent last; true when nothing is left to send.
async function settle(box: HTMLElement): Promise<boolean> {
  const state = drawings.get(box)!;
  clearTimeout(state.timer);
  if (state.sending && !(await state.sending)) return false;
  if (!state.drawing.isDirty()) return true;
  state.sending = (async () => {
    const picture = await state.drawing.toBlob();
    const id = picture ? await send(box, picture) : "";
    if (id === null) return false;
    const kept = box.querySelector<HTMLInputElement>("input[type=hidden]")!;
    kept.value = id;
    kept.dispatchEvent(new Event("input", { bubbles: true }));
    return true;
  })();
  const done = await state.sending;
  state.sending = null;
  return done && settle(box);
}

// Saving waits for drawings; before every other listener, which would call the form sent.
window.addEventListener(
  "submit",
  (event) => {
    const form = event.target as HTMLFormElement;
    const open = [...drawings].filter(([box, state]) => form.contains(box) && (state.sending || state.drawing.isDirty()));
    if (!open.length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const submitter = (event as SubmitEvent).submitter;
    void Promise.all(open.map(([box]) => settle(box))).then((done) => {
      if (done.every(Boolean)) form.requestSubmit(submitter);
      else open[done.indexOf(false)]![0].scrollIntoView({ block: "center" });
    });
  },
  true,
);

/* --- several photos ----------------------------------------------------------------------------- */
function idsOf(box: HTMLElement): string[] {
  return box.querySelector<HTMLInputElement>("input[type=hidden]")!.value.split(/\s+/).filter(Boolean);
}

function lay(box: HTMLElement): void {
  const list = box.querySelector<HTMLElement>("[data-shots]")!;
  const template = box.querySelector("template")!;
  list.replaceChildren(
    ...idsOf(box).map((id) => {
      const shot = (template.content.cloneNode(true) as DocumentFragment).firstElementChild as HTMLElement;
      shot.querySelector("img")!.src = `${box.dataset.shown!}${id}`;
      shot.querySelector<HTMLElement>("[data-drop-shot]")!.dataset.dropShot = id;
      return shot;
    }),
  );
}

function keepIds(box: HTMLElement, ids: string[]): void {
  const kept = box.querySelector<HTMLInputElement>("input[type=hidden]")!;
  kept.value = ids.join(" ");
  lay(box);
  kept.dispatchEvent(new Event("input", { bubbles: true }));
}

async function sendAll(box: HTMLElement, files: File[]): Promise<void> {
  for (const file of files) {
    if (idsOf(box).length >= Number(box.dataset.most)) return say(box, "full");
    const id = await send(box, file);
    if (id === null) return;
    keepIds(box, [...idsOf(box), id]);
  }
}

document.querySelectorAll<HTMLElement>("[data-pictures]").forEach((box) => {
  lay(box);
  box.addEventListener("change", (event) => {
    const field = event.target as HTMLInputElement;
    if (field.type === "hidden") lay(box); // a draft was filled in again
    if (field.files?.length) void sendAll(box, [...field.files]).then(() => (field.value = ""));
  });
  box.addEventListener("click", (event) => {
    const button = (event.target as HTMLElement).closest<HTMLElement>("[data-drop-shot]");
    if (!button) return;
    keepIds(box, idsOf(box).filter((id) => id !== button.dataset.dropShot));
    say(box, "");
    box.querySelector<HTMLInputElement>("input[type=file]")!.focus();
  });
});

/* --- photos ------------------------------------------------------------------------------------ */
document.addEventListener("change", (event) => {
  const field = event.target as HTMLInputElement;
  const box = field.closest<HTMLElement>("[data-picture]");
  if (!box) return;
  if (field.type === "hidden") show(box); // a draft was filled in again
  const file = field.files?.[0];
  if (!file) return;
  void send(box, file).then((id) => {
    if (id) take(box, id);
    field.value = "";
  });
});

document.addEventListener("click", (event) => {
  const button = (event.target as HTMLElement).closest<HTMLElement>("[data-remove]");
  const box = button?.closest<HTMLElement>("[data-picture]");
  if (!box) return;
  take(box, "");
  say(box, "");
});
