// Text of the contracts as HTML.

/** Safe between tags and in quoted attributes. */
export function html(text: string): string {
  return text.replaceAll(/[&<>"]/g, (char) => entities[char] ?? char);
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Paragraphs, with `code` and [links](https://…): all that comments use. */
export function prose(text: string): string {
  return text
    .split("\n\n")
    .filter(Boolean)
    .map((paragraph) => `<p>${inline(html(paragraph))}</p>`)
    .join("");
}

function inline(text: string): string {
  return text
    .replaceAll(/`([^`]+)`/g, "<code>$1</code>")
    .replaceAll(/\[([^\]]+)\]\((https:[^)\s]+)\)/g, '<a href="$2">$1</a>');
}
