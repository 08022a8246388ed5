// The plan's live pages: what follows from moved numbers (P01-P14), and what a split leaves over.
//
// Numbers are whole base units (fen, tenths of a person, counts) as BigInt, so that a line is rounded
// once, half up, like the server's (shared/domain/reporting/rules/plan.py). Both forms work without.
type Unit = "YUAN" | "PERSON" | "COUNT" | "RATIO";
type Value = [bigint, bigint] | null; // a fraction; none has no base

const SCALE: Record<Unit, bigint> = { YUAN: 100n, PERSON: 10n, COUNT: 1n, RATIO: 1n };
const PLACES: Record<Unit, number> = { YUAN: 2, PERSON: 1, COUNT: 0, RATIO: 4 };

function read(text: string, unit: Unit): bigint | null {
  const bare = text.trim().replace(/[¥￥,，\s]/g, "");
  const places = PLACES[unit];
  const found = /^(\d{1,12})(?:\.(\d+))?$/.exec(bare);
  if (!found || (found[2] ?? "").length > places) return null;
  return BigInt(found[1]! + (found[2] ?? "").padEnd(places, "0"));
}

function written(value: bigint, places: number): string {
  const sign = value < 0n ? "-" : "";
  const digits = (value < 0n ? -value : value).toString().padStart(places + 1, "0");
  return sign + (places ? `${digits.slice(0, -places)}.${digits.slice(-places)}` : digits);
}

function rounded([top, bottom]: [bigint, bigint], places: number): bigint {
  const sign = top < 0n !== bottom < 0n ? -1n : 1n;
  const [a, b] = [top < 0n ? -top : top, bottom < 0n ? -bottom : bottom];
  return sign * ((a * 10n ** BigInt(places) * 2n + b) / (2n * b));
}

function shown(value: Value, unit: Unit): string {
  if (!value) return "—";
  const text = written(rounded(value, PLACES[unit]), PLACES[unit]);
  const [whole, rest] = text.replace("-", "").split(".");
  const grouped = whole!.replace(/\B(?=(\d{3})+$)/g, ",") + (rest ? `.${rest}` : "");
  return (text.startsWith("-") ? "-" : "") + (unit === "YUAN" ? document.body.dataset.money : "") + grouped;
}

function over(a: [bigint, bigint], b: [bigint, bigint]): Value {
  return b[0] === 0n ? null : [a[0] * b[1], a[1] * b[0]];
}

function times(a: [bigint, bigint], b: [bigint, bigint]): [bigint, bigint] {
  return [a[0] * b[0], a[1] * b[1]];
}

function productivity(of: Record<string, [bigint, bigint]>): Record<string, Value> {
  const { R, W, E, I, H, V, N, K } = of as Record<"R" | "W" | "E" | "I" | "H" | "V" | "N" | "K", [bigint, bigint]>;
  const profit: [bigint, bigint] = [R[0] - E[0] - I[0], 100n];
  return {
    P01: over(W, times(H, N)), P02: over(E, times(H, N)), P03: over(R, times([12n, 1n], H)), P04: over(V, times(H, N)),
    P05: over(R, V), P06: over(R, W), P07: over(R, E), P08: over(E, N), P09: over(V, N), P10: over(R, N), P11: over(R, K),
    P12: profit, P13: over(profit, K), P14: over(profit, R),
  };
}

/* --- what if --------------------------------------------------------------------------------- */
const whatIf = document.querySelector<HTMLFormElement>("[data-what-if]");
if (whatIf) {
  const levers = [...whatIf.querySelectorAll<HTMLElement>(".lever")];
  const unitOf = (lever: HTMLElement) => lever.dataset.unit as Unit;
  const textOf = (lever: HTMLElement) => lever.querySelector<HTMLInputElement>("input[name]")!;
  const rangeOf = (lever: HTMLElement) => lever.querySelector<HTMLInputElement>("input[type=range]")!;
  const asIs = (lever: HTMLElement): [bigint, bigint] => [BigInt(lever.dataset.base!), SCALE[unitOf(lever)]];
  const was = productivity(Object.fromEntries(levers.map((lever) => [lever.dataset.letter!, asIs(lever)])));

  const compute = (): void => {
    const moved: Record<string, [bigint, bigint]> = {};
    for (const lever of levers) {
      const typed = read(textOf(lever).value, unitOf(lever));
      textOf(lever).classList.toggle("is-invalid", typed === null);
      const amount = typed ?? BigInt(lever.dataset.base!);
      moved[lever.dataset.letter!] = [amount, SCALE[unitOf(lever)]];
      const base = BigInt(lever.dataset.base!);
      const by = base === 0n ? null : rounded([(amount - base) * 100n, base], 1);
      lever.querySelector(".by")!.textContent = by === null ? "" : `${by > 0n ? "+" : by === 0n ? "±" : ""}${written(by, 1)}%`;
      if (by !== null && document.activeElement !== rangeOf(lever)) rangeOf(lever).value = String(Number(by) / 10);
    }
    const now = productivity(moved);
    for (const row of document.querySelectorAll<HTMLElement>("[data-lines] [data-code]")) {
      const code = row.dataset.code!;
      const [a, b] = [was[code]!, now[code]!];
      row.querySelector("[data-now]")!.textContent = shown(b, row.dataset.unit as Unit);
      const line = row.querySelector<HTMLElement>("[data-change]")!;
      if (!a || !b) line.textContent = "—";
      else {
        const delta: [bigint, bigint] = [b[0] * a[1] - a[0] * b[1], a[1] * b[1]];
        const size: [bigint, bigint] = [a[0] < 0n ? -a[0] : a[0], a[1]];
        const rate = over(delta, size);
        const percent = rate && rounded([rate[0] * 100n, rate[1]], 2);
        const mark = document.createElement("span");
        mark.textContent = percent === null ? "—" : `${percent > 0n ? "+" : ""}${written(percent, 2)}%`;
        if (delta[0] !== 0n) mark.className = delta[0] > 0n !== (row.dataset.cost === "1") ? "pos" : "neg";
        line.replaceChildren(mark);
      }
    }
  };
  whatIf.addEventListener("input", (event) => {
    const lever = (event.target as HTMLElement).closest<HTMLElement>(".lever")!;
    if (event.target === rangeOf(lever)) {
      const base = BigInt(lever.dataset.base!);
      const amount = rounded([base * BigInt(100 + Number(rangeOf(lever).value)), 100n], 0);
      textOf(lever).value = written(amount, PLACES[unitOf(lever)]);
    }
    compute();
  });
  compute();
}

/* --- the split ------------------------------------------------------------------------------- */
const split = document.querySelector<HTMLFormElement>("[data-split]");
if (split) {
  const sums = (): void => {
    let rest = BigInt(split.dataset.total!);
    for (const row of split.querySelectorAll<HTMLElement>("[data-month]")) {
      const [store, ...parts] = [...row.querySelectorAll<HTMLInputElement>("input")].map((input) => read(input.value, "YUAN") ?? 0n);
      rest -= store!;
      const left = store! - parts.reduce((sum, part) => sum + part, 0n);
      const line = row.querySelector<HTMLElement>("[data-left]")!;
      line.textContent = left === 0n ? "✓" : written(left, 2);
      line.classList.toggle("neg", left !== 0n);
    }
    const line = split.querySelector<HTMLElement>("[data-rest]")!;
    line.textContent = rest === 0n ? "✓" : written(rest, 2);
    line.classList.toggle("neg", rest !== 0n);
  };
  split.addEventListener("input", sums);
  split.addEventListener("change", sums); // a draft that was taken back
  sums();
}

export {};
