// Draw the lanes: what is booked, what is free between, when the store is shut. A lane is made anew only when
// something in it changed.
import { axis, type Booking, canAssign, clock, dayOf, days, end, instantOf, isShown, type Lane, lanes, lengthOf, later, may, minutes, nameOf, onStep, page, roomOf, root, say, stageIcons, stages, start, state, words } from "./model";

const SHORTEST_GAP = 10;
const LABELLED_GAP = 15;
const [FIRST_LINE_PX, LINE_PX] = [20, 16];
export const frame = root.querySelector<HTMLElement>(".board-frame")!;
const grid = frame.querySelector<HTMLElement>(".board-grid")!;
const over = grid.querySelector<HTMLElement>(".board-over")!;
const drawn = new Map<string, { element: HTMLElement; face: string }>();
let shownLanes: Lane[] = [];
let top = 0; // the minute of the day at which the board begins
let layout = "";
let scale = 1; // pixels of a minute

export const laneAt = (index: number): Lane | undefined => shownLanes[index];
export const indexOf = (key: string): number => shownLanes.findIndex((one) => one.key === key);
export const laneElement = (lane: Lane): HTMLElement => drawn.get(lane.key)!.element;
export const perMinute = (): number => parseFloat(getComputedStyle(grid).getPropertyValue("--per-minute"));
export const minuteOf = (lane: Lane, ms: number): number => minutes(ms - instantOf(lane.day, top));
export const instantAt = (lane: Lane, minute: number): number => later(instantOf(lane.day, top), minute);
export const laneOf = (one: Booking): Lane | undefined => shownLanes.find((lane) => lane.holds(one));

export function make(tag: string, name = "", text = ""): HTMLElement {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text) made.textContent = text;
  return made;
}
export function icon(name: string, more = ""): SVGElement {
  const made = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  made.setAttribute("class", `icon ${more}`);
  made.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${page.icons}#${name}`);
  made.append(use);
  return made;
}
export function place(element: HTMLElement, from: number, length: number): void {
  element.style.setProperty("--at", `${from}`);
  element.style.setProperty("--for", `${length}`);
}

// Draw everything; the lane in `but` is left as it is, somebody holds a booking of it. `news` flash.
export function draw(news: ReadonlySet<number> = new Set(), but = "-"): void {
  const begun = performance.now();
  const [from, to] = axis();
  shownLanes = lanes();
  const now = `${from}/${to}/${JSON.stringify(shownLanes.map((one) => [one.key, one.title, one.day]))}`;
  if (now !== layout) lay(from, to);
  layout = now;
  for (const lane of shownLanes) if (lane.key !== but) fill(lane, news);
  drawNow(to);
  performance.measure("board-draw", { start: begun, end: performance.now() });
}

function lay(from: number, to: number): void {
  top = from;
  scale = perMinute();
  drawn.clear();
  grid.style.setProperty("--lanes", `${shownLanes.length}`);
  grid.style.setProperty("--long", `${to - from}`);
  const hours = make("div", "board-hours");
  const whole = Math.ceil(from / 60) * 60;
  grid.style.setProperty("--whole", `${whole - from}`);
  for (let at = whole; at < to; at += 60) {
    const hour = make("span", "", clock(instantOf(page.day!, at)));
    hour.style.setProperty("--at", `${at - from}`);
    hours.append(hour);
  }
  grid.replaceChildren(make("div", "board-corner"), ...shownLanes.map(headOf), hours, ...shownLanes.map((lane) => {
    const element = make("div", "lane");
    element.setAttribute("role", "group");
    element.setAttribute("aria-label", lane.title);
    element.dataset.lane = lane.key;
    drawn.set(lane.key, { element, face: "" });
    return element;
  }), over);
}

function headOf(lane: Lane): HTMLElement {
  const head = make("div", "board-head");
  head.dataset.headOf = lane.key;
  head.append(make("strong", "", lane.title), make("span", "many faint"), make("small"));
  return head;
}

