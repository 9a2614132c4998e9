// Makes what the browser runs into ../static/built: what pages take as it comes, one bundle per folder of src/ that has a
// main.js, and the licences of all of it. `node build.mjs` builds everything, `node build.mjs diagram` one bundle.
import { copyFile, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const packages = join(here, 'node_modules');
const source = join(here, 'src');
const built = join(here, '..', 'static', 'built');

/** Files that pages load as the package brings them. */
const AS_IT_COMES = { 'htmx.org/dist/htmx.min.js': 'htmx.min.js' };

/** The text of a package's licence under its name and version, or what its description says. */
async function licence(folder) {
  const about = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const file = (await readdir(folder)).find((name) => /^licen[cs]e/i.test(name));
  const text = file ? await readFile(join(folder, file), 'utf8') : about.license ?? '';
  return `${about.name} ${about.version}\n\n${String(text).trim()}\n`;
}

/** Names of all bundles, in the order of the alphabet. */
async function entries() {
  if (!existsSync(source)) return [];
  const folders = (await readdir(source, { withFileTypes: true })).filter((one) => one.isDirectory());
  return folders.map((one) => one.name).filter((name) => existsSync(join(source, name, 'main.js'))).sort();
}

/**
 * CodeMirror writes its styles into a <style> element, which the pages' policy forbids; where the page's root has no <head> it
 * adopts a style sheet instead, which needs no permission. So it adopts one everywhere.
 */
const adopting = {
  name: 'adopting-styles',
  transform(code, id) {
    if (!/[\\/]style-mod[\\/]/.test(id)) return null;
    const changed = code.replace('!root.head && root.adoptedStyleSheets', 'root.adoptedStyleSheets');
    if (changed === code) throw new Error('style-mod has changed: look at how it mounts its styles');
    return { code: changed, map: null };
  },
};

/**
 * Bundles src/<name>/main.js into <name>.js and <name>.css. Each bundle stands alone: a page loads one script, and building
 * one never changes another. Fonts stay files of their own, because the pages' policy allows none inside a style sheet.
 */
async function bundle(name) {
  const { build } = await import('vite');
  await build({
    configFile: false,
    root: here,
    base: './',
    publicDir: false,
    logLevel: 'warn',
    plugins: [adopting],
    build: {
      outDir: built,
      emptyOutDir: false,
      target: 'es2022',
      assetsInlineLimit: 0,
      cssCodeSplit: false,
      chunkSizeWarningLimit: 4000,
      modulePreload: false,
      rolldownOptions: {
        input: { [name]: join(source, name, 'main.js') },
        output: {
          codeSplitting: false,
          entryFileNames: '[name].js',
          assetFileNames: ({ names }) => (names[0]?.endsWith('.css') ? `${name}.css` : '[name][extname]'),
        },
      },
    },
  });
}

await mkdir(built, { recursive: true });
const asked = process.argv.slice(2);
const known = await entries();
const wrong = asked.filter((name) => !known.includes(name));
if (wrong.length) {
  console.error(`no src/${wrong[0]}/main.js; there are: ${known.join(', ') || 'none'}`);
  process.exit(1);
}
for (const name of asked.length ? asked : known) await bundle(name);
if (!asked.length) {
  for (const [from, to] of Object.entries(AS_IT_COMES)) await copyFile(join(packages, from), join(built, to));
  const lock = JSON.parse(await readFile(join(here, 'package-lock.json'), 'utf8'));
  const notices = [];
  for (const [path, about] of Object.entries(lock.packages)) {
    const folder = join(here, path);
    if (path && !about.dev && existsSync(join(folder, 'package.json'))) notices.push(await licence(folder));
  }
  await writeFile(join(built, 'THIRD_PARTY_NOTICES.txt'), notices.join(`\n${'-'.repeat(80)}\n\n`));
}
