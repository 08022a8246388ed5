// The day board 预约看板: everybody's bookings, moved by hand, followed while others move them too.
import { follow } from "./follow";
import { onChanged, saving } from "./board/changing";
import { draw, frame, laneAt, minuteOf, perMinute } from "./board/draw";
import "./board/keys";
import { type Board, find, page, say, state } from "./board/model";
import { holding } from "./board/pointer";
import { drawTurns } from "./board/turns";

const EVERY_SECONDS = 1.2; // so that two desks see each other's changes within two
let isFirst = true;

function take(incoming: Board): void {
  const news = new Set<number>();
  incoming.appointments = incoming.appointments.map((one) => {
    const known = find(one.id);
    // what this desk is just saving, or has saved since the question was asked, is newer
    if (known && (saving.has(one.id) || known.version > one.version)) return known;
    if (!isFirst && known?.version !== one.version) news.add(one.id);
    return one;
  });
  state.board = incoming;
  draw(news, holding());
  drawTurns();
  if (news.size) document.querySelector("#board-heard")!.textContent = say("news", { n: news.size });
  if (isFirst) begin();
  isFirst = false;
}

function begin(): void {
  const lane = laneAt(0);
  if (!lane) return;
  const at = Math.max(0, minuteOf(lane, Math.max(Date.now(), 0)) - 45);
  const first = Math.min(...state.board.appointments.map((one) => minuteOf(lane, Date.parse(one.start_at))), 24 * 60);
  const isToday = page.today === page.day && page.by !== "week";
  frame.scrollTop = (isToday ? at : Math.max(0, first - 15)) * perMinute();
  performance.measure("board-open", { start: 0, end: performance.now() });
}

onChanged(follow(page.url!, EVERY_SECONDS, async (answer) => take((await answer.json()) as Board), 0));
window.setInterval(() => draw(new Set(), holding()), 30_000); // the now-line, and what is past
document.querySelector("#board-cancelled")?.addEventListener("change", (event) => {
  state.showsCancelled = (event.target as HTMLInputElement).checked;
  draw();
});
