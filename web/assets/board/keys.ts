// All that dragging does, by keyboard: arrows move what has the focus, Enter puts it down, Escape leaves it.
import { change, undo } from "./changing";
import { frame, hideGhost, indexOf, instantAt, laneAt, laneElement, laneOf, minuteOf, showGhost, told } from "./draw";
import { type Booking, canAssign, canMove, clock, find, type Lane, later, lengthOf, moved, root, start, STEP, words } from "./model";

interface Pending { one: Booking; from: Lane; lane: Lane; minute: number; extra: number }
let pending: Pending | null = null;
const heard = root.querySelector<HTMLElement>("#board-heard")!;

document.addEventListener("keydown", (event) => {
  if ((event.target as HTMLElement).matches("input, select, textarea") || document.querySelector("dialog[open]")) return;
  const isUndo = event.key.toLowerCase() === "u" && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (!isUndo && !(event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey))) return;
  event.preventDefault();
  void undo();
});

frame.addEventListener("keydown", (event) => {
  const element = (event.target as HTMLElement).closest<HTMLElement>(".booking, a.gap");
  if (!element || event.ctrlKey || event.metaKey || event.altKey) return;
  const one = find(Number(element.dataset.id));
  if (act(event, element, one)) {
    event.preventDefault();
    event.stopPropagation();
  }
});

function act(event: KeyboardEvent, element: HTMLElement, one?: Booking): boolean {
  const [across, along] = ARROWS[event.key] ?? [0, 0];
  if (event.key === "j" || event.key === "k") return walk(element, event.key === "j" ? 1 : -1);
  if (!one) return along ? walk(element, along) : across ? jump(element, across) : false;
  if (event.key === "Escape" && pending) return drop(), true;
  if (event.key === "Enter" && pending) return commit(), true;
  if (!across && !along) return false;
  return move(one, across, along, event.shiftKey);
}
const ARROWS: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function move(one: Booking, across: number, along: number, resizes: boolean): boolean {
  const from = laneOf(one);
  if (!from || !canAssign(one)) return true;
  if (pending?.one.id !== one.id) pending = { one, from, lane: from, minute: minuteOf(from, start(one)), extra: one.extra_minutes };
  if (resizes) {
    const length = lengthOf(one) + pending.extra - one.extra_minutes + along * STEP;
    if (length >= STEP * 3) pending.extra += along * STEP;
  } else {
    pending.lane = laneAt(indexOf(pending.lane.key) + across) ?? pending.lane;
    if (canMove(one)) pending.minute = Math.max(0, pending.minute + along * STEP);
  }
  const { lane, minute } = pending;
  const length = lengthOf(one) + pending.extra - one.extra_minutes;
  const at = instantAt(lane, minute);
  const text = `${clock(at)}–${clock(later(at, length))} · ${lane.title}`;
  showGhost(lane, minute, length, `${text} · ${words.putDown}`, "is-keyed");
  root.querySelector(".ghost")!.scrollIntoView({ block: "nearest", inline: "nearest" });
  heard.textContent = text;
  return true;
}

function commit(): void {
  const { one, from, lane, minute, extra } = pending!;
  drop();
  const to = { start: instantAt(lane, minute), extra, lane: lane.key === from.key ? undefined : lane };
  void change(one.id, moved(one, to), one.version).then(() => {
    const now = find(one.id);
    heard.textContent = now ? told(now) : "";
    root.querySelector<HTMLElement>(`.booking[data-id="${one.id}"]`)?.focus();
  });
}

function drop(): void {
  pending = null;
  hideGhost();
}
frame.addEventListener("focusout", () => {
  // drawing anew takes the focus for a moment only
  window.setTimeout(() => pending && document.activeElement?.getAttribute("data-id") !== `${pending.one.id}` && drop());
});

const stops = (lane: HTMLElement): HTMLElement[] => [...lane.querySelectorAll<HTMLElement>(".booking, a.gap")];

function focus(element?: HTMLElement): boolean {
  if (!element) return true;
  stops(element.closest<HTMLElement>(".lane")!).forEach((one) => (one.tabIndex = one === element ? 0 : -1));
  element.focus();
  element.scrollIntoView({ block: "nearest", inline: "nearest" });
  return true;
}
const walk = (element: HTMLElement, by: number): boolean => {
  const all = stops(element.closest<HTMLElement>(".lane")!);
  return focus(all[all.indexOf(element) + by]);
};
function jump(element: HTMLElement, by: number): boolean {
  const at = element.getBoundingClientRect().top;
  for (let index = indexOf(element.closest<HTMLElement>(".lane")!.dataset.lane!) + by, lane = laneAt(index); lane; lane = laneAt((index += by))) {
    const all = stops(laneElement(lane));
    const nearest = all.sort((a, b) => Math.abs(a.getBoundingClientRect().top - at) - Math.abs(b.getBoundingClientRect().top - at))[0];
    if (nearest) return focus(nearest);
  }
  return true;
}