function fill(lane: Lane, news: ReadonlySet<number>): void {
  const known = drawn.get(lane.key)!;
  const booked = state.board.appointments.filter((one) => isShown(one) && lane.holds(one)).sort((a, b) => start(a) - start(b) || a.id - b.id);
  const hours = state.board.hours.find((one) => one.day === lane.day);
  const free = hours ? gaps(booked, Date.parse(hours.opens_at), Date.parse(hours.closes_at)) : [];
  const counted = booked.filter((one) => one.stage !== "CANCELLED").length;
  const head = grid.querySelector(`[data-head-of="${lane.key}"]`)!;
  const many = head.querySelector<HTMLElement>(".many")!;
  many.textContent = counted ? `${counted}` : "";
  many.title = say("count", { n: counted });
  head.querySelector("small")!.textContent = lane.note;
  const face = JSON.stringify([booked, free, hours, booked.map((one) => roomOf(one.room) + nameOf(one.assigned_staff))]);
  if (face === known.face) return;
  known.face = face;
  const focused = known.element.contains(document.activeElement) ? keyOf(document.activeElement as HTMLElement) : "";
  const columns = besides(booked);
  const timed: [number, HTMLElement][] = [
    ...free.map(([a, b]): [number, HTMLElement] => [a, gapOf(lane, a, b)]),
    ...booked.map((one): [number, HTMLElement] => [start(one), bookingOf(lane, one, columns.get(one.id)!, news.has(one.id))]),
  ];
  timed.sort(([a], [b]) => a - b);
  known.element.replaceChildren(...shut(lane, hours), ...timed.map(([, made]) => made));
  const stops = [...known.element.querySelectorAll<HTMLElement>(".booking, a.gap")];
  const again = stops.find((one) => keyOf(one) === focused) ?? (focused ? stops[0] : undefined);
  (again ?? stops.find((one) => one.matches(".booking")) ?? stops[0])?.setAttribute("tabindex", "0");
  again?.focus({ preventScroll: true });
}

const keyOf = (element: HTMLElement): string => element.dataset.id ?? "gap";

function shut(lane: Lane, hours?: { opens_at: string; closes_at: string }): HTMLElement[] {
  const whole = Number(grid.style.getPropertyValue("--long"));
  const opens = hours ? minuteOf(lane, Date.parse(hours.opens_at)) : whole;
  const closes = hours ? minuteOf(lane, Date.parse(hours.closes_at)) : whole;
  return [[0, opens], [closes, whole]].filter(([a, b]) => b! > a!).map(([a, b]) => {
    const made = make("div", "shut");
    place(made, a!, b! - a!);
    return made;
  });
}

// Free spans of a lane that are still to come, so that somebody can be booked into them.
function gaps(booked: Booking[], opens: number, closes: number): [number, number][] {
  const found: [number, number][] = [];
  let free = Math.max(opens, onStep(Date.now()));
  for (const one of booked) {
    if (one.stage === "CANCELLED") continue;
    if (start(one) > free) found.push([free, Math.min(start(one), closes)]);
    free = Math.max(free, end(one));
  }
  if (closes > free) found.push([free, closes]);
  return found.filter(([a, b]) => minutes(b - a) >= SHORTEST_GAP);
}

function gapOf(lane: Lane, from: number, to: number): HTMLElement {
  const length = minutes(to - from);
  const made = make(may("C") ? "a" : "div", "gap");
  place(made, minuteOf(lane, from), length);
  made.append(make("span", length < LABELLED_GAP ? "visually-hidden" : "", say("free", { n: lasting(length) })));
  if (made instanceof HTMLAnchorElement) {
    made.href = bookAt(lane, from);
    made.tabIndex = -1;
    made.draggable = false;
    made.dataset.from = `${from}`;
    made.append(make("span", "visually-hidden", ` ${say("freeFrom", { from: clock(from), to: clock(to), who: lane.title })}`));
  }
  return made;
}

function lasting(length: number): string {
  const [hours, rest] = [Math.floor(length / 60), length % 60];
  return [hours ? say("hours", { n: hours }) : "", rest ? say("minutes", { n: rest }) : ""].filter(Boolean).join(" ");
}

export function bookAt(lane: Lane, ms: number): string {
  const asked = new URLSearchParams({ start_at: new Date(ms).toISOString().replace(".000Z", "+00:00") });
  const person = page.by === "week" ? page.person : lane.puts.assigned_staff;
  if (person) asked.set("assigned_staff", person);
  if (lane.puts.room) asked.set("room", `${lane.puts.room}`);
  return `${page.newUrl}?${asked}`;
}

