/** The content of a stored version as an object: read from its text once, however many look at it, and changed by none of them. */
import type { Resource } from '@medplum/fhirtypes';
import { parseJson } from '../../fhir/json.ts';
import type { StoredVersion } from '../../store/read.ts';

const read = new WeakMap<StoredVersion, Resource & { id: string }>();

export function resourceOf(version: StoredVersion): Resource & { id: string } {
  let resource = read.get(version);
  if (resource === undefined) read.set(version, resource = parseJson(version.content) as Resource & { id: string });
  return resource;
}
