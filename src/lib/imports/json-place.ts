import { findNodeAtLocation, parse, parseTree, printParseErrorCode, type ParseError } from 'jsonc-parser';

/**
 * The 1-based line of a JSON text on which a field stands.
 *
 * @param field dotted path, for example `traces.0.score`; for a field that is missing the line of what should hold it.
 */
export function locate(text: string, field: string): number {
  const root = parseTree(text);
  const path = field === '' ? [] : field.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  for (let length = path.length; root && length > 0; length--) {
    const node = findNodeAtLocation(root, path.slice(0, length));
    if (node) {
      return lineAt(text, node.offset);
    }
  }
  return lineAt(text, root?.offset ?? 0);
}

/** Where a text stops being JSON, in a sentence; nothing when it is JSON. */
export function syntaxProblem(text: string): string | undefined {
  const errors: ParseError[] = [];
  parse(text, errors, { disallowComments: true });
  const [first] = errors;
  if (!first) {
    return undefined;
  }
  // The names are of the form `CommaExpected`.
  const reason = printParseErrorCode(first.error)
    .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toLowerCase();
  return `The file is not JSON: line ${lineAt(text, first.offset)}, ${reason}.`;
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
