// What the board knows: the answer of /appointments/board, its lanes, times on the store's clock.
export const STEP = 5;
const MINUTE = 60_000;
const DAY = 1440;

export interface Seat { id: string; name: string; turn: number | null; is_paused: boolean }
export interface Thing { id: number; kind: string; name: string }
export interface Booking {
  id: number; version: number; number: string; stage: string; channel: string; start_at: string; end_at: string;
  guest: string; item_names: string[]; assigned_staff: string | null; requested_staff: string | null; room: number | null;
  wishes: string | null; extra_minutes: number; is_deliberate: boolean; is_contraindicated: boolean;
}
export interface Board {
  zone: string; people: Seat[]; resources: Thing[]; appointments: Booking[];
  hours: { day: string; opens_at: string; closes_at: string }[];
}
export interface Change {
  start_at?: string; assigned_staff?: string; room?: number; extra_minutes?: number; readback_done?: boolean;
}
// A column: a person, a room, or a day of one person; what is put into it is changed so.
export interface Lane { key: string; title: string; note: string; day: string; puts: Change; holds: (one: Booking) => boolean }

export const root = document.querySelector<HTMLElement>("#board")!;
export const page = root.dataset as Record<string, string>;
export const words = JSON.parse(page.words!) as Record<string, string>;
export const stages = JSON.parse(page.stages!) as Record<string, string>;
export const stageIcons = JSON.parse(page.stageIcons!) as Record<string, string>;
export const may = (verb: string): boolean => page.may!.includes(verb);
const MOVABLE = ["REQUESTED", "CONFIRMED"];
const ASSIGNABLE = [...MOVABLE, "ARRIVED", "NO_SHOW"];
export const canMove = (one: Booking): boolean => may("U") && MOVABLE.includes(one.stage);
export const canAssign = (one: Booking): boolean => may("U") && ASSIGNABLE.includes(one.stage);

export const state = { board: { zone: "UTC", people: [], resources: [], appointments: [], hours: [] } as Board, showsCancelled: false };
export const find = (id: number): Booking | undefined => state.board.appointments.find((one) => one.id === id);
export const nameOf = (id: string | null): string => state.board.people.find((one) => one.id === id)?.name ?? "";
export const roomOf = (id: number | null): string => state.board.resources.find((one) => one.kind === "PLACE" && one.id === id)?.name ?? "";

export function say(text: string, values: Record<string, string | number> = {}): string {
  return Object.entries(values).reduce((said, [name, value]) => said.replace(`{${name}}`, `${value}`), words[text] ?? text);
}

/* --- times: instants are milliseconds, days and clock times those of the store ------------------- */
const formats = new Map<string, Intl.DateTimeFormat>();
function wall(ms: number): { day: string; time: string } {
  const zone = state.board.zone;
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" });
    formats.set(zone, format);
  }
  const [day, time] = format.format(ms).split(" ");
  return { day: day!, time: time! };
}
export const clock = (ms: number): string => wall(ms).time;
export const dayOf = (ms: number): string => wall(ms - Number(page.changeHour) * 60 * MINUTE).day;

// The instant at which the store's clock shows so many minutes after midnight of a day.
const instants = new Map<string, number>();
export function instantOf(day: string, minutes: number): number {
  const key = `${state.board.zone} ${day} ${minutes}`;
  if (!instants.has(key)) instants.set(key, computed(day, minutes));
  return instants.get(key)!;
}
function computed(day: string, minutes: number): number {
  const meant = Date.parse(`${day}T00:00:00Z`) + minutes * MINUTE;
  const ahead = (ms: number): number => Date.parse(`${wall(ms).day}T${wall(ms).time}:00Z`) - Math.floor(ms / MINUTE) * MINUTE;
  const guess = meant - ahead(meant);
  return meant - ahead(guess);
}
export const start = (one: Booking): number => Date.parse(one.start_at);
export const end = (one: Booking): number => Date.parse(one.end_at);
export const minutes = (ms: number): number => Math.round(ms / MINUTE);
export const later = (ms: number, by: number): number => ms + by * MINUTE;
export const onStep = (ms: number): number => Math.ceil(ms / (STEP * MINUTE)) * STEP * MINUTE;
export const lengthOf = (one: Booking): number => minutes(end(one) - start(one));

