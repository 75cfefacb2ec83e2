/**
 * A call of a CDS service, read: its form is that of CDS Hooks and of the hook's context, or it is refused with every
 * place named. What the specification does not know is passed over (hook-23, found-33).
 * Source: CDS Hooks 2.0, "HTTP Request" (https://cds-hooks.hl7.org/2.0/#http-request_1); the hooks' own pages.
 */
import type { Resource } from '@medplum/fhirtypes';
import { Problem, type ProblemIssue } from '../../fhir/problems.ts';
import { readReference } from '../../fhir/references.ts';
import { isResourceType } from '../../fhir/resource-types.ts';
import { shapeIssues } from '../../fhir/shape.ts';
import { editions, hookExtension, type Edition } from '../../profiles/crd/names.ts';
import { asObject, type Loose } from '../../review/facts/loose.ts';
import { readConfiguration, type Configuration } from './options.ts';
import { services, type CdsService } from './services.ts';
import { withoutSlash } from './trusted-clients.ts';

export type ClientResource = Resource & { readonly id: string };

export interface HookCall {
  readonly service: CdsService;
  readonly hookInstance: string;
  /** The client's FHIR server, and the token that it lends; neither is ever kept. */
  readonly client: { readonly base: string; readonly token: string | undefined } | undefined;
  readonly patientId: string;
  readonly userId: string | undefined;
  readonly encounterId: string | undefined;
  /** Who is to perform, by order-dispatch. */
  readonly performer: string | undefined;
  /** Orders and appointments of the context. */
  readonly proposed: readonly ClientResource[];
  /** `Type/id` of what guidance is asked about: some of the above, or something that stands in the prefetch or with the client. */
  readonly asked: readonly string[];
  /** Whatever came in the prefetch, whichever its key. */
  readonly prefetched: readonly ClientResource[];
  /** Keys of the prefetch that are there, also with nothing in them: the client has looked. */
  readonly prefetchedKeys: ReadonlySet<string>;
  readonly configuration: Configuration;
  /** Undefined where the client names none, as clients of the first edition do. */
  readonly edition: Edition | undefined;
}

/** Orders of a call, at most: a call is answered while somebody waits. */
const mostAsked = 50;
const mostPrefetched = 2000;

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const fhirId = /^[A-Za-z0-9\-.]{1,64}$/;

/**
 * @param id of the address
 * @throws {Problem} `cds-service-unknown`, `cds-request-invalid`, `cds-request-rule`
 */
