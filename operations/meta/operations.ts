/**
 * $meta, $meta-add, $meta-delete: the labels of a resource, of a version, of a type, of everything.
 *
 * A change of labels is a new version of the resource, though FHIR lets a server do without ("tags can be updated
 * without changing the stated version"): an ETag then always stands for one text, and who put a security label on or
 * took it off is in the history. Nothing is written where nothing changes.
 * Source: https://hl7.org/fhir/R4/resource-operations.html
 */
import type { Resource } from '@medplum/fhirtypes';
import { parseJson } from '../../fhir/json.ts';
import { Problem } from '../../fhir/problems.ts';
import type { Context } from '../../store/context.ts';
import type { Database } from '../../store/database.ts';
import { readLabelsInUse } from '../../store/labels.ts';
import { readResource, readVersion } from '../../store/read.ts';
import { commit } from '../../store/write/commit.ts';
import { isObject, readInputs } from '../inputs.ts';
import { fhirAnswer, type Operation, type OperationAnswer, type OperationCall } from '../registry.ts';
import type { WriteCheck } from '../validate/on-write.ts';
import { addLabels, labelsOf, noLabels, readLabels, removeLabels, sameCount, withLabels, type Labels } from './labels.ts';

const canonical = 'http://hl7.org/fhir/OperationDefinition/Resource-meta';

/** How often labels are put on a resource that somebody else changes at the same time. */
const attempts = 5;

/** @param checkWrite what every write goes through: which profiles a resource claims is for its labels to say */
export function metaOperations(database: Database, checkWrite: WriteCheck): readonly Operation[] {
  return [
    { code: 'meta', resource: 'Resource', levels: ['system', 'type', 'instance', 'version'], canonical, byGet: true, handle: async (call) => {
      readInputs(call, 'meta', {});
      return answerOf(await metaOf(database, call));
    } },
    { code: 'meta-add', resource: 'Resource', levels: ['instance'], canonical: `${canonical}-add`, byGet: false, handle: (call) => change({ database, checkWrite }, call, 'meta-add', addLabels) },
    { code: 'meta-delete', resource: 'Resource', levels: ['instance'], canonical: `${canonical}-delete`, byGet: false, handle: (call) => change({ database, checkWrite }, call, 'meta-delete', removeLabels) },
  ];
}

async function metaOf(database: Database, { level, type, id, version, context }: OperationCall): Promise<unknown> {
  if (level === 'system' || level === 'type') return withLabels({}, addLabels(noLabels, await readLabelsInUse(database, type, context)));
  const stored = version === undefined ? await readResource(database, type!, id!, context) : await readVersion(database, type!, id!, version, context);
  return (parseJson(stored.content) as Resource).meta;
}

interface RelabelParts {
  readonly database: Database;
  readonly checkWrite: WriteCheck;
}

async function change(parts: RelabelParts, call: OperationCall, operation: string, changed: (present: Labels, sent: Labels) => Labels): Promise<OperationAnswer> {
  const meta = readInputs(call, operation, { elements: ['meta'] }).element('meta');
  if (meta === undefined) throw new Problem('missing-operation-parameter', { operation, name: 'meta' });
  const sent = readLabels(meta);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return answerOf(await relabel(parts, call.type!, call.id!, (present) => changed(present, sent), call.context));
    } catch (error) {
      const overtaken = error instanceof Problem && (error.code === 'version-conflict' || error.code === 'concurrent-change');
      if (!overtaken) throw error;
      if (attempt === attempts) throw new Problem('concurrent-change', {}, undefined, { cause: error });
    }
  }
}

/** @throws {Problem} also what the policy of the tenant refuses of the resource as it would be */
async function relabel({ database, checkWrite }: RelabelParts, type: string, id: string, changed: (present: Labels) => Labels, context: Context): Promise<unknown> {
  const stored = await readResource(database, type, id, context);
  const resource = parseJson(stored.content) as Resource & { id: string };
  const meta = isObject(resource.meta) ? resource.meta : {};
  const before = labelsOf(meta);
  const after = changed(before);
  if (sameCount(before, after)) return meta;
  const relabelled = { ...resource, meta: withLabels(meta, after) } as Resource & { id: string };
  await checkWrite(relabelled, context);
  const [written] = await commit(database, [{ kind: 'update', resource: relabelled, ifMatch: stored.version, object: 'kept' }], context);
  return (parseJson(written!.content) as Resource).meta;
}

function answerOf(meta: unknown): OperationAnswer {
  return { status: 200, mediaType: fhirAnswer, body: JSON.stringify({ resourceType: 'Parameters', parameter: [{ name: 'return', valueMeta: meta ?? {} }] }) };
}
