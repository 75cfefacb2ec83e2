/**
 * Binaries among what a Bundle holds: with their content as base64, as far as there is room. A Bundle is made in memory,
 * so it has room for as much as may come in; what is beyond that comes without data and says so by the tag SUBSETTED. Its
 * own address has it all.
 * Source: https://hl7.org/fhir/R4/binary.html#rest; https://hl7.org/fhir/R4/valueset-common-tags.html
 */
import { buffer } from 'node:stream/consumers';
import type { Resource } from '@medplum/fhirtypes';
import { parseJson, stringifyJson } from '../../../fhir/json.ts';
import type { Context } from '../../../store/context.ts';
import type { Queryable } from '../../../store/database.ts';
import { contentsOf } from '../../../store/objects/contents.ts';
import type { ObjectStore } from '../../../store/objects/object-store.ts';
import type { StoredVersion } from '../../../store/read.ts';
import { base64Length } from './base64.ts';

/** Characters of base64 in one Bundle. */
const room = 16 * 1024 * 1024;

const subsetted = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' };

/** The versions, in their order; those that are no Binary, or have no content, as they are. @throws {Problem} `store-unavailable` */
export async function withContents<T extends StoredVersion>(versions: readonly T[], database: Queryable, objects: ObjectStore, context: Context): Promise<readonly T[]> {
  const binaries = versions.filter(({ type, deleted }) => type === 'Binary' && !deleted);
  if (binaries.length === 0) return versions;
  const contents = await contentsOf(database, 'Binary', binaries, context);
  let left = room;
  const filled: T[] = [];
  for (const version of versions) {
    const object = version.type === 'Binary' ? contents.get(`${version.id}/${version.version}`) : undefined;
    if (object === undefined || object.size === 0) filled.push(version);
    else if (base64Length(object.size) > left) filled.push({ ...version, content: tagged(version.content) });
    else {
      left -= base64Length(object.size);
      const data = (await buffer(await objects.get(context.tenant.id, object.sha256))).toString('base64');
      filled.push({ ...version, content: `${version.content.slice(0, -1)},"data":"${data}"}` });
    }
  }
  return filled;
}

function tagged(content: string): string {
  const resource = parseJson(content) as Resource;
  return stringifyJson({ ...resource, meta: { ...resource.meta, tag: [...resource.meta?.tag ?? [], subsetted] } });
}
