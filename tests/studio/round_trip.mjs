// Reads decision models from stdin (JSON: path -> XML), lets the editor's own reader and writer pass them on, prints them.
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';

const { DmnModdle } = await import(pathToFileURL(join(process.cwd(), 'node_modules/dmn-moddle/dist/index.js')).href);
let text = '';
for await (const part of process.stdin) text += part;
const told = {};
for (const [path, xml] of Object.entries(JSON.parse(text))) {
  const moddle = new DmnModdle();
  const { rootElement, warnings } = await moddle.fromXML(xml, 'dmn:Definitions');
  const written = await moddle.toXML(rootElement, { format: true });
  told[path] = { xml: written.xml, warnings: warnings.map((one) => one.message) };
}
process.stdout.write(JSON.stringify(told));
