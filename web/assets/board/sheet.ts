// A booking opened: what it is, and time, length, person and room in steps, for fingers and keyboards alike.
import { change } from "./changing";
import { make, told } from "./draw";
import { type Booking, canAssign, canMove, clock, dayOf, find, instantOf, later, lengthOf, moved, page, root, say, start, state, STEP } from "./model";

const dialog = root.querySelector<HTMLDialogElement>("#board-sheet")!;
const form = dialog.querySelector("form")!;
const field = <T extends HTMLElement>(name: string): T => form.querySelector<T>(`[name="${name}"]`)!;
let shown: Booking | null = null;
let from = 0;
let extra = 0;

export function open(id: number): void {
  const one = find(id);
  if (!one) return;
  shown = one;
  from = start(one);
  extra = one.extra_minutes;
  dialog.querySelector("h2")!.textContent = `${one.guest} ${one.number}`;
  dialog.querySelector("[data-told]")!.textContent = told(one);
  dialog.querySelector<HTMLAnchorElement>("[data-open]")!.href = page.openUrl!.replace(/0$/, `${id}`);
  choices("assigned_staff", state.board.people.map((seat) => [seat.id, seat.name]), one.assigned_staff);
  choices("room", state.board.resources.filter((thing) => thing.kind === "PLACE").map((thing) => [`${thing.id}`, thing.name]), `${one.room ?? ""}`);
  const readback = field<HTMLInputElement>("readback_done");
  readback.checked = false;
  readback.closest("label")!.hidden = !(one.stage === "REQUESTED" && one.channel === "PHONE");
  form.querySelector<HTMLElement>("[data-steps]")!.hidden = !canAssign(one);
  form.querySelector<HTMLFieldSetElement>("[data-when]")!.disabled = !canMove(one);
  form.querySelector<HTMLButtonElement>("[value=save]")!.hidden = !canAssign(one);
  showTimes();
  dialog.showModal();
}

function choices(name: string, all: [string, string][], chosen: string | null): void {
  const select = field<HTMLSelectElement>(name);
  select.replaceChildren(...(chosen ? [] : [["", "—"] as [string, string]]).concat(all).map(([value, text]) => {
    const made = make("option", "", text) as HTMLOptionElement;
    made.value = value;
    made.selected = value === (chosen ?? "");
    return made;
  }));
}

function showTimes(): void {
  const length = lengthOf(shown!) + extra - shown!.extra_minutes;
  field<HTMLInputElement>("time").value = clock(from);
  field<HTMLInputElement>("day").value = dayOf(from);
  form.querySelector("[data-length]")!.textContent = say("lasts", { n: length, end: clock(later(from, length)) });
}

form.addEventListener("click", (event) => {
  const button = (event.target as HTMLElement).closest<HTMLElement>("[data-step]");
  if (!button || !shown) return;
  const by = Number(button.dataset.step);
  if (button.dataset.of === "time") from = later(from, by);
  else if (lengthOf(shown) + extra + by - shown.extra_minutes >= STEP * 3) extra += by;
  showTimes();
});

form.addEventListener("change", (event) => {
  if (!(event.target as HTMLElement).matches("[name=time], [name=day]")) return;
  const [hour, minute] = field<HTMLInputElement>("time").value.split(":").map(Number);
  const day = field<HTMLInputElement>("day").value;
  if (day && hour !== undefined && minute !== undefined) {
    const late = hour < Number(page.changeHour) ? 24 * 60 : 0; // past midnight it is still that business day
    from = instantOf(day, hour * 60 + minute + late);
  }
  showTimes();
});

dialog.addEventListener("close", () => {
  if (dialog.returnValue !== "save" || !shown) return;
  dialog.returnValue = "";
  const wanted = moved(shown, { start: from, extra });
  const person = field<HTMLSelectElement>("assigned_staff").value;
  const room = Number(field<HTMLSelectElement>("room").value);
  if (person && person !== shown.assigned_staff) wanted.assigned_staff = person;
  if (room && room !== shown.room) wanted.room = room;
  if (field<HTMLInputElement>("readback_done").checked) wanted.readback_done = true;
  void change(shown.id, wanted, shown.version);
});
