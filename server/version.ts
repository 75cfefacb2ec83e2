/** The version of this software and its day, from package.json. */
import { readFileSync } from 'node:fs';

const { version, releaseDate } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string; releaseDate: string };
export { releaseDate, version };
