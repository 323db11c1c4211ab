import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Plugin } from 'vite';
import { escape, page } from './page.ts';

/** An installed package of which something is in the build. */
type Package = { name: string; version: string; licence: string; texts: string[] };

/** Notices of what is in the app beside packages, by their place in `public/`. */
const NOTICES = [
  'samples/NOTICE.md',
  'models/tracenet/failures/NOTICE.md',
  'samples/LICENSE-APACHE-2.0.txt',
  'models/tracenet/failures/LICENSE-MIT-videophy.txt',
  'models/tracenet/MODEL_CARD.md',
];

/**
 * Writes `licences.html`: every installed package of which code is in the build, with the texts it is distributed
 * under. Vite's own `build.license` looks at the page's code only, and most of ours is in workers.
 *
 * @param publicFolder where the notices lie.
 * @param wholePackages files of packages that are in the build as they are, not bundled.
 */
export function licences(
  publicFolder: string,
  wholePackages: readonly string[],
): { page: Plugin; workers: Plugin } {
  const packages = new Map<string, Package>();
  const collect = (moduleIds: readonly string[]): void => {
    for (const id of moduleIds) {
      const folder = packageFolder(id);
      if (folder && !packages.has(folder)) {
        packages.set(folder, readPackage(folder));
      }
    }
  };
  const collectFrom = (bundle: Record<string, { type: string; moduleIds?: string[] }>): void => {
    for (const output of Object.values(bundle)) {
      collect(output.moduleIds ?? []);
    }
  };
  return {
    workers: {
      name: 'tellscope-licences-of-workers',
      generateBundle: (_options, bundle) => collectFrom(bundle),
    },
    page: {
      name: 'tellscope-licences',
      configureServer(server) {
        server.middlewares.use('/licences.html', (_request, response) => {
          response.setHeader('Content-Type', 'text/plain; charset=utf-8');
          response.end('The list of licences is made with the build: npm start');
        });
      },
      generateBundle(_options, bundle) {
        collectFrom(bundle);
        collect(wholePackages);
        const source = toHtml([...packages.values()], readNotices(publicFolder));
        this.emitFile({ type: 'asset', fileName: 'licences.html', source });
      },
    },
  };
}

/** Folder of the package that a module belongs to; undefined for our own modules and the bundler's. */
function packageFolder(id: string): string | undefined {
  return /^[^\0].*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id.replaceAll('\\', '/'))?.[0];
}

function readPackage(folder: string): Package {
  const description = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: string;
  };
  const texts = readdirSync(folder)
    .filter((name) => /^(licen[cs]e|copying|notice|third-?party)/i.test(name))
    .map((name) => readFileSync(path.join(folder, name), 'utf8').trim());
  return {
    name: description.name,
    version: description.version,
    licence: description.license ?? 'not stated',
    texts,
  };
}

function readNotices(publicFolder: string): { name: string; text: string }[] {
  return NOTICES.map((name) => ({ name, text: readFileSync(path.join(publicFolder, name), 'utf8') }));
}

function toHtml(packages: readonly Package[], notices: readonly { name: string; text: string }[]): string {
  const sorted = packages.toSorted((a, b) => a.name.localeCompare(b.name));
  const sections = sorted.map(
    ({ name, version, licence, texts }) =>
      `<section><h2>${escape(`${name} ${version}`)}</h2><p>${escape(licence)}</p>` +
      `${texts.map((text) => `<pre>${escape(text)}</pre>`).join('')}</section>`,
  );
  const others = notices.map(
    ({ name, text }) => `<section><h2>${escape(name)}</h2><pre>${escape(text)}</pre></section>`,
  );
  return page(
    'Licences',
    `<h1>Licences</h1>
<p>The ${sorted.length} packages of other projects that are in this app, as they were installed when it was built, and below them what is said of its sample clips, its model and the stills in the model’s card.</p>
${sections.join('\n')}
<h2>Sample clips and model</h2>
${others.join('\n')}`,
  );
}