/* --- lanes -------------------------------------------------------------------------------------- */
export function days(): string[] {
  const first = Date.parse(`${page.day}T00:00:00Z`);
  const last = Date.parse(`${page.last}T00:00:00Z`);
  return Array.from({ length: 1 + (last - first) / (DAY * MINUTE) }, (_, n) => new Date(first + n * DAY * MINUTE).toISOString().slice(0, 10));
}

export const isShown = (one: Booking): boolean => state.showsCancelled || one.stage !== "CANCELLED";

export function lanes(): Lane[] {
  const { people, resources, appointments } = state.board;
  const day = page.day!;
  if (page.by === "week") {
    const weekday = new Intl.DateTimeFormat(document.documentElement.lang, { weekday: "short", timeZone: "UTC" });
    return days().map((one) => ({
      key: one, title: `${weekday.format(Date.parse(`${one}T00:00:00Z`))} ${Number(one.slice(5, 7))}/${Number(one.slice(8))}`, note: "", day: one, puts: {},
      holds: (booking) => booking.assigned_staff === page.person && dayOf(start(booking)) === one,
    }));
  }
  const nobody = (holds: Lane["holds"], title: string): Lane[] =>
    appointments.some((one) => isShown(one) && holds(one)) ? [{ key: "", title, note: "", day, puts: {}, holds }] : [];
  if (page.by === "room") {
    const places = resources.filter((one) => one.kind === "PLACE");
    return [
      ...nobody((one) => !places.some((place) => place.id === one.room), words.noRoom!),
      ...places.map((one) => ({ key: `${one.id}`, title: one.name, note: "", day, puts: { room: one.id }, holds: (booking: Booking) => booking.room === one.id })),
    ];
  }
  const shown = people.filter((one) => !page.own || one.id === page.own);
  // by name, not by turn: a column must not jump when somebody's turn is over
  const sorted = [...shown].sort((a, b) => a.name.localeCompare(b.name, "zh-CN"));
  return [
    ...nobody((one) => !shown.some((person) => person.id === one.assigned_staff), words.nobody!),
    ...sorted.map((one) => ({
      key: one.id, title: one.name, note: one.is_paused ? words.paused! : one.turn ? say("turn", { n: one.turn }) : "", day, puts: { assigned_staff: one.id },
      holds: (booking: Booking) => booking.assigned_staff === one.id,
    })),
  ];
}

// From which to which minute of the day the board goes: opening times and bookings, and half an hour around them.
export function axis(): [number, number] {
  const spans: [number, number][] = state.board.hours.map((one) => [minutesOf(one.day, one.opens_at), minutesOf(one.day, one.closes_at)]);
  for (const one of state.board.appointments) spans.push([minutesOf(dayOf(start(one)), one.start_at), minutesOf(dayOf(start(one)), one.end_at)]);
  if (!spans.length) return [540, 1260];
  const [first, last] = [Math.min(...spans.map(([a]) => a)), Math.max(...spans.map(([, b]) => b))];
  return first <= 0 ? [0, Math.max(DAY, last)] : [Math.max(0, Math.floor(first / 30) * 30 - 30), Math.ceil(last / 30) * 30 + 30];
}
const minutesOf = (day: string, instant: string): number => minutes(Date.parse(instant) - instantOf(day, 0));

// What a booking becomes when it is put there; nothing of it that stays as it is.
export function moved(one: Booking, to: { start?: number; lane?: Lane; extra?: number }): Change {
  const wanted: Change = { ...to.lane?.puts };
  if (to.start !== undefined) wanted.start_at = new Date(to.start).toISOString();
  if (to.extra !== undefined) wanted.extra_minutes = to.extra;
  if (wanted.start_at && Date.parse(wanted.start_at) === start(one)) delete wanted.start_at;
  for (const name of ["assigned_staff", "room", "extra_minutes"] as const) if (wanted[name] === one[name]) delete wanted[name];
  return wanted;
}
