import { readFileSync } from 'node:fs';
import path from 'node:path';
import { marked } from 'marked';
import type { Plugin } from 'vite';
import { page, PAGE_STYLE, PAGE_STYLE_FILE } from './page.ts';

const FOLDER = 'models/tracenet';
const PAGE = `${FOLDER}/model-card.html`;

/**
 * Writes the model card as a page beside its Markdown, with its pictures: a browser shows Markdown as plain text.
 *
 * @param publicFolder where the card lies.
 */
export function modelCard(publicFolder: string): Plugin {
  const render = (): string =>
    modelCardPage(readFileSync(path.join(publicFolder, FOLDER, 'MODEL_CARD.md'), 'utf8'));
  return {
    name: 'tellscope-model-card',
    configureServer(server) {
      const serve = (name: string, type: string, content: () => string): void => {
        server.middlewares.use(`/${name}`, (_request, response) => {
          response.setHeader('Content-Type', `${type}; charset=utf-8`);
          response.end(content());
        });
      };
      serve(PAGE, 'text/html', render);
      serve(PAGE_STYLE_FILE, 'text/css', () => PAGE_STYLE);
    },
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: PAGE, source: render() });
      this.emitFile({ type: 'asset', fileName: PAGE_STYLE_FILE, source: PAGE_STYLE });
    },
  };
}

/** The page of a card. Pictures are links to themselves: on a small screen a sheet of stills is too small to read. */
export function modelCardPage(markdown: string): string {
  const html = marked.parse(markdown, { async: false, gfm: true });
  const body = html.replaceAll(
    /<img src="([^"]+)"[^>]*>/g,
    (picture, source: string) => `<a href="${source}">${picture}</a>`,
  );
  return page('Model card', body, '../../');
}
