import { controlOf } from "../contest";
import { circumstances, type Comparison, type Standing } from "./comparison";

const WIDTH = 720;
const LABEL_WIDTH = 130;
const VALUE_WIDTH = 110;
const TOP = 56;
const ROW_HEIGHT = 30;
const BAR_HEIGHT = 16;
const BAR_WIDTH = WIDTH - LABEL_WIDTH - VALUE_WIDTH;
const US = "vernal";

/** Colours of its own for light and dark, since a picture in a page does not inherit the page's. */
const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #24292f; }
  .title { font-size: 15px; font-weight: 600; }
  .note { font-size: 12px; fill: #57606a; }
  .bar { fill: #8c96a0; }
  .us { fill: #2da44e; }
  .range { stroke: #24292f; stroke-width: 1.5; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .note { fill: #9198a1; }
    .bar { fill: #6e7681; }
    .us { fill: #3fb950; }
    .range { stroke: #e6edf3; }
  }
`;

/** Bars of the medians, with a line from the least to the most of all rounds; short is good. */
export function chart({ contest, metric, standings }: Comparison): string {
  const { scenario } = contest;
  const control = controlOf(scenario);
  const shown = standings.filter(({ contestant, figure }) => contestant !== control && figure !== undefined);
  const longest = Math.max(...shown.map(({ figure }) => figure!.maximum));
  const rows = shown.map((standing, row) => rowOf(standing, row, BAR_WIDTH / longest, metric.unit));
  const height = TOP + shown.length * ROW_HEIGHT + 8;
  const note = `${metric.title}, ${metric.unit}; less is better; ${circumstances(contest)}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escape(describe(scenario.title, note, shown))}">
<style>${STYLE}</style>
<text class="title" x="0" y="18">${escape(scenario.title)}</text>
<text class="note" x="0" y="38">${escape(note)}</text>
${rows.join("\n")}
</svg>
`;
}

function rowOf({ contestant, figure }: Standing, row: number, scale: number, unit: string): string {
  const { minimum, median, maximum } = figure!;
  const y = TOP + row * ROW_HEIGHT;
  const middle = y + BAR_HEIGHT / 2;
  const at = (value: number): string => (LABEL_WIDTH + value * scale).toFixed(1);
  const kind = contestant === US ? "bar us" : "bar";
  return [
    `<text x="${LABEL_WIDTH - 10}" y="${y + 13}" text-anchor="end">${escape(contestant)}</text>`,
    `<rect class="${kind}" x="${LABEL_WIDTH}" y="${y}" width="${(median * scale).toFixed(1)}" height="${BAR_HEIGHT}" rx="2"/>`,
    `<line class="range" x1="${at(minimum)}" x2="${at(maximum)}" y1="${middle}" y2="${middle}"/>`,
    `<text x="${Number(at(maximum)) + 8}" y="${y + 13}">${valueText(median)} ${unit}</text>`,
  ].join("\n");
}

/** For those who cannot see it. */
function describe(title: string, note: string, shown: readonly Standing[]): string {
  const values = shown.map(({ contestant, figure }) => `${contestant} ${valueText(figure!.median)}`);
  return `${title}. ${note}. ${values.join(", ")}.`;
}

function valueText(value: number): string {
  return value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0);
}

function escape(text: string): string {
  const names: Record<string, string> = { "&": "amp", "<": "lt", ">": "gt", '"': "quot" };
  return text.replace(/[&<>"]/g, (character) => `&${names[character]!};`);
}
