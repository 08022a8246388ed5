// Charts, from numbers that stand in the page (data-chart) and are repeated in the table beneath.
import { BarChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { type EChartsCoreOption, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, LineChart, GridComponent, TooltipComponent, LegendComponent, AriaComponent, MarkLineComponent, SVGRenderer]);

interface Series {
  name: string;
  fen: (number | null)[];
}
interface ChartData {
  labels: string[];
  series: Series[];
  /** index of a bar -> what it is, e.g. peak or slack */
  marks?: Record<string, "peak" | "slack" | "part">;
  stacked?: boolean;
  /** lines instead of bars; the first one stands out */
  lines?: boolean;
}

const dark = window.matchMedia("(prefers-color-scheme: dark)");

function token(name: string): string {
  // light-dark() is only resolved on a real property
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

function yuan(fen: number | null): string {
  if (fen === null || fen === undefined) return "—";
  return `${document.body.dataset.money}${(fen / 100).toLocaleString("en-US", { minimumFractionDigits: 2 })}`;
}

function shortYuan(fen: number): string {
  const value = fen / 100;
  if (document.documentElement.lang.startsWith("zh")) {
    return Math.abs(value) >= 10000 ? `${value / 10000}万` : `${value}`;
  }
  return Math.abs(value) >= 1000 ? `${value / 1000}k` : `${value}`;
}

function options(data: ChartData): EChartsCoreOption {
  const ink = token("--rb-ink-soft");
  const rule = token("--rb-rule");
  const palette = ["--rb-cloth-bar", "--rb-bar-2", "--rb-bar-3", "--rb-bar-4", "--rb-bar-5", "--rb-bar-6"].map(token);
  const marks = { peak: token("--rb-peak"), slack: token("--rb-slack"), part: token("--rb-bar-3") };
  return {
    animation: false,
    aria: { enabled: true },
    color: palette,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: ink },
    grid: { left: 4, right: 8, top: data.series.length > 1 ? 34 : 14, bottom: 4, containLabel: true },
    legend: data.series.length > 1 ? { top: 0, left: 0, itemWidth: 10, itemHeight: 10, textStyle: { color: ink } } : undefined,
    tooltip: {
      trigger: "axis",
      renderMode: "richText", // the other mode writes style attributes, which our policy refuses
      backgroundColor: token("--rb-sheet"),
      borderColor: rule,
      textStyle: { color: token("--rb-ink") },
      axisPointer: { type: "shadow" },
      valueFormatter: yuan,
    },
    xAxis: {
      type: "category",
      data: data.labels,
      axisLine: { lineStyle: { color: rule } },
      axisTick: { show: false },
      axisLabel: { color: ink, hideOverlap: true },
    },
    yAxis: {
      type: "value",
      axisLabel: { color: ink, formatter: shortYuan },
      splitLine: { lineStyle: { color: rule } },
    },
    series: data.series.map((one, place) => ({
      ...(data.lines && { symbol: "none", z: -place, lineStyle: { width: place ? 1.5 : 3, type: ["solid", "dashed", "dotted"][place] } }),
      type: data.lines ? "line" : "bar",
      name: one.name,
      stack: data.stacked ? "all" : undefined,
      barMaxWidth: 34,
      data: one.fen.map((value, index) => {
        const mark = data.marks?.[String(index)];
        return mark ? { value, itemStyle: { color: marks[mark] } } : value;
      }),
    })),
  };
}

function draw(frame: HTMLElement): void {
  const data = JSON.parse(frame.dataset.chart ?? "{}") as ChartData;
  const chart = init(frame, null, { renderer: "svg" });
  const paint = () => chart.setOption(options(data), true);
  paint();
  dark.addEventListener("change", paint);
  new ResizeObserver(() => chart.resize()).observe(frame);
  window.addEventListener("beforeprint", () => chart.resize({ width: 640 }));
  window.addEventListener("afterprint", () => chart.resize());
}

document.querySelectorAll<HTMLElement>("[data-chart]").forEach(draw);