function bookingOf(lane: Lane, one: Booking, [column, columns]: [number, number], isNew: boolean): HTMLElement {
  const made = make("button", `booking stage-${one.stage}${isNew ? " is-news" : ""}`) as HTMLButtonElement;
  const length = lengthOf(one);
  made.type = "button";
  made.tabIndex = -1;
  made.dataset.id = `${one.id}`;
  place(made, minuteOf(lane, start(one)), length);
  made.style.setProperty("--column", `${column}`);
  made.style.setProperty("--columns", `${columns}`);
  made.style.setProperty("--lines", `${Math.max(0, Math.floor((length * scale - FIRST_LINE_PX) / LINE_PX))}`);
  made.classList.toggle("can-move", canAssign(one));
  made.title = told(one);
  const line = make("span", "booking-top");
  line.append(icon(stageIcons[one.stage]!), make("b", "", clock(start(one))), make("span", "who", one.guest));
  if (one.requested_staff) line.append(make("i", one.requested_staff === one.assigned_staff ? "asked" : "asked is-other", words.asked));
  if (one.is_deliberate) line.append(icon("layers-intersect"));
  if (one.is_contraindicated) line.append(icon("alert-triangle", "alarm"));
  const second = page.by === "room" ? nameOf(one.assigned_staff) : roomOf(one.room);
  made.append(line, make("span", "booking-what", [...one.item_names, second, stages[one.stage]].filter(Boolean).join(" · ")));
  made.append(make("span", "visually-hidden", ` ${[`–${clock(end(one))}`, ...marks(one)].join(" · ")}`));
  if (canAssign(one)) made.append(make("span", "grip"));
  return made;
}

const marks = (one: Booking): string[] => [
  one.requested_staff ? say("askedFor", { who: nameOf(one.requested_staff) }) : "", one.is_deliberate ? words.deliberate! : "",
  one.is_contraindicated ? words.contraindicated! : "", one.wishes ?? "",
].filter(Boolean);

export function told(one: Booking): string {
  const what = [one.guest, one.item_names.join(" + "), stages[one.stage]!, nameOf(one.assigned_staff), roomOf(one.room)];
  return [`${clock(start(one))}–${clock(end(one))}`, ...what, ...marks(one)].filter(Boolean).join(" · ");
}

// Bookings that overlap stand beside each other: id -> which column of how many.
function besides(booked: Booking[]): Map<number, [number, number]> {
  const found = new Map<number, [number, number]>();
  let group: Booking[] = [];
  let until: number[] = []; // of each column
  const close = (): void => {
    for (const one of group) found.get(one.id)![1] = until.length;
    group = [];
    until = [];
  };
  for (const one of booked) {
    if (until.length && until.every((at) => at <= start(one))) close();
    const open = until.findIndex((at) => at <= start(one));
    const column = open < 0 ? until.length : open;
    until[column] = end(one);
    found.set(one.id, [column, 1]);
    group.push(one);
  }
  close();
  return found;
}

function drawNow(to: number): void {
  const lane = shownLanes.find((one) => one.day === dayOf(Date.now()));
  const line = over.querySelector<HTMLElement>(".now-line")!;
  const at = lane ? minuteOf(lane, Date.now()) : -1;
  line.hidden = !days().includes(dayOf(Date.now())) || at < 0 || at > to - top;
  line.style.setProperty("--at", `${at}`);
  if (lane && page.by === "week") stretch(line, lane);
}

/* --- the shadow of what is being moved, or of a time under the pointer ------------------------------ */
const ghost = over.querySelector<HTMLElement>(".ghost")!;

export function showGhost(lane: Lane, from: number, length: number, text: string, kind = ""): void {
  ghost.className = `ghost ${kind}`;
  stretch(ghost, lane);
  place(ghost, from, length);
  const said = ghost.firstElementChild!;
  if (said.textContent !== text) said.textContent = text;
  ghost.hidden = false;
}
function stretch(element: HTMLElement, lane: Lane): void {
  const { offsetLeft, offsetWidth } = laneElement(lane);
  element.style.left = `${offsetLeft}px`;
  element.style.width = `${offsetWidth}px`;
}
export function hideGhost(): void {
  ghost.hidden = true;
}
export const bookingElement = (id: number): HTMLElement | null => grid.querySelector(`.booking[data-id="${id}"]`);
