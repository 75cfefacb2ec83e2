/** The documents of the repository, as the tests beside this file read them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Paths of all documents, from the root of the repository. */
export function documents(): string[] {
  const below = readdirSync('docs', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md')).map((name) => join('docs', name));
  return [...readdirSync('.').filter((name) => name.endsWith('.md')), ...below].toSorted();
}

/** The code block that follows `<!-- example: NAME -->`. */
export function example(file: string, name: string): string {
  const text = readFileSync(file, 'utf8');
  const found = new RegExp(`<!-- example: ${name} -->\\n\`\`\`\\w+\\n([\\s\\S]*?)\`\`\``).exec(text)?.[1];
  if (found === undefined) throw new Error(`${file} has no example "${name}"`);
  return found;
}

/** Code without its fences, all blocks of one language. */
export function blocks(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map((match) => match[1]!);
}

/** Targets of links, without those inside of code. */
export function links(text: string): string[] {
  const prose = text.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!);
}
