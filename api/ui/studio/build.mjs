// Makes what the browser runs into ../static/built: what pages take as it comes, with the licences of all of it.
import { copyFile, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const packages = join(here, 'node_modules');
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

await mkdir(built, { recursive: true });
for (const [from, to] of Object.entries(AS_IT_COMES)) await copyFile(join(packages, from), join(built, to));
const lock = JSON.parse(await readFile(join(here, 'package-lock.json'), 'utf8'));
const notices = [];
for (const [path, about] of Object.entries(lock.packages)) {
  const folder = join(here, path);
  if (path && !about.dev && existsSync(join(folder, 'package.json'))) notices.push(await licence(folder));
}
await writeFile(join(built, 'THIRD_PARTY_NOTICES.txt'), notices.join(`\n${'-'.repeat(80)}\n\n`));
