/** Text that is markup already, and must not be escaped again. */
export class Markup {
  readonly text: string;

  /** Takes text that is known to be markup. */
  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template. */
type Part = string | number | Markup | Markup[];

/** Builds HTML or SVG: everything that is put in is escaped, but for what this has built itself. */
export function markup(strings: TemplateStringsArray, ...parts: Part[]): Markup {
  return new Markup(
    strings.reduce((text, string, index) => text + asMarkup(parts[index - 1] ?? '') + string),
  );
}

function asMarkup(part: Part): string {
  if (Array.isArray(part)) {
    return part.map(({ text }) => text).join('');
  }
  return part instanceof Markup ? part.text : escape(String(part));
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
