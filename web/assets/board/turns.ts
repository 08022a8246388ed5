// The turn queue 轮牌 beside the board: whose turn it is, who pauses, who stands behind.
import { say as toast } from "../toasts";
import { token } from "./changing";
import { bookAt, icon, make } from "./draw";
import { page, say, type Seat, state, onStep, words } from "./model";

const place = document.querySelector<HTMLElement>("#board-turns");
const mayChange = page.turns === "U";
let drawn = "";

export function drawTurns(): void {
  if (!place) return;
  const face = JSON.stringify(state.board.people);
  if (face === drawn) return;
  drawn = face;
  const focused = (document.activeElement as HTMLElement | null)?.dataset.does;
  const queue = state.board.people.filter((one) => one.turn !== null);
  const next = queue.find((one) => !one.is_paused);
  const list = make("ol", "turns");
  list.append(...queue.map((one, index) => lineOf(one, index, queue, one === next)));
  const others = state.board.people.filter((one) => one.turn === null);
  const outside = make("div", "turns-out");
  if (mayChange) outside.append(...others.map((one) => button("plus", say("joins", { who: one.name }), `join/${one.id}`, () => keep([...queue, one]), one.name)));
  place.replaceChildren(...(queue.length ? [list] : [make("p", "faint", words.noTurns)]), outside);
  if (focused) place.querySelector<HTMLElement>(`[data-does="${focused}"]`)?.focus();
}

function lineOf(one: Seat, index: number, queue: Seat[], isNext: boolean): HTMLElement {
  const line = make("li", `${isNext ? "is-next" : ""}${one.is_paused ? " is-paused" : ""}`);
  const name = make("span", "who", one.name);
  if (one.is_paused) name.append(make("span", "stamp", words.paused));
  if (isNext) name.append(make("span", "stamp busy", words.next));
  line.append(name);
  if (!mayChange) return line;
  const acts = make("span", "acts");
  if (isNext) {
    // who takes the next guest stands at the end again
    acts.append(button("user-plus", say("takes", { who: one.name }), `take/${one.id}`, () => keep(queue.filter((other) => other !== one).concat(one)).then((done) => done && serve(one))));
  }
  acts.append(
    button("arrow-up", say("up", { who: one.name }), `up/${one.id}`, () => keep(swapped(queue, index - 1)), "", index === 0),
    button("arrow-down", say("down", { who: one.name }), `down/${one.id}`, () => keep(swapped(queue, index)), "", index === queue.length - 1),
    one.is_paused
      ? button("player-play", say("goesOn", { who: one.name }), `pause/${one.id}`, () => keep(queue.map((other) => (other === one ? { ...one, is_paused: false } : other))))
      : button("player-pause", say("pauses", { who: one.name }), `pause/${one.id}`, () => keep(queue.map((other) => (other === one ? { ...one, is_paused: true } : other)))),
    button("x", say("leaves", { who: one.name }), `leave/${one.id}`, () => keep(queue.filter((other) => other !== one))),
  );
  line.append(acts);
  return line;
}

function button(name: string, label: string, does: string, act: () => unknown, text = "", disabled = false): HTMLButtonElement {
  const made = make("button", text ? "btn btn-sm" : "plain-button") as HTMLButtonElement;
  made.type = "button";
  made.title = label;
  made.disabled = disabled;
  made.dataset.does = does;
  made.setAttribute("aria-label", label);
  made.append(icon(name), text);
  made.addEventListener("click", () => void act());
  return made;
}

function swapped(queue: Seat[], index: number): Seat[] {
  const [one, other] = [queue[index]!, queue[index + 1]!];
  return queue.map((seat, at) => (at === index ? other : at === index + 1 ? one : seat));
}

async function keep(queue: Seat[]): Promise<boolean> {
  const written = (seats: Seat[]) => seats.map((one) => ({ person: one.id, is_paused: one.is_paused }));
  const seen = state.board.people.filter((one) => one.turn !== null);
  const answer = await fetch(page.turnsUrl!, {
    method: "PUT", headers: { "Content-Type": "application/json", "X-CSRFToken": token() }, body: JSON.stringify({ places: written(queue), seen: written(seen) }),
  }).catch(() => null);
  // another desk was faster: its queue comes with the next look at the board
  if (!answer?.ok) return toast(answer?.status === 409 ? words.queueMoved! : words.failed!, "bad"), false;
  const turns = new Map(queue.map((one, index) => [one.id, { turn: index + 1, is_paused: one.is_paused }]));
  state.board.people = state.board.people
    .map((one) => ({ ...one, ...(turns.get(one.id) ?? { turn: null, is_paused: false }) }))
    .sort((a, b) => (a.turn ?? Infinity) - (b.turn ?? Infinity) || 0);
  drawTurns();
  return true;
}

function serve(one: Seat): void {
  if (!page.may!.includes("C")) return;
  const lane = { key: one.id, title: one.name, note: "", day: page.day!, puts: { assigned_staff: one.id }, holds: () => false };
  location.assign(`${bookAt(lane, onStep(Date.now()))}&channel=WALKIN`);
}
