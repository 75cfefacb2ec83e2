/** What of a PAS response stands nowhere in an RPA, and why: every value that is the payer's own is accounted for. */
import type { Bundle } from '@medplum/fhirtypes';

export interface Unwritten {
  /** FHIRPath from the Bundle. */
  readonly path: string;
  readonly reason: string;
}

/** Resources of an answer that are the payer's; the others are those of the request, which it repeats. */
const OWN: ReadonlySet<string> = new Set(['ClaimResponse', 'CommunicationRequest', 'Task']);

/** FHIRPath of every plain value in the payer's own resources. */
export function leavesOf(bundle: Bundle): string[] {
  const found: string[] = [];
  const walk = (node: unknown, path: string): void => {
    if (Array.isArray(node)) for (const [at, each] of node.entries()) walk(each, `${path}[${at}]`);
    else if (typeof node === 'object' && node !== null) for (const [name, each] of Object.entries(node)) walk(each, `${path}.${name}`);
    else found.push(path);
  };
  for (const [at, { resource }] of (bundle.entry ?? []).entries()) if (resource !== undefined && OWN.has(resource.resourceType)) walk(resource, `Bundle.entry[${at}].resource`);
  return found;
}

/** The most telling first. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/\.resource\.(?:resourceType|id|meta|status|type|use|outcome)\b/, 'of FHIR alone: every answer of this kind has it'],
  [/\.resource\.(?:patient|insurer|requestor|request|identifier|subject|about|requester|for|focus|sender|recipient)\b/, 'the segments of the request are repeated'],
  [/\.(?:url|system|display)$/, 'goes with a value that is told'],
  [/\.(?:itemSequence|noteNumber|number|sequence)(?:\[\d+\])?$/, 'the order of the segments says it'],
  [/\.resource\.disposition$/, 'the same is told of each service'],
  [/\.(?:adjudication\[\d+\]\.category|processNote\[\d+\]\.type)\b/, 'of FHIR alone: every answer of this kind has it'],
  [/\.adjudication\[\d+\].*\.(?:code|text)$/, 'codes of reasons have no field; their words are told'],
];

export function reasonFor(path: string): string {
  return REASONS.find(([form]) => form.test(path))?.[1] ?? 'RPA has no field for it';
}
