/** The terminology that a tenant has stored: its ValueSets and CodeSystems, found by address. */
import type { CodeSystem, ValueSet } from '@medplum/fhirtypes';
import { Problem } from '../../fhir/problems.ts';
import { resourceTypeCode } from '../../fhir/resource-types.ts';
import type { Terminology } from '../../terminology/terminology.ts';
import { terminologyOf } from '../../terminology/value-set.ts';
import type { Context } from '../context.ts';
import type { Queryable } from '../database.ts';
import { findSome } from '../find.ts';
import { readResource } from '../read.ts';
import { keyMaker } from '../search-keys.ts';
import type { Expression } from './expression.ts';

export function storedTerminology(database: Queryable, context: Context): Terminology {
  return terminologyOf({
    valueSet: async (url) => {
      const id = /^ValueSet\/([A-Za-z0-9\-.]{1,64})$/.exec(url)?.[1];
      return id === undefined ? await byUrl(database, 'ValueSet', url, context) as ValueSet | undefined : await byId(database, id, context);
    },
    codeSystem: async (url) => await byUrl(database, 'CodeSystem', url, context) as CodeSystem | undefined,
  });
}

async function byId(database: Queryable, id: string, context: Context): Promise<ValueSet | undefined> {
  try {
    return JSON.parse((await readResource(database, 'ValueSet', id, context)).content) as ValueSet;
  } catch (error) {
    if (error instanceof Problem && (error.code === 'not-found' || error.code === 'gone')) return undefined;
    throw error;
  }
}

/** Of several with one address the newest. */
async function byUrl(database: Queryable, type: 'ValueSet' | 'CodeSystem', canonical: string, context: Context): Promise<unknown> {
  const [url = '', version] = canonical.split('|');
  const make = keyMaker(context.tenant.id, resourceTypeCode(type));
  const named: Expression = { kind: 'key', anyOf: [make.url('url', url)], selective: true };
  const where: Expression = version === undefined ? named : { kind: 'all', of: [named, { kind: 'key', anyOf: [make.token('version', { form: 'code', code: version })], selective: false }] };
  const [found] = await findSome(database, { type, where, limit: 1 }, context);
  return found === undefined ? undefined : JSON.parse(found.content) as unknown;
}
