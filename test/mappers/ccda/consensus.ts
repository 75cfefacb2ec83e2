/**
 * The recommended outputs of HL7's "C-CDA on FHIR" (the consensus of six vendors for one CCD, and the examples of its
 * mapping pages) beside ours, field by field: what they say and ours does not.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseJson, stringifyJson } from '../../../fhir/json.ts';
import { readClinicalDocument } from '../../../mappers/ccda/index.ts';
import { corpusDocuments, corpusFolder } from './corpus.ts';

export interface Compared {
  /** The file of the expected resource. */
  readonly name: string;
  readonly fields: number;
  readonly same: number;
  /** FHIRPaths of what is said there and not here, each once. */
  readonly others: readonly string[];
}

type Node = Readonly<Record<string, unknown>>;

const guide = join(corpusFolder, 'hl7-ccda-on-fhir');
const consensus = join(guide, 'examples', 'CDAtoFHIRExamples', 'Rec_Output');
/** Of the server or the maker of a resource, and no field of the document. */
const passedOver = new Set(['id', 'meta', 'text', 'language', 'resourceType']);

/** All at hand, by name. */
export function compareConsensus(): readonly Compared[] {
  if (!existsSync(guide)) return [];
  const documents = corpusDocuments();
  const ccd = resourcesIn(documents.find(({ name }) => name.endsWith('Myra Jones v2.xml'))!.bytes);
  const ofCcd = readdirSync(consensus).toSorted().map((file) => {
    const expected = (read(join(consensus, file))['resource'] ?? read(join(consensus, file))) as Node;
    return compare(file.replace(/\.json$/, ''), expected, ccd);
  });
  const examples = readdirSync(join(guide, 'ig-examples'), { recursive: true, encoding: 'utf8' }).filter((name) => /CF-\w+\.json$/.test(name)).toSorted().map((name) => {
    const part = /(CF-\w+)\.json$/.exec(name)![1]!;
    const document = documents.find((one) => one.name.endsWith(`binary/${part}.xml`))!;
    return compare(part, read(join(guide, 'ig-examples', name)), resourcesIn(document.bytes));
  });
  return [...ofCcd, ...examples];
}

/** The pairs of Medplum's converter: what its resources say, of all of a document together. */
export function comparePairs(): readonly Compared[] {
  const folder = join(corpusFolder, 'medplum-ccda');
  if (!existsSync(folder)) return [];
  const documents = corpusDocuments();
  return readdirSync(folder).filter((name) => name.endsWith('.json')).toSorted().flatMap((name) => {
    const document = documents.find((one) => one.name === `medplum-ccda/${name.replace('.json', '.xml')}`);
    const { entry } = read(join(folder, name)) as { entry?: readonly { resource: Node }[] };
    if (document === undefined || entry === undefined) return [];
    const ours = resourcesIn(document.bytes);
    const parts = entry.map(({ resource }) => compare(name, resource, ours));
    const sum = (count: (one: Compared) => number): number => parts.reduce((total, one) => total + count(one), 0);
    return [{ name: `medplum ${name.replace('.json', '')}`, fields: sum(({ fields }) => fields), same: sum(({ same }) => same), others: [...new Set(parts.flatMap(({ others }) => others))].toSorted() }];
  });
}

function read(file: string): Node {
  return parseJson(readFileSync(file, 'utf8')) as Node;
}

function resourcesIn(bytes: Uint8Array): readonly Node[] {
  const { bundle } = readClinicalDocument(bytes);
  return (parseJson(stringifyJson(bundle)) as { entry: readonly { resource: Node }[] }).entry.map(({ resource }) => resource);
}

/** Beside the one of ours that says most of the same. */
function compare(name: string, expected: Node, ours: readonly Node[]): Compared {
  const wanted = fieldsOf(expected, '');
  const candidates = ours.filter(({ resourceType }) => resourceType === expected['resourceType']).map((resource) => {
    const said = new Set(fieldsOf(resource, ''));
    return wanted.filter((field) => !said.has(field));
  });
  const missing = candidates.toSorted((a, b) => a.length - b.length)[0] ?? wanted;
  return { name, fields: wanted.length, same: wanted.length - missing.length, others: [...new Set(missing.map((field) => `${String(expected['resourceType'])}.${field.split('=')[0]!}`))].toSorted() };
}

/** `path=value` for every value; the place in a list does not count, nor which resource a reference leads to. */
function fieldsOf(value: unknown, path: string): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => fieldsOf(item, path));
  if (typeof value === 'object' && value !== null && !(value instanceof Number)) {
    if ('reference' in value) return [`${path}=reference`];
    return Object.entries(value).filter(([name]) => path !== '' || !passedOver.has(name)).flatMap(([name, inner]) => fieldsOf(inner, path === '' ? name : `${path}.${name}`));
  }
  return [`${path}=${value instanceof Number ? String(Number(value)) : plain(String(value))}`];
}

/** Times as moments, words without regard to case. */
function plain(text: string): string {
  return /^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(Date.parse(text)) ? new Date(text).toISOString() : text.toLowerCase();
}
