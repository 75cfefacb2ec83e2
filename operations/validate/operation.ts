/**
 * $validate: whether a resource would be taken as it is, as a create, as an update, or be deleted. The answer says what
 * was looked at and what was not. With a mode the change is really made, in a transaction that is then undone: what
 * would refuse it does refuse it.
 * Source: https://hl7.org/fhir/R4/resource-operation-validate.html
 */
import type { Resource } from '@medplum/fhirtypes';
import { outcomeOfIssues } from '../../fhir/outcome.ts';
import { parseJson } from '../../fhir/json.ts';
import { Problem, type ProblemIssue } from '../../fhir/problems.ts';
import type { Database } from '../../store/database.ts';
import { readResource } from '../../store/read.ts';
import type { Change } from '../../store/write/changes.ts';
import { commitAndRead } from '../../store/write/commit.ts';
import { readInputs } from '../inputs.ts';
import { fhirAnswer, type Operation, type OperationCall } from '../registry.ts';
import type { ContentSources } from './content.ts';
import { orderIssues, positionsOf } from './positions.ts';
import { validateContent, type Validation } from './validator.ts';

/** https://hl7.org/fhir/R4/valueset-resource-validation-mode.html */
type Mode = 'none' | 'create' | 'update' | 'delete' | 'profile';
const modes: ReadonlySet<string> = new Set<Mode>(['create', 'update', 'delete', 'profile']);

export interface ValidateParts {
  readonly database: Database;
  /** A resource of a type, whatever is wrong within it. @throws {Problem} for what is none, or one of another type */
  readonly identify: (value: unknown, type: string) => Resource;
  /** What every create and update of a resource of a type goes through first. @throws {Problem} */
  readonly accept: (value: unknown, type: string) => Resource;
  readonly content: ContentSources;
}

export function validateOperation(parts: ValidateParts): Operation {
  const { database } = parts;
  return {
    code: 'validate', resource: 'Resource', levels: ['type', 'instance'], canonical: 'http://hl7.org/fhir/OperationDefinition/Resource-validate', byGet: true,
    async handle(call) {
      const inputs = readInputs(call, 'validate', { primitives: ['mode', 'profile'], resource: 'resource' });
      const mode = readMode(inputs.one('mode'), call);
      const profile = inputs.one('profile');
      const { issues, checked, unchecked } = mode === 'delete'
        ? { issues: await refusals(database, { kind: 'delete', type: call.type!, id: await idOfStored(database, call) }, call), checked: ['that the resource can be deleted'], unchecked: ['whether others refer to it'] }
        : await validateAs(mode, await subject(database, call, mode, inputs.resource), parts, profile === undefined ? [] : [profile], call);
      const all: ProblemIssue[] = [...mode === 'profile' ? [] : orderIssues(inputs.resource, call), ...issues, { code: 'validation-scope', details: { checked: checked.join(', '), unchecked: unchecked.join(', ') || 'nothing else' }, severity: 'information' }];
      return { status: 200, mediaType: fhirAnswer, body: JSON.stringify(outcomeOfIssues(all, positionsOf(all, mode === 'profile' ? undefined : inputs.resource, call))) };
    },
  };
}

function readMode(value: string | undefined, { level }: OperationCall): Mode {
  if (value === undefined) return 'none';
  if (!modes.has(value)) throw new Problem('invalid-operation-parameter', { name: 'mode', reason: 'create, update, delete or profile is expected' });
  if (value !== 'create' && level !== 'instance') throw new Problem('invalid-operation-parameter', { name: 'mode', reason: `${value} can be asked of one resource alone, at [type]/[id]/$validate` });
  return value as Mode;
}

async function idOfStored(database: Database, { type, id, context }: OperationCall): Promise<string> {
  return (await readResource(database, type!, id!, context)).id;
}

/** What is to be validated: the resource that was sent, or the stored one where a profile of it is in question. */
async function subject(database: Database, { type, id, context }: OperationCall, mode: Mode, sent: unknown): Promise<unknown> {
  if (mode === 'profile') {
    if (sent !== undefined) throw new Problem('invalid-operation-parameter', { name: 'resource', reason: 'with the mode profile it is the stored resource that is validated' });
    return parseJson((await readResource(database, type!, id!, context)).content);
  }
  if (sent === undefined) throw new Problem('missing-operation-parameter', { operation: 'validate', name: 'resource' });
  return sent;
}

async function validateAs(mode: Mode, value: unknown, { database, identify, accept, content: sources }: ValidateParts, profiles: readonly string[], call: OperationCall): Promise<Validation> {
  const { type, id, context } = call;
  const resource = identify(value, type!);
  const content = await validateContent(resource, profiles, sources, context);
  if (mode !== 'create' && mode !== 'update') return content;
  // Whether it would be taken is another question than whether it is right: there are resources that only operations write.
  const untaken = refusalOf(() => accept(value, type!));
  if (untaken.length > 0) return { ...content, issues: [...content.issues, ...untaken.filter((issue) => !content.issues.some(({ expression }) => expression === issue.expression))] };
  const refused = mode === 'create'
    ? await refusals(database, { kind: 'create', resource }, call)
    : resource.id === undefined ? [{ code: 'id-required', details: {}, expression: `${type}.id` } as const]
      : resource.id === id ? await refusals(database, { kind: 'update', resource: { ...resource, id } }, call)
        : [{ code: 'id-mismatch', details: {}, expression: `${type}.id` } as const];
  return { ...content, issues: [...content.issues, ...refused], checked: [...content.checked, `that the store takes it as ${mode === 'create' ? 'a create' : 'an update'}`] };
}

function refusalOf(work: () => void): readonly ProblemIssue[] {
  try {
    work();
    return [];
  } catch (error) {
    if (error instanceof Problem) return error.issues;
    throw error;
  }
}

/** Ends a transaction that was only to be tried. */
class Tried extends Error {}

/** Makes a change and undoes it. */
async function refusals(database: Database, change: Change, { context }: OperationCall): Promise<readonly ProblemIssue[]> {
  try {
    await commitAndRead(database, [change], context, async () => { throw new Tried(); });
  } catch (error) {
    if (error instanceof Tried) return [];
    if (error instanceof Problem && error.status < 500) return error.issues;
    throw error;
  }
  throw new RangeError('A trial was committed');
}
