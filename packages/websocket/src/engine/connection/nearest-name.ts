/** Fewer letters stand in many names by chance. */
const SHORTEST_PART = 3;

/** The name that somebody meant who wrote `written`, if one is near enough. */
export function nearestName(written: string, names: readonly string[]): string | undefined {
  const text = written.toLowerCase();
  const isPartOf = (name: string): boolean =>
    text.length >= SHORTEST_PART && name.toLowerCase().includes(text);
  const near = names
    .map((name) => ({ name, distance: distanceOf(text, name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= text.length / 3 || isPartOf(name));
  return near.sort((a, b) => a.distance - b.distance)[0]?.name;
}

/** How many letters are to be put in, taken out, replaced or exchanged with their neighbour. */
function distanceOf(from: string, to: string): number {
  const rows = [Array.from({ length: to.length + 1 }, (_, column) => column)];
  for (let line = 1; line <= from.length; line += 1) {
    const row = [line];
    const above = rows.at(-1)!;
    for (let column = 1; column <= to.length; column += 1) {
      const isSame = from[line - 1] === to[column - 1];
      const isExchanged = from[line - 1] === to[column - 2] && from[line - 2] === to[column - 1];
      const exchanged = isExchanged ? (rows.at(-2)?.[column - 2] ?? Infinity) + 1 : Infinity;
      row.push(
        Math.min(above[column - 1]! + (isSame ? 0 : 1), above[column]! + 1, row[column - 1]! + 1, exchanged),
      );
    }
    rows.push(row);
  }
  return rows[from.length]![to.length]!;
}
