/**
 * The pages of a record, or of all records one behind the other. A page holds a bounded number of resources as they are
 * stored; where the next one begins is the place of the last resource, and the patient whose it is.
 */
import type { Resource } from '@medplum/fhirtypes';
import { parseJson } from '../../fhir/json.ts';
import { ownersOf } from '../../fhir/search-values/owners.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { findPage, findRecord } from '../../store/find.ts';
import { readResource, type StoredVersion } from '../../store/read.ts';
import type { Place } from '../../store/search/expression.ts';
import { pageBytes, recordQuery, type CompartmentType } from './compartment.ts';
import { findSupporting } from './supporting.ts';
import type { Wanted } from './wanted.ts';

/** Between two pages: behind a place in the compartment of a resource, or before its first. */
export interface Position {
  /** Id of the patient or encounter. */
  readonly of: string;
  readonly after: Place | undefined;
}

export interface EverythingPage {
  readonly matches: readonly StoredVersion[];
  readonly supporting: readonly StoredVersion[];
  /** Some of what is referred to had no room. */
  readonly incomplete: boolean;
  readonly next: Position | undefined;
}

/** One page of what belongs to a patient or an encounter; the first begins with that itself. @throws {Problem} `not-found`, `gone` */
export async function pageOfOne(database: Queryable, compartment: CompartmentType, id: string, position: Position | undefined, wanted: Wanted, context: Context): Promise<EverythingPage> {
  const [subject, page] = await Promise.all([
    readResource(database, compartment, id, context),
    compartmentPage(database, compartment, id, position?.after, wanted.count, wanted, context),
  ]);
  const resources = position === undefined ? [subject, ...page.resources] : page.resources;
  // A patient's own resources come as matches, on this page or another; an encounter's patient is part of what supports it.
  const patients = new Set(compartment === 'Patient' ? [] : ownersOf(parseJson(subject.content) as Resource));
  return withSupport(database, resources, patients, page.next && { of: id, after: page.next }, wanted, context);
}

/** How many patients are looked at together. */
const together = 20;

/** One page of everything that belongs to any patient, one patient after the other. */
export async function pageOfAll(database: Queryable, position: Position | undefined, wanted: Wanted, context: Context): Promise<EverythingPage> {
  const resources: StoredVersion[] = [];
  const first = position?.after;
  if (position !== undefined && first !== undefined) {
    const page = await compartmentPage(database, 'Patient', position.of, first, wanted.count, wanted, context);
    resources.push(...page.resources);
    if (page.next || isFull(resources, wanted)) return withSupport(database, resources, new Set(), { of: position.of, after: page.next }, wanted, context);
  }
  let last = position?.of;
  while (!isFull(resources, wanted)) {
    const patients = await findPage(database, { of: [{ type: 'Patient', where: { kind: 'all', of: [] } }], limit: together, order: [], include: [], ...(last !== undefined && { after: { values: [], type: 'Patient', id: last } }) }, context);
    for (const [index, patient] of patients.resources.entries()) {
      resources.push(patient);
      const page = await compartmentPage(database, 'Patient', patient.id, undefined, Math.max(1, wanted.count - resources.length), wanted, context);
      resources.push(...page.resources);
      last = patient.id;
      if (page.next) return withSupport(database, resources, new Set(), { of: last, after: page.next }, wanted, context);
      const isLast = index === patients.resources.length - 1 && patients.next === undefined;
      if (isFull(resources, wanted) && !isLast) return withSupport(database, resources, new Set(), { of: last, after: undefined }, wanted, context);
    }
    if (patients.next === undefined) break;
  }
  return withSupport(database, resources, new Set(), undefined, wanted, context);
}

function isFull(resources: readonly StoredVersion[], { count }: Wanted): boolean {
  return resources.length >= count || resources.reduce((sum, { content }) => sum + content.length, 0) >= pageBytes;
}

function compartmentPage(database: Queryable, compartment: CompartmentType, id: string, after: Place | undefined, limit: number, wanted: Wanted, context: Context): ReturnType<typeof findRecord> {
  return findRecord(database, recordQuery(context.tenant.id, compartment, id, wanted, after, limit), context);
}

async function withSupport(database: Queryable, resources: readonly StoredVersion[], patients: ReadonlySet<string>, next: Position | undefined, wanted: Wanted, context: Context): Promise<EverythingPage> {
  const { types, since } = wanted;
  const current = since === undefined ? resources : resources.filter(({ lastUpdated }) => lastUpdated >= since);
  const supporting = await findSupporting(database, current, { types, patients }, context);
  return { matches: types === undefined ? current : current.filter(({ type }) => types.has(type)), supporting: supporting.resources, incomplete: supporting.more, next };
}
