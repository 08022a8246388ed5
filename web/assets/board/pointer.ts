// Move and resize by mouse, pen or a long touch; point at a free time to book it.
import { change } from "./changing";
import { bookAt, bookingElement, draw, frame, hideGhost, indexOf, instantAt, laneAt, laneElement, laneOf, minuteOf, perMinute, showGhost } from "./draw";
import { type Booking, canAssign, canMove, clock, find, type Lane, later, lengthOf, moved, say, start, STEP } from "./model";
import { open } from "./sheet";

const BEGINS_PX = 4; // so far a mouse goes before it drags
const LONG_MS = 350; // so long a finger rests before it drags
const EDGE_PX = 36;

interface Held {
  one: Booking; version: number; pointer: number; x: number; y: number; grabbed: number; from: Lane; lane: Lane;
  minute: number; extra: number; resizes: boolean; isOn: boolean; timer: number;
}
let held: Held | null = null;
let wasDragged = false;
export const holding = (): string => (held?.isOn ? held.from.key : "-");

const closest = (event: Event, selector: string): HTMLElement | null => (event.target as HTMLElement).closest<HTMLElement>(selector);

frame.addEventListener("pointerdown", (event) => {
  wasDragged = false;
  const element = closest(event, ".booking");
  const one = element && find(Number(element.dataset.id));
  const lane = one && laneOf(one);
  if (!one || !lane || event.button !== 0 || !canAssign(one)) return;
  const resizes = closest(event, ".grip") !== null;
  const grabbed = pointed(lane, event.clientY) - minuteOf(lane, start(one));
  held = {
    one, version: one.version, pointer: event.pointerId, x: event.clientX, y: event.clientY, grabbed, from: lane, lane,
    minute: minuteOf(lane, start(one)), extra: one.extra_minutes, resizes, isOn: false, timer: 0,
  };
  if (event.pointerType === "touch") held.timer = window.setTimeout(begin, LONG_MS);
});

function begin(): void {
  if (!held) return;
  held.isOn = true;
  frame.setPointerCapture(held.pointer);
  bookingElement(held.one.id)?.classList.add("is-held");
  frame.classList.add("is-dragging");
  show();
  scroll();
}

frame.addEventListener("pointermove", (event) => {
  if (!held) return hover(event);
  if (event.pointerId !== held.pointer) return;
  const far = Math.hypot(event.clientX - held.x, event.clientY - held.y) > BEGINS_PX;
  if (!held.isOn && far && event.pointerType === "touch") return letGo(); // it scrolls
  if (!held.isOn && far) begin();
  held.x = held.isOn ? event.clientX : held.x;
  held.y = held.isOn ? event.clientY : held.y;
  if (held.isOn) follow();
});

// A finger that drags must not scroll as well.
frame.addEventListener("touchmove", (event) => held?.isOn && event.preventDefault(), { passive: false });
frame.addEventListener("contextmenu", (event) => held && event.preventDefault());
frame.addEventListener("pointercancel", letGo);
frame.addEventListener("pointerup", () => {
  const done = held;
  letGo();
  if (!done?.isOn) return;
  wasDragged = true;
  const lane = done.lane.key === done.from.key ? undefined : done.lane;
  const to = done.resizes ? { extra: done.extra } : { start: instantAt(done.lane, done.minute), lane };
  void change(done.one.id, moved(done.one, to), done.version);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !held?.isOn) return;
  event.stopPropagation();
  letGo();
  wasDragged = true;
}, true);

function letGo(): void {
  if (!held) return;
  clearTimeout(held.timer);
  bookingElement(held.one.id)?.classList.remove("is-held");
  frame.classList.remove("is-dragging");
  held = null;
  hideGhost();
  draw(); // what others changed meanwhile
}

function follow(): void {
  const { one, resizes, from } = held!;
  if (resizes) {
    const length = lengthOf(one) + step(pointed(from, held!.y) - held!.minute - held!.grabbed);
    held!.extra = one.extra_minutes + Math.max(STEP * 3, length) - lengthOf(one);
  } else {
    held!.lane = under(held!.x) ?? held!.lane;
    if (canMove(one)) held!.minute = Math.max(0, step(pointed(held!.lane, held!.y) - held!.grabbed));
  }
  show();
}

function show(): void {
  const { one, lane, minute, extra } = held!;
  const length = lengthOf(one) + extra - one.extra_minutes;
  const from = instantAt(lane, minute);
  showGhost(lane, minute, length, `${clock(from)}–${clock(later(from, length))} ${one.guest} · ${lane.title}`);
}

// Near an edge the board moves on beneath what is held.
function scroll(): void {
  if (!held?.isOn) return;
  const box = frame.getBoundingClientRect();
  const { x, y } = held;
  const dx = x > box.right - EDGE_PX ? 8 : x < box.left + EDGE_PX + 40 ? -8 : 0;
  const dy = y > box.bottom - EDGE_PX ? 8 : y < box.top + EDGE_PX + 40 ? -8 : 0;
  const [left, top] = [frame.scrollLeft, frame.scrollTop];
  if (dx || dy) frame.scrollBy(dx, dy);
  if (left !== frame.scrollLeft || top !== frame.scrollTop) follow();
  requestAnimationFrame(scroll);
}

const step = (minute: number): number => Math.round(minute / STEP) * STEP;
const pointed = (lane: Lane, y: number): number => (y - laneElement(lane).getBoundingClientRect().top) / perMinute();
function under(x: number): Lane | undefined {
  for (let index = 0, lane = laneAt(0); lane; lane = laneAt(++index)) {
    const box = laneElement(lane).getBoundingClientRect();
    if (x >= box.left && x < box.right) return lane;
  }
  return undefined;
}

/* --- free times ------------------------------------------------------------------------------------ */
function atPointer(event: MouseEvent): { lane: Lane; minute: number; gap: HTMLAnchorElement } | null {
  const gap = closest(event, "a.gap") as HTMLAnchorElement | null;
  const lane = gap && laneAt(indexOf(gap.closest<HTMLElement>(".lane")!.dataset.lane!));
  if (!lane) return null;
  const first = minuteOf(lane, Number(gap.dataset.from));
  return { lane, gap, minute: Math.max(first, Math.floor(pointed(lane, event.clientY) / STEP) * STEP) };
}

function hover(event: PointerEvent): void {
  const at = event.pointerType === "mouse" ? atPointer(event) : null;
  if (at) showGhost(at.lane, at.minute, 15, say("bookAt", { time: clock(instantAt(at.lane, at.minute)) }), "is-free");
  else hideGhost();
}
frame.addEventListener("pointerleave", () => held || hideGhost());

frame.addEventListener("click", (event) => {
  if (wasDragged && event.detail) return event.preventDefault();
  const element = closest(event, ".booking");
  if (element) return open(Number(element.dataset.id));
  // by a pointer the time pointed at, by Enter the beginning of the free time
  const at = event.detail ? atPointer(event) : null;
  if (at) at.gap.href = bookAt(at.lane, instantAt(at.lane, at.minute));
});
