/** Questionnaires that responses answer: inside the response, inside the Bundle, or stored under their canonical address. */
import { parseJson } from '../../fhir/json.ts';
import { resourceTypeCode } from '../../fhir/resource-types.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { findSome } from '../../store/find.ts';
import type { Expression } from '../../store/search/expression.ts';
import { keyMaker } from '../../store/search-keys.ts';
import { isObject } from '../inputs.ts';

type JsonObject = Readonly<Record<string, unknown>>;

export interface FoundResponse {
  readonly response: JsonObject;
  /** FHIRPath of it. */
  readonly path: string;
}

/** More responses than a Bundle of a request has. */
const mostResponses = 100;

/** Every QuestionnaireResponse that a resource is or holds. */
export function responsesIn(resource: JsonObject): readonly FoundResponse[] {
  const found: FoundResponse[] = [];
  const look = (one: unknown, path: string, depth: number): void => {
    if (!isObject(one) || depth > 5 || found.length >= mostResponses) return;
    if (one['resourceType'] === 'QuestionnaireResponse') found.push({ response: one, path });
    const { contained, entry } = one;
    if (Array.isArray(contained)) for (const [index, inner] of contained.entries()) look(inner, `${path}.contained[${index}]`, depth + 1);
    if (Array.isArray(entry)) for (const [index, inner] of entry.entries()) if (isObject(inner)) look(inner['resource'], `${path}.entry[${index}].resource`, depth + 1);
  };
  look(resource, String(resource['resourceType']), 0);
  return found;
}

/**
 * @param within the resource that was sent, which may hold the Questionnaire as well
 * @returns undefined where it is not known
 */
export async function questionnaireOf({ response }: FoundResponse, within: JsonObject, database: Queryable, context: Context): Promise<JsonObject | undefined> {
  const canonical = response['questionnaire'];
  if (typeof canonical !== 'string') return undefined;
  if (canonical.startsWith('#')) return objects(response['contained']).find(({ resourceType, id }) => resourceType === 'Questionnaire' && id === canonical.slice(1));
  const [url = '', version] = canonical.split('|');
  const beside = objects(within['entry']).map(({ resource }) => resource).filter(isObject).find((one) => one['resourceType'] === 'Questionnaire' && one['url'] === url && (version === undefined || one['version'] === version));
  return beside ?? await stored(url, version, database, context);
}

/** Of several with one address the newest. */
async function stored(url: string, version: string | undefined, database: Queryable, context: Context): Promise<JsonObject | undefined> {
  const make = keyMaker(context.tenant.id, resourceTypeCode('Questionnaire'));
  const named: Expression = { kind: 'key', anyOf: [make.url('url', url)], selective: true };
  const where: Expression = version === undefined ? named : { kind: 'all', of: [named, { kind: 'key', anyOf: [make.token('version', { form: 'code', code: version })], selective: false }] };
  const [found] = await findSome(database, { type: 'Questionnaire', where, limit: 1 }, context);
  return found === undefined ? undefined : parseJson(found.content) as JsonObject;
}

function objects(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
