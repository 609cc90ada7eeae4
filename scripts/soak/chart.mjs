const width = 800;
const height = 320;
const plot = { left: 56, right: 130, top: 34, bottom: 44 };

/** Memory over time as an SVG, readable on light and on dark pages. */
export function drawChart({ title, samples, warmUpSeconds }) {
  const seconds = samples.at(-1).second;
  const highest = niceCeiling(Math.max(...samples.map(({ rss }) => rss)) / 1024 ** 2);
  const x = (second) => plot.left + (second / seconds) * (width - plot.left - plot.right);
  const y = (mib) => height - plot.bottom - (mib / highest) * (height - plot.top - plot.bottom);
  const line = (name) =>
    samples
      .map((sample) => `${x(sample.second).toFixed(1)},${y(sample[name] / 1024 ** 2).toFixed(1)}`)
      .join(" ");
  const last = samples.at(-1);
  const label = (name, text) =>
    `<text x="${x(seconds) + 8}" y="${y(last[name] / 1024 ** 2) + 4}" class="${name}">${text}</text>`;

  const rows = ticks(highest, 4).map(
    (mib) => `<line x1="${plot.left}" x2="${x(seconds)}" y1="${y(mib)}" y2="${y(mib)}" class="grid"/>
  <text x="${plot.left - 8}" y="${y(mib) + 4}" text-anchor="end">${mib}</text>`,
  );
  const columns = ticks(Math.floor(seconds / 60), 6).map(
    (minute) =>
      `<text x="${x(minute * 60)}" y="${height - plot.bottom + 18}" text-anchor="middle">${minute}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">
  <style>
    text { font: 12px system-ui, sans-serif; fill: #57606a; }
    .title { font-size: 14px; font-weight: 600; fill: #1f2328; }
    .grid { stroke: #8884; }
    .warm-up { fill: #8882; }
    polyline { fill: none; stroke-width: 2; stroke-linejoin: round; }
    polyline.rss { stroke: #0969da; } text.rss { fill: #0969da; }
    polyline.heapUsed { stroke: #1a7f37; } text.heapUsed { fill: #1a7f37; }
    @media (prefers-color-scheme: dark) {
      text { fill: #9198a1; }
      .title { fill: #f0f6fc; }
      polyline.rss { stroke: #4493f8; } text.rss { fill: #4493f8; }
      polyline.heapUsed { stroke: #3fb950; } text.heapUsed { fill: #3fb950; }
    }
  </style>
  <text x="${plot.left}" y="20" class="title">${title}</text>
  <rect x="${plot.left}" y="${plot.top}" width="${x(warmUpSeconds) - plot.left}" height="${height - plot.top - plot.bottom}" class="warm-up"/>
  <text x="${plot.left + 6}" y="${plot.top + 16}">warm-up</text>
  ${rows.join("\n  ")}
  ${columns.join("\n  ")}
  <text x="${x(seconds / 2)}" y="${height - 8}" text-anchor="middle">minutes</text>
  <text x="${plot.left - 8}" y="${plot.top - 8}" text-anchor="end">MiB</text>
  <polyline points="${line("rss")}" class="rss"/>
  <polyline points="${line("heapUsed")}" class="heapUsed"/>
  ${label("rss", "resident memory")}
  ${label("heapUsed", "heap in use")}
</svg>
`;
}

function niceCeiling(value) {
  const step = value > 200 ? 100 : value > 80 ? 40 : 20;
  return Math.ceil((value * 1.05) / step) * step;
}

/** From 0 to `end`, in at most `count` whole steps. */
function ticks(end, count) {
  const step = Math.max(1, Math.ceil(end / count));
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, index) => index * step);
}
