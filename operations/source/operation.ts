/**
 * $source: where did this come from? For each value of a resource the message that brought it, the place in it, and the
 * rule by which it got here, as Provenance: one for each message that a value is of, the newest first. A value that no
 * message brought (a client wrote it, or it follows from a rule) has none, and that is told.
 */
import type { Bundle, BundleEntry, Extension, OperationDefinition, OperationOutcome, Provenance } from '@medplum/fhirtypes';
import { parseJson, stringifyJson } from '../../fhir/json.ts';
import { outcomeOfIssues } from '../../fhir/outcome.ts';
import { Problem } from '../../fhir/problems.ts';
import type { LedgerEntry } from '../../mappers/ledger.ts';
import type { Context } from '../../store/context.ts';
import type { Database } from '../../store/database.ts';
import { readMessage } from '../../store/inbox.ts';
import { readLedger, type VersionLedger } from '../../store/ledger.ts';
import { readMany, readResource, readVersion, type StoredVersion } from '../../store/read.ts';
import { messageProvenance, provenanceIdOf } from '../intake/message-provenance.ts';
import { readInputs } from '../inputs.ts';
import { fhirAnswer, type Operation, type OperationCall } from '../registry.ts';
import { isWithin, pathForm, takeSources, valuePaths, type FoundSource } from './values.ts';

/** Where a value came from: `path`, `source`, `rule`, and as far as they are known `segment`, `line`, `column`; `erased` where the sender took it away. */
export const valueSourceUrl = 'https://priora.health/fhir/StructureDefinition/value-source';

/** Versions by messages that are looked at; what is older than all of them is told as unknown. */
const mostVersions = 50;

const definition: OperationDefinition & { id: string; url: string } = {
  resourceType: 'OperationDefinition',
  id: 'Resource-source',
  url: 'https://priora.health/fhir/OperationDefinition/Resource-source',
  name: 'ResourceSource',
  title: 'Where the values of a resource came from',
  status: 'active',
  kind: 'operation',
  description: `For each value of a resource that a message (HL7v2, C-CDA, X12) brought: the message, the place in it and the rule, as extensions ${valueSourceUrl} of Provenances with the parts path, source, rule, segment, line, column and erased.`,
  affectsState: false,
  code: 'source',
  // Every type; the type definitions leave the abstract one out.
  resource: ['Resource'] as unknown as OperationDefinition['resource'] & {},
  system: false,
  type: false,
  instance: true,
  parameter: [
    { name: 'path', use: 'in', min: 0, max: '1', type: 'string', documentation: 'The element that is asked about, from the resource: birthDate, name[0].family, name. Without it all of them.' },
    { name: 'return', use: 'out', min: 1, max: '1', type: 'Bundle', documentation: 'A searchset of Provenances, the newest first, and an OperationOutcome where values of what was asked about came from no message.' },
  ],
};

export function sourceOperation(database: Database): Operation {
  return {
    code: 'source', resource: 'Resource', levels: ['instance', 'version'], canonical: definition.url, byGet: true, definition,
    async handle(call) {
      const asked = readPath(readInputs(call, 'source', { primitives: ['path'] }).one('path'), call.type!);
      return { status: 200, mediaType: fhirAnswer, body: stringifyJson(await sourcesOf(database, asked, call)) };
    },
  };
}

/** Also with the type in front, as FHIRPath has it. @throws {Problem} `invalid-operation-parameter` */
function readPath(path: string | undefined, type: string): string | undefined {
  if (path === undefined) return undefined;
  const own = path.startsWith(`${type}.`) ? path.slice(type.length + 1) : path;
  if (own.length > 500 || !pathForm.test(own)) throw new Problem('invalid-operation-parameter', { name: 'path', reason: 'the path of an element is expected, such as name[0].family' });
  return own;
}

async function sourcesOf(database: Database, asked: string | undefined, { type, id, version, context }: OperationCall): Promise<Bundle> {
  const stored = version === undefined ? await readResource(database, type!, id!, context) : await readVersion(database, type!, id!, version, context);
  const open = new Map([...valuePaths(parseJson(stored.content) as object)].filter(([path]) => isWithin(path, asked)));
  const isThere = open.size > 0;
  const entries: BundleEntry[] = [];
  for (const ledger of await readLedger(database, type!, id!, stored.version, mostVersions, context)) {
    const erased = isThere ? [] : ledger.entries.filter(({ path, deletes }) => deletes && asked !== undefined && (isWithin(path, asked) || isWithin(asked, path)));
    if (open.size === 0 && erased.length === 0) break;
    const found = open.size === 0 ? [] : takeSources(open, ledger.entries, valuePaths(parseJson((await versionAt(database, stored, ledger.version, context)).content) as object));
    if (found.length + erased.length === 0) continue;
    const resource = await provenanceOf(database, ledger, stored, [...found.map(valueSource), ...erased.map(erasure)], context);
    entries.push({ fullUrl: `${context.base}/Provenance/${resource.id}`, resource, search: { mode: 'match' } });
    if (erased.length > 0) break;
  }
  const unknown = outcomeWithout(open.size, isThere);
  return { resourceType: 'Bundle', type: 'searchset', total: entries.length, ...(entries.length + unknown.length > 0 && { entry: [...entries, ...unknown] }) };
}

function versionAt(database: Database, stored: StoredVersion, version: number, context: Context): Promise<StoredVersion> {
  return version === stored.version ? Promise.resolve(stored) : readVersion(database, stored.type, stored.id, version, context);
}

function outcomeWithout(values: number, isThere: boolean): BundleEntry[] {
  if (values === 0 && isThere) return [];
  const resource: OperationOutcome = outcomeOfIssues([isThere ? { code: 'source-unknown', details: { count: values }, severity: 'information' } : { code: 'source-of-nothing', details: {}, severity: 'information' }]);
  return [{ resource, search: { mode: 'outcome' } }];
}

/** The one that was stored with what the message made, of this version alone, with its values. */
async function provenanceOf(database: Database, { message: key, version }: VersionLedger, { type, id }: StoredVersion, extension: readonly Extension[], context: Context): Promise<Provenance & { id: string }> {
  const target = { type, id, version };
  const name = provenanceIdOf(key);
  const [message, stored] = await Promise.all([readMessage(database, key, context), readMany(database, [{ type: 'Provenance', id: name }], context)]);
  const kept = stored.get(`Provenance/${name}`);
  if (kept) return { ...(parseJson(kept.content) as Provenance & { id: string }), extension: [...extension], target: [{ reference: `${type}/${id}/_history/${version}` }] };
  if (message) return messageProvenance(message, [target], message.author ?? 'unknown', context, extension);
  throw new Problem('message-not-found');
}

function valueSource({ path, entry }: FoundSource): Extension {
  return partsOf({ ...entry, path }, []);
}

function erasure(entry: LedgerEntry): Extension {
  return partsOf(entry, [{ url: 'erased', valueBoolean: true }]);
}

function partsOf({ path, source, rule, segment, line, column }: LedgerEntry, more: readonly Extension[]): Extension {
  return {
    url: valueSourceUrl,
    extension: [
      { url: 'path', valueString: path }, { url: 'source', valueString: source }, { url: 'rule', valueString: rule },
      ...(segment === undefined ? [] : [{ url: 'segment', valuePositiveInt: segment }]),
      ...(line === undefined ? [] : [{ url: 'line', valuePositiveInt: line }]),
      ...(column === undefined ? [] : [{ url: 'column', valuePositiveInt: column }]),
      ...more,
    ],
  };
}
