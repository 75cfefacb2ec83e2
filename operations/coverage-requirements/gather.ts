/**
 * What is known when a call is answered: what the context and the prefetch brought, and what is read from the client's
 * server where something is missing. The patient, the coverage and what is asked about have to be there; the rest helps.
 */
import type { Coverage, Patient, Reference, Resource } from '@medplum/fhirtypes';
import { Problem } from '../../fhir/problems.ts';
import { isResourceType } from '../../fhir/resource-types.ts';
import { shapeIssues } from '../../fhir/shape.ts';
import { asObject } from '../../review/facts/loose.ts';
import { assertOfPatient, isToBeDone } from './about.ts';
import { ClientUnreadable, type ClientFailure, type ClientServer } from './client-server.ts';
import { dependenciesOf, type Find } from './orders.ts';
import { dispatchedTo } from './performers.ts';
import { localNameOf, nameOf, type ClientResource, type HookCall } from './read-call.ts';

export interface Gathered {
  readonly patient: Patient & { readonly id: string };
  /** Of the patient, the active ones first. */
  readonly coverages: readonly [KnownCoverage, ...KnownCoverage[]];
  /** What guidance is asked about, in the order of the call. */
  readonly asked: readonly ClientResource[];
  readonly everything: readonly ClientResource[];
  readonly find: Find;
}

/** References that are followed for one call, at most: each is a request to a server that somebody waits for. */
const mostFollowed = 30;

/** @throws {Problem} `cds-prefetch-missing`, `cds-no-coverage`, `cds-request-rule` */
export async function gather(call: HookCall, server: ClientServer): Promise<Gathered> {
  const known = new Map<string, ClientResource>();
  for (const resource of [...call.prefetched, ...call.proposed]) known.set(nameOf(resource), resource);

  const needed = [`Patient/${call.patientId}`, ...call.asked].filter((name) => !known.has(name));
  const [found] = await Promise.all([coveragesOf(call, known, server), ...needed.map(async (name) => { known.set(name, await readOne(name, server)); })]);
  const [first, ...others] = found;
  if (!first) throw new Problem('cds-no-coverage', {}, 'prefetch');
  const coverages: Gathered['coverages'] = [first, ...others];
  for (const coverage of coverages) known.set(nameOf(coverage), coverage);

  const local = ({ reference }: Reference): string | undefined => localNameOf(reference, call.client?.base);
  const named = call.asked.map((name) => known.get(name)!);
  assertOfPatient(named, call);
  const asked = named.filter(isToBeDone);
  const lead = asked.flatMap((order) => [...dependenciesOf(order), ...dispatchedTo(order, call) ?? []]);
  await follow([...lead, ...coverages.flatMap(({ payor }) => payor ?? [])].flatMap((reference) => local(reference) ?? []), known, server);
  // The people behind a role, and what an appointment is based on.
  await follow(lead.flatMap((reference) => behind(known.get(local(reference) ?? ''))).flatMap((reference) => local(reference) ?? []), known, server);
  return {
    patient: known.get(`Patient/${call.patientId}`) as Gathered['patient'], coverages, asked, everything: [...known.values()],
    find: (reference) => reference && known.get(local(reference) ?? ''),
  };
}

/** What an order refers to: first in itself. */
export function findFrom(order: Resource, find: Find): Find {
  const contained = (order as { contained?: Resource[] }).contained ?? [];
  return (reference) => reference?.reference?.startsWith('#') === true ? contained.find(({ id }) => `#${id}` === reference.reference) : find(reference);
}

export type KnownCoverage = Coverage & { readonly id: string };

/** Coverages of the patient; those that are active first. */
async function coveragesOf(call: HookCall, known: ReadonlyMap<string, ClientResource>, server: ClientServer): Promise<KnownCoverage[]> {
  const isTheirs = (resource: ClientResource): resource is KnownCoverage => resource.resourceType === 'Coverage' && localNameOf(resource.beneficiary?.reference, call.client?.base) === `Patient/${call.patientId}`;
  const sent = [...known.values()].filter(isTheirs);
  const coverages = sent.length > 0 ? sent : (await searchCoverages(call, server)).filter(isTheirs);
  return coverages.toSorted((a, b) => Number(b.status === 'active') - Number(a.status === 'active'));
}

async function searchCoverages({ patientId, prefetchedKeys }: HookCall, server: ClientServer): Promise<ClientResource[]> {
  try {
    const bundle = asObject(await server.read(`Coverage?patient=${patientId}&status=active`));
    const entries: unknown = bundle?.['entry'];
    return (Array.isArray(entries) ? entries : []).flatMap((entry: unknown) => fitOf(asObject(entry)?.['resource']) ?? []);
  } catch (error) {
    // A client that has looked and sent nothing has answered already (found-32).
    if (error instanceof ClientUnreadable && prefetchedKeys.has('coverage')) return [];
    throw missing('A Coverage of the patient', error);
  }
}

async function readOne(name: string, server: ClientServer): Promise<ClientResource> {
  try {
    const resource = fitOf(await server.read(name));
    if (resource && nameOf(resource) === name) return resource;
    throw new ClientUnreadable(resource ? 'it answered with something else' : 'there is none');
  } catch (error) {
    throw missing(`The ${name.slice(0, name.indexOf('/'))} that is asked about`, error);
  }
}

function missing(what: string, error: unknown): unknown {
  if (!(error instanceof ClientUnreadable)) return error;
  const reason: Record<ClientFailure, string> = {
    'there is none': 'it has none, or the call names no server', 'it may not be asked': 'that address may not be asked from here', 'it refused': 'it refused',
    'it did not answer': 'it did not answer', 'it answered with something else': 'its answer is not what was asked for',
  };
  return new Problem('cds-prefetch-missing', { what, reason: reason[error.reason] }, 'prefetch', { cause: error });
}

/** Reads what these names are of, as far as that can be done: none of it has to be there. */
async function follow(names: readonly string[], known: Map<string, ClientResource>, server: ClientServer): Promise<void> {
  const missed = [...new Set(names)].filter((name) => !known.has(name));
  await Promise.all(missed.slice(0, mostFollowed).map(async (name) => {
    try {
      const resource = fitOf(await server.read(name));
      if (resource && nameOf(resource) === name) known.set(name, resource);
    } catch (error) {
      if (!(error instanceof ClientUnreadable)) throw error;
    }
  }));
}

function behind(resource: ClientResource | undefined): Reference[] {
  if (resource?.resourceType === 'PractitionerRole') return [resource.practitioner, resource.organization].filter((reference) => reference !== undefined);
  return resource?.resourceType === 'ServiceRequest' && resource.requester ? [resource.requester] : [];
}

/** A resource with an id whose form is that of FHIR. */
export function fitOf(value: unknown): ClientResource | undefined {
  const resource = asObject(value);
  if (!resource || !isResourceType(resource['resourceType']) || typeof resource['id'] !== 'string') return undefined;
  return shapeIssues(resource).length === 0 ? resource as unknown as ClientResource : undefined;
}
