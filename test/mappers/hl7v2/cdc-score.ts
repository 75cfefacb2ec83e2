/**
 * How far our Bundles say what those of CDC's ReportStream say of the same message: for each of its pairs (one per rule
 * of its mapping inventory) every plain value of the expected Bundle is looked for in ours. Addresses, ids and CDC's own
 * extensions are no part of it; what is counted stands in docs/reference/hl7v2-cdc-pairs.md.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { corpora, mapFile, messageFiles } from './corpora.ts';

export const pairsFolder = join(corpora, 'cdc-reportstream');

export interface Score {
  pairs: number;
  /** Values of the expected Bundles. */
  expected: number;
  /** At the same element of a resource of the same type. */
  same: number;
  /** At another element of a resource of the same type. */
  elsewhereInType: number;
  /** In a resource of another type. */
  elsewhere: number;
  /** Not in the message at all: constants and codes of CDC's own. */
  notSent: number;
  /** In the message, and not in our Bundle. */
  absent: number;
  /** What is not at the same element, and is in the message. */
  readonly differences: Difference[];
}

/** A value of the message that CDC has at an element of a type, and we elsewhere or not at all. */
export interface Difference {
  /** `Type.path`, without indexes. */
  readonly element: string;
  readonly value: string;
  readonly where: 'type' | 'other' | 'absent';
}

interface Leaf {
  readonly type: string;
  readonly path: string;
  readonly value: string;
}

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

const SKIPPED = new Set(['id', 'fullUrl', 'reference', 'meta', 'resourceType', 'div', 'lastUpdated', 'url']);

function leavesOf(bundle: Json): Leaf[] {
  const found: Leaf[] = [];
  for (const entry of (bundle as { entry?: { resource?: Record<string, Json> }[] }).entry ?? []) {
    const { resource } = entry;
    const type = resource?.['resourceType'];
    if (resource === undefined || typeof type !== 'string') continue;
    collect(resource, type, '', found);
  }
  return found;
}

function collect(node: Json, type: string, path: string, found: Leaf[]): void {
  if (Array.isArray(node)) for (const each of node) collect(each, type, path, found);
  else if (typeof node === 'object' && node !== null) {
    // Extensions that only one of the two has a name for tell nothing of the mapping.
    const url = node['url'];
    if (path.endsWith('extension') && typeof url === 'string' && !url.startsWith('http://hl7.org/')) return;
    for (const [name, value] of Object.entries(node)) if (!SKIPPED.has(name)) collect(value, type, path === '' ? name : `${path}.${name}`, found);
  } else if (node !== null) found.push({ type, path, value: normal(String(node)) });
}

/** Times as moments, everything else as it is. */
function normal(value: string): string {
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(value) && !Number.isNaN(Date.parse(value)) ? new Date(Date.parse(value)).toISOString() : value;
}

/** The pairs below a folder. */
export function scoreOf(folder: string): Score {
  const score: Score = { pairs: 0, expected: 0, same: 0, elsewhereInType: 0, elsewhere: 0, notSent: 0, absent: 0, differences: [] };
  for (const file of messageFiles(folder)) {
    const expectation = file.replace(/\.hl7$/, '.fhir');
    if (!existsSync(expectation)) continue;
    score.pairs += 1;
    add(score, JSON.parse(readFileSync(expectation, 'utf8')) as Json, mapFile(file).bundle as unknown as Json, readFileSync(file, 'utf8'));
  }
  return score;
}

function add(score: Score, expected: Json, ours: Json, message: string): void {
  const [atElement, inType, anywhere] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (const { type, path, value } of leavesOf(ours)) {
    atElement.add(`${type}.${path}=${value}`);
    inType.add(`${type}=${value}`);
    anywhere.add(value);
  }
  for (const { type, path, value } of leavesOf(expected)) {
    score.expected += 1;
    const differs = (where: Difference['where']): void => { score.differences.push({ element: `${type}.${path}`, value, where }); };
    if (atElement.has(`${type}.${path}=${value}`)) score.same += 1;
    else if (inType.has(`${type}=${value}`)) {
      score.elsewhereInType += 1;
      differs('type');
    } else if (anywhere.has(value)) {
      score.elsewhere += 1;
      differs('other');
    } else if (!message.includes(value)) score.notSent += 1;
    else {
      score.absent += 1;
      differs('absent');
    }
  }
}
