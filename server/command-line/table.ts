/** Columns of text for a terminal, each as wide as its widest value but for the last. */

export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const titled = headings.some((heading) => heading !== '') ? [headings, ...rows] : rows;
  const widths = headings.map((_, column) => Math.max(0, ...titled.map((row) => row[column]?.length ?? 0)));
  return titled.map((row) => `${row.map((cell, column) => column === row.length - 1 ? cell : cell.padEnd(widths[column]!)).join('  ').trimEnd()}\n`).join('');
}
