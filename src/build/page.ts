/** Where the style of {@link page} is emitted: a file of its own, since no page of the app allows styles inside. */
export const PAGE_STYLE_FILE = 'pages.css';

export const PAGE_STYLE = `:root { color-scheme: light dark; }
body { max-width: 50rem; margin: 2rem auto; padding-inline: 1rem; font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1, h2, h3 { font-family: Georgia, serif; line-height: 1.2; }
h2 { margin-top: 2.5rem; font-size: 1.25rem; }
pre { white-space: pre-wrap; font-size: 0.8125rem; }
table { border-collapse: collapse; font-size: 0.9375rem; }
th, td { padding: 0.25rem 0.75rem; border: 1px solid GrayText; text-align: start; vertical-align: top; }
img { display: block; max-width: 100%; height: auto; }
`;

/**
 * A page of reading matter that the build makes beside the app.
 *
 * @param title as it stands in the tab, before the app's name.
 * @param body HTML.
 * @param root the way from the page's folder to the app's, ending in a slash; empty where they are the same.
 */
export function page(title: string, body: string, root = ''): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="stylesheet" href="${root}${PAGE_STYLE_FILE}">
<title>${escape(title)} – Tellscope</title>
<link rel="icon" href="${root}icons/favicon.svg" type="image/svg+xml">
</head>
<body>
<main>
<p><a href="${root === '' ? './' : root}">Back to Tellscope</a></p>
${body}
</main>
</body>
</html>
`;
}

/** Text as HTML. */
export function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
