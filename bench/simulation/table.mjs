/** Results as a table in Markdown. */

export const percent = (count, of) => `${((100 * count) / of).toFixed(1)}%`;

export function table(title, head, rows) {
  console.log(`\n${title}\n`);
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => String(row[column]).length)),
  );
  const line = (row) => `| ${row.map((cell, column) => String(cell).padEnd(widths[column])).join(" | ")} |`;
  console.log(line(head));
  console.log(`| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`);
  for (const row of rows) console.log(line(row));
}
