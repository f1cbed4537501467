/** Bundles the pages into dist/: hashed assets, and one HTML file per page that names them. */

import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('.', import.meta.url));
const dist = join(root, 'dist');
const PAGES = (await readdir(join(root, 'src/pages')))
  .filter((name) => name.endsWith('.html'))
  .map((name) => name.replace(/\.html$/, ''));
const written = new Set(['LICENSES.txt']);

await mkdir(dist, { recursive: true });

const modules = await bundle({
  entryPoints: PAGES.map((page) => join(root, 'src/pages', `${page}.ts`)),
  format: 'esm',
  splitting: true,
  chunkNames: '[name]-[hash]',
});
const plain = await bundle({
  entryPoints: [join(root, 'src/pages/theme.ts'), join(root, 'src/shared/tokens.css')],
  format: 'iife',
});

const names = { ...entryNames(modules), ...entryNames(plain), 'icon.svg': await copyHashed('icon.svg') };
for (const page of PAGES) await writePage(page, names);
await writeLicences([modules, plain]);
await removeOthers();

async function bundle(options) {
  const result = await build({
    absWorkingDir: root,
    outdir: dist,
    bundle: true,
    minify: true,
    metafile: true,
    target: 'es2022',
    entryNames: '[name]-[hash]',
    legalComments: 'linked',
    logLevel: 'warning',
    ...options,
  });
  for (const path of Object.keys(result.metafile.outputs)) written.add(basename(path));
  return result;
}

/** What earlier builds left, at the end: a server that runs meanwhile never misses a file. */
async function removeOthers() {
  const stale = (await readdir(dist)).filter((name) => !written.has(name));
  await Promise.all(stale.map((name) => rm(join(dist, name), { recursive: true, force: true })));
}

/** "desk.js" -> "desk-ABC123.js" */
function entryNames({ metafile }) {
  const outputs = Object.entries(metafile.outputs).filter(([, output]) => output.entryPoint);
  return Object.fromEntries(
    outputs.map(([path, output]) => [basename(output.entryPoint).replace(/\.ts$/, '.js'), basename(path)]),
  );
}

async function copyHashed(name) {
  const content = await readFile(join(root, 'src/pages', name));
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 8);
  const hashed = name.replace('.', `-${hash}.`);
  await writeFile(join(dist, hashed), content);
  written.add(hashed);
  return hashed;
}

async function writePage(page, names) {
  const template = await readFile(join(root, 'src/pages', `${page}.html`), 'utf8');
  const html = template.replace(/{{([^}]+)}}/g, (_, name) => {
    if (!names[name]) throw new Error(`${page}.html names ${name}, which was not built`);
    return `/assets/${names[name]}`;
  });
  await writeFile(join(dist, `${page}.html`), html);
  written.add(`${page}.html`);
}

/** The licence of every package whose code is in the bundles. */
async function writeLicences(results) {
  const inputs = results.flatMap(({ metafile }) => Object.keys(metafile.inputs));
  const packages = new Set(
    inputs.map((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]).filter(Boolean),
  );
  for (const name of packages) await addDependencies(name, packages);
  const parts = await Promise.all([...packages].sort().map(licenceOf));
  await writeFile(join(dist, 'LICENSES.txt'), parts.join('\n\n'));
}

/** Some packages come bundled with what they depend on, which then is no input of its own. */
async function addDependencies(name, packages) {
  for (const dependency of Object.keys((await manifestOf(name)).dependencies ?? {})) packages.add(dependency);
}

async function manifestOf(name) {
  return JSON.parse(await readFile(join(root, 'node_modules', name, 'package.json'), 'utf8'));
}

async function licenceOf(name) {
  const folder = join(root, 'node_modules', name);
  const { version, license } = await manifestOf(name);
  for (const file of ['LICENSE', 'LICENSE.txt', 'LICENSE.md', 'LICENSE-MIT']) {
    const text = await readFile(join(folder, file), 'utf8').catch(() => null);
    if (text) return `${name} ${version} (${license})\n\n${text.trim()}\n`;
  }
  return `${name} ${version} (${license})\n`;
}
