/** Rows as aligned columns under headings, for people; programs ask for `--json`. */
export function formatTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => printable(row[column]).length)),
  )
  const line = (cells: readonly (string | undefined)[]) =>
    cells
      .map((cell, column) => printable(cell).padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return [line(headings.map((heading) => heading.toUpperCase())), ...rows.map(line)].join('\n')
}

/** Names come from other people; control characters in them could rewrite what a terminal shows. */
export function printable(text: string | undefined): string {
  // oxlint-disable-next-line no-control-regex -- these are the characters to get rid of
  return (text ?? '').replaceAll(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '\ufffd')
}
