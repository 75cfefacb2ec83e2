/**
 * A stored resource stays its patient's. Senders give one id to resources of several patients (a constant template id, an
 * order number that begins anew each year), and by its id alone what a message says of Bob would be put in the place of
 * what is known of Ann. Where the resource that is stored is another patient's, the message's gets an id that follows from
 * the one it shares and from its own patient: it is found there by the next message about the same patient.
 *
 * Records of one person that were merged (Patient.link `replaced-by`, stored or in the message itself) are one patient.
 */
import type { Patient, Resource } from '@medplum/fhirtypes';
import { nameBasedUuid } from '../../fhir/ids.ts';
import { stringifyJson } from '../../fhir/json.ts';
import { readReference } from '../../fhir/references.ts';
import type { LedgerEntry } from '../../mappers/ledger.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { readMany, type StoredVersion } from '../../store/read.ts';
import { mostMerges, replacedBy } from '../match/match-patient.ts';
import type { Destination, MappedResource } from './bundle-resources.ts';
import { sourceOf } from './issues.ts';
import type { MessageIssue } from './message.ts';
import { resourceOf } from './stored-resource.ts';

export interface Placed {
  /** By fullUrl. */
  readonly destinations: ReadonlyMap<string, Destination>;
  /** What is stored there, by `Type/id`. */
  readonly there: ReadonlyMap<string, StoredVersion>;
}

export interface PlacedApart extends Placed {
  readonly issues: readonly MessageIssue[];
}

interface Message {
  readonly stored: readonly MappedResource[];
  readonly ledger: readonly LedgerEntry[];
  /** Whether a resource of the type replaces the stored one, and is not merged with it. */
  readonly replaces: (type: string) => boolean;
}

/** Where the resources of a message go, those aside that would take the place of another patient's. */
export async function placeApart(database: Queryable, { stored, ledger, replaces }: Message, { destinations, there }: Placed, context: Context): Promise<PlacedApart> {
  const shared = stored.flatMap((mapped): Shared[] => {
    const { fullUrl, index, resource } = mapped;
    const target = destinations.get(fullUrl);
    const known = target && there.get(`${target.type}/${target.id}`);
    if (target === undefined || known === undefined || target.type === 'Patient') return [];
    const theirs = patientsIn(resourceOf(known));
    const ours = patientsIn(resource, destinations);
    // What names nobody adds to what is stored, and leaves whose it is; in its place it would be nobody's.
    const differs = theirs.length > 0 && (ours.length === 0 ? replaces(target.type) : !ours.some((one) => theirs.includes(one)));
    return differs ? [{ fullUrl, index, target, ours, theirs }] : [];
  });
  if (shared.length === 0) return { destinations, there, issues: [] };
  const merges = mergesIn(stored, destinations);
  const survivor = await survivors(database, shared.flatMap(({ ours, theirs }) => [...ours, ...theirs]), merges, context);
  const apart = shared.filter(({ ours, theirs }) => !ours.some((one) => theirs.some((other) => survivor(one) === survivor(other))));
  if (apart.length === 0) return { destinations, there, issues: [] };
  const places = apart.map(({ fullUrl, target, ours }) => ({ fullUrl, target, ids: idsApart(target, ours, survivor, there) }));
  const found = await readMany(database, places.flatMap(({ target: { type }, ids }) => ids.map((id) => ({ type, id }))), context);
  const moved = new Map<string, Destination>(places.map(({ fullUrl, target: { type }, ids }) => [fullUrl, { type, id: ids.find((id) => found.has(`${type}/${id}`)) ?? ids[0]! }]));
  return {
    destinations: new Map([...destinations, ...moved]),
    there: new Map([...there, ...found]),
    issues: apart.map(({ index }) => ({
      severity: 'information', code: 'same-id-other-patient', text: 'The sender has used this id for a resource of another patient, which stays as it is; this one is kept beside it.',
      expression: `Bundle.entry[${index}].resource`, ...sourceOf(`Bundle.entry[${index}].resource.identifier`, ledger),
    })),
  };
}

interface Shared {
  readonly fullUrl: string;
  readonly index: number;
  readonly target: { readonly type: string; readonly id: string };
  /** Ids of the patients of the message's resource, and of the stored one. */
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
}

/** Elements by which a resource is a patient's (R4, compartment Patient); who else takes part in it makes it nobody else's. */
const ofPatient = ['subject', 'patient', 'beneficiary', 'for', 'candidate'] as const;

/** @param destinations for a resource that refers to entries of its message */
function patientsIn(resource: Resource, destinations?: ReadonlyMap<string, Destination>): string[] {
  const elements = resource as unknown as Record<string, unknown>;
  const actors = resource.resourceType === 'Appointment' ? resource.participant?.map(({ actor }) => actor) : [];
  return [...ofPatient.flatMap((name) => elements[name]), ...(actors ?? [])].flatMap((value) => {
    const reference = (value as { readonly reference?: unknown } | undefined)?.reference;
    if (typeof reference !== 'string') return [];
    const target = destinations?.get(reference) ?? readReference(reference);
    return target?.type === 'Patient' ? [target.id] : [];
  });
}

/** By the record that was merged away, the one that it went into. */
function mergesIn(stored: readonly MappedResource[], destinations: ReadonlyMap<string, Destination>): Map<string, string> {
  return new Map(stored.flatMap(({ fullUrl, resource }) => {
    const into = resource.resourceType === 'Patient' ? resource.link?.find(({ type }) => type === 'replaced-by')?.other.reference : undefined;
    const [from, to] = [destinations.get(fullUrl), destinations.get(into ?? '')];
    return from === undefined || to === undefined || from.id === to.id ? [] : [[from.id, to.id] as const];
  }));
}

async function survivors(database: Queryable, ids: readonly string[], merges: Map<string, string>, context: Context): Promise<(id: string) => string> {
  const known = new Set<string>();
  let open = [...new Set(ids)];
  for (let step = 0; step <= mostMerges && open.length > 0; step += 1) {
    const read = await readMany(database, open.map((id) => ({ type: 'Patient', id })), context);
    for (const id of open) {
      known.add(id);
      const stored = read.get(`Patient/${id}`);
      const into = stored && replacedBy(resourceOf(stored) as Patient);
      // What the message itself says of a merge is newer than what is stored.
      if (into !== undefined && !merges.has(id)) merges.set(id, into);
    }
    open = [...new Set(open.flatMap((id) => merges.get(id) ?? []))].filter((id) => !known.has(id));
  }
  return (id) => {
    let last = id;
    for (let step = 0; step < mostMerges && merges.has(last); step += 1) last = merges.get(last)!;
    return last;
  };
}

/** The id for the patient as the records are now, and those for records that have been merged into the patient's since. */
function idsApart({ type, id }: Shared['target'], ours: readonly string[], survivor: (id: string) => string, there: ReadonlyMap<string, StoredVersion>): string[] {
  const owner = ours[0] === undefined ? '' : survivor(ours[0]);
  const stored = there.get(`Patient/${owner}`);
  const former = (stored && (resourceOf(stored) as Patient).link) ?? [];
  const owners = [owner, ...former.flatMap(({ type: kind, other }) => kind === 'replaces' ? readReference(other.reference ?? '')?.id ?? [] : [])];
  return owners.map((each) => nameBasedUuid('https://priora.health/inbox/same-id', stringifyJson([type, id, each])));
}