export function readCall(id: string, body: unknown): HookCall {
  const service = services.find((one) => one.id === id);
  if (!service) throw new Problem('cds-service-unknown');
  const notes: ProblemIssue[] = [];
  const call = asObject(body);
  if (!call) throw invalid('The body', 'it is no JSON object');
  const text = (holder: Loose, name: string, path: string, isNeeded: boolean, form?: RegExp, reason = 'text is expected'): string | undefined => {
    const value = holder[name];
    if (value === undefined && !isNeeded) return undefined;
    if (value === undefined) notes.push(note(path, 'it is missing'));
    else if (typeof value !== 'string' || value === '' || (form !== undefined && !form.test(value))) notes.push(note(path, reason));
    else return value;
    return undefined;
  };

  const hook = text(call, 'hook', 'hook', true);
  if (hook !== undefined && hook !== service.hook) notes.push(note('hook', `${service.hook} is expected at this address`));
  const hookInstance = text(call, 'hookInstance', 'hookInstance', true, uuid, 'a UUID is expected') ?? '';
  const server = text(call, 'fhirServer', 'fhirServer', false, /^https?:\/\/[^\s?#@]+$/, 'an http or https address without user, query and fragment is expected');
  const authorization = readAuthorization(call['fhirAuthorization'], text, notes);
  if (authorization !== undefined && call['fhirServer'] === undefined) notes.push(note('fhirAuthorization', 'it is of no use without fhirServer'));
  const context = asObject(call['context']);
  if (!context) throw Problem.of([note('context', call['context'] === undefined ? 'it is missing' : 'an object is expected'), ...notes]);

  const patientId = text(context, 'patientId', 'context.patientId', true, fhirId, 'the id of a FHIR resource is expected') ?? '';
  const needsUser = service.hook !== 'order-dispatch';
  const userId = text(context, 'userId', 'context.userId', needsUser, /^(?:.*\/)?(?:Practitioner|PractitionerRole|Patient|RelatedPerson)\/[A-Za-z0-9\-.]{1,64}$/, 'Type/id of a Practitioner, PractitionerRole, Patient or RelatedPerson is expected');
  const isEncounter = service.hook.startsWith('encounter-');
  const encounterId = text(context, 'encounterId', 'context.encounterId', isEncounter, fhirId, 'the id of a FHIR resource is expected');
  const performer = service.hook === 'order-dispatch' ? text(context, 'performer', 'context.performer', true, /^(?:.*\/)?[A-Z]\w+\/[A-Za-z0-9\-.]{1,64}$/, 'Type/id is expected') : undefined;
  const base = server === undefined ? undefined : withoutSlash(server);
  const { proposed, asked } = readAsked(service, context, { encounterId, base }, notes);
  const prefetch = call['prefetch'] === undefined || call['prefetch'] === null ? {} : asObject(call['prefetch']);
  if (!prefetch) notes.push(note('prefetch', 'an object is expected'));
  const prefetched = resourcesOf(prefetch ?? {}, notes);
  const [first, ...more] = notes;
  if (first) throw Problem.of([first, ...more]);
  const extension = asObject(call['extension']);
  const wantedEdition = extension?.[hookExtension.requestedVersion];
  return {
    service, hookInstance, client: base === undefined ? undefined : { base, token: authorization }, patientId, userId, encounterId, performer, proposed, asked, prefetched,
    prefetchedKeys: new Set(Object.keys(prefetch ?? {})),
    configuration: readConfiguration(extension?.[hookExtension.configuration]),
    edition: typeof wantedEdition === 'string' ? editions.find((edition) => wantedEdition === edition || wantedEdition.startsWith(`${edition}.`)) ?? '2.2' : undefined,
  };
}

type ReadText = (holder: Loose, name: string, path: string, isNeeded: boolean, form?: RegExp, reason?: string) => string | undefined;

/** The token that is lent; a scheme other than Bearer is none that could be used. */
function readAuthorization(value: unknown, text: ReadText, notes: ProblemIssue[]): string | undefined {
  if (value === undefined || value === null) return undefined;
  const authorization = asObject(value);
  if (!authorization) {
    notes.push(note('fhirAuthorization', 'an object is expected'));
    return undefined;
  }
  text(authorization, 'token_type', 'fhirAuthorization.token_type', true, /^Bearer$/i, 'Bearer is expected');
  // RFC 6750, section 2.1: what a bearer token consists of.
  return text(authorization, 'access_token', 'fhirAuthorization.access_token', true, /^[A-Za-z0-9\-._~+/]+=*$/, 'a bearer token is expected');
}

/** What guidance is asked about, by hook. */
function readAsked({ hook }: CdsService, context: Loose, { encounterId, base }: { readonly encounterId: string | undefined; readonly base: string | undefined }, notes: ProblemIssue[]): Pick<HookCall, 'proposed' | 'asked'> {
  const bounded = (asked: readonly string[], path: string): readonly string[] => {
    if (asked.length > mostAsked) notes.push({ code: 'cds-request-rule', details: { rule: `One call asks about ${mostAsked} resources at most.` }, expression: path });
    return [...new Set(asked)];
  };
  switch (hook) {
    case 'encounter-start':
    case 'encounter-discharge':
      return { proposed: [], asked: encounterId === undefined ? [] : [`Encounter/${encounterId}`] };
    case 'order-dispatch': {
      // The first edition of the hook had one order.
      const path = context['dispatchedOrders'] === undefined ? 'context.order' : 'context.dispatchedOrders';
      const orders: unknown = context['dispatchedOrders'] ?? (context['order'] === undefined ? undefined : [context['order']]);
      if (!Array.isArray(orders) || orders.length === 0) {
        notes.push(note('context.dispatchedOrders', 'references of orders are expected'));
        return { proposed: [], asked: [] };
      }
      const asked = orders.map((order: unknown) => typeof order === 'string' ? localNameOf(order, base) : undefined);
      if (asked.includes(undefined)) notes.push(note(path, 'each is expected as Type/id'));
      // They tell who performs what; a call without them is whole.
      return { proposed: context['fulfillmentTasks'] === undefined ? [] : bundled(context, 'fulfillmentTasks', []), asked: bounded(asked.filter((name) => name !== undefined), path) };
    }
    case 'appointment-book': {
      const proposed = bundled(context, 'appointments', notes);
      for (const { resourceType } of proposed) if (resourceType !== 'Appointment') notes.push({ code: 'cds-request-rule', details: { rule: 'The Bundle holds what is no Appointment.' }, expression: 'context.appointments' });
      return { proposed, asked: bounded(proposed.map(nameOf), 'context.appointments') };
    }
    case 'order-sign':
      return withOrders(bundled(context, 'draftOrders', notes), (orders) => bounded(orders.map(nameOf), 'context.draftOrders'));
    case 'order-select': {
      const proposed = bundled(context, 'draftOrders', notes);
      const selections: unknown = context['selections'];
      if (!Array.isArray(selections) || selections.length === 0 || selections.some((one) => typeof one !== 'string' || localNameOf(one, base) === undefined)) {
        notes.push(note('context.selections', 'references of draft orders are expected, each as Type/id'));
        return { proposed, asked: [] };
      }
      const selected = selections.map((one: string) => localNameOf(one, base)!);
      const known = new Set(proposed.map(nameOf));
      if (selected.some((name) => !known.has(name))) notes.push({ code: 'cds-request-rule', details: { rule: 'A selection is not among the draft orders.' }, expression: 'context.selections' });
      return { proposed, asked: bounded(selected, 'context.selections') };
    }
  }
}

function withOrders(proposed: readonly ClientResource[], asked: (orders: readonly ClientResource[]) => readonly string[]): Pick<HookCall, 'proposed' | 'asked'> {
  return { proposed, asked: asked(proposed.filter(({ resourceType }) => isOrder(resourceType))) };
}

/** Types that CRD gives coverage information on. */
const orderTypes: ReadonlySet<string> = new Set(['CommunicationRequest', 'DeviceRequest', 'MedicationRequest', 'NutritionOrder', 'ServiceRequest', 'VisionPrescription']);
export function isOrder(type: string): boolean {
  return orderTypes.has(type);
}

function bundled(context: Loose, name: string, notes: ProblemIssue[]): ClientResource[] {
  const path = `context.${name}`;
  const bundle = asObject(context[name]);
  if (bundle?.['resourceType'] !== 'Bundle') {
    notes.push(note(path, context[name] === undefined ? 'it is missing' : 'a Bundle is expected'));
    return [];
  }
  const entries: unknown = bundle['entry'];
  if (!Array.isArray(entries) || entries.length === 0) {
    notes.push(note(`${path}.entry`, 'the Bundle is empty'));
    return [];
  }
  return entries.flatMap((entry: unknown, index): ClientResource[] => {
    const place = `${path}.entry[${index}].resource`;
    const resource = asObject(asObject(entry)?.['resource']);
    if (!resource || !isResourceType(resource['resourceType'])) {
      notes.push(note(place, 'a FHIR R4 resource is expected'));
      return [];
    }
    const issues = shapeIssues(resource, place);
    for (const { expression, reason } of issues) notes.push(note(expression, `it ${reason}`, expression));
    if (typeof resource['id'] !== 'string' || !fhirId.test(resource['id'])) {
      // found-36: actions and references need it.
      notes.push({ code: 'cds-request-rule', details: { rule: 'A proposed resource has no id by which an action could name it.' }, expression: `${place}.id` });
      return [];
    }
    return [resource as unknown as ClientResource];
  });
}

/** Resources of the prefetch, those in Bundles included. What has not the form of FHIR is left out, but for the patient and the coverage. */
function resourcesOf(prefetch: Loose, notes: ProblemIssue[]): ClientResource[] {
  const found = new Map<string, ClientResource>();
  const take = (value: unknown, path: string, depth: number): void => {
    const resource = asObject(value);
    if (!resource || found.size >= mostPrefetched) return;
    if (resource['resourceType'] === 'Bundle' && depth < 3) {
      const entries: unknown = resource['entry'];
      if (Array.isArray(entries)) for (const [index, entry] of entries.entries()) take(asObject(entry)?.['resource'], `${path}.entry[${index}].resource`, depth + 1);
      return;
    }
    if (!isResourceType(resource['resourceType']) || typeof resource['id'] !== 'string' || !fhirId.test(resource['id'])) return;
    const issues = shapeIssues(resource, path);
    if (issues.length === 0) found.set(`${resource['resourceType']}/${resource['id']}`, resource as unknown as ClientResource);
    else if (resource['resourceType'] === 'Patient' || resource['resourceType'] === 'Coverage') for (const { expression, reason } of issues) notes.push(note(expression, `it ${reason}`, expression));
  };
  for (const [key, value] of Object.entries(prefetch)) take(value, /^\w{1,60}$/.test(key) ? `prefetch.${key}` : 'prefetch', 0);
  return [...found.values()];
}

/**
 * `Type/id`, whether the reference is written so or as an address; of the client's own server, where the call names it:
 * what another server has under the same id is something else.
 */
export function localNameOf(reference: string | undefined, server: string | undefined): string | undefined {
  const parts = reference === undefined ? undefined : readReference(reference);
  if (!parts || !isResourceType(parts.type)) return undefined;
  const isElsewhere = parts.base !== undefined && server !== undefined && parts.base.replace(/\/+$/, '') !== server;
  return isElsewhere ? undefined : `${parts.type}/${parts.id}`;
}

export function nameOf({ resourceType, id }: { readonly resourceType: string; readonly id: string }): string {
  return `${resourceType}/${id}`;
}

function invalid(element: string, reason: string): Problem {
  return new Problem('cds-request-invalid', { element, reason });
}

function note(element: string, reason: string, expression = element): ProblemIssue {
  return { code: 'cds-request-invalid', details: { element, reason }, expression };
}
