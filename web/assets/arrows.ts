// Lanes by keyboard (data-lanes): the arrow keys go from one stop to the next within a lane and to
// the lane beside; Tab goes on from there to what can be pressed. A stop is [data-stop], and the
// focus is on its first link.
const STEPS: Record<string, [lanes: number, stops: number]> = {
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
};

document.addEventListener("keydown", (event) => {
  const step = STEPS[event.key];
  if (!step || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const lanes = document.querySelector<HTMLElement>("[data-lanes]");
  const at = event.target as HTMLElement;
  if (!lanes || (at !== document.body && !lanes.contains(at))) return;
  const stops = [...lanes.querySelectorAll("[data-lane]")]
    .map((lane) => [...lane.querySelectorAll<HTMLElement>("[data-stop]")])
    .filter((found) => found.length);
  if (!stops.length) return;
  event.preventDefault();
  // nobody has the focus after a press: one goes on from where one came back to
  const here = at === document.body ? lanes.querySelector<HTMLElement>(":target") : at.closest<HTMLElement>("[data-stop]");
  const lane = stops.findIndex((found) => found.includes(here!));
  const place = lane < 0 ? -1 : stops[lane]!.indexOf(here!);
  const to = lane < 0 ? stops[0]! : stops[Math.min(Math.max(lane + step[0], 0), stops.length - 1)]!;
  to[Math.min(Math.max(place + step[1], 0), to.length - 1)]!.querySelector("a")!.focus();
});
