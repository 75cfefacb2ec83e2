/**
 * What $questionnaire-package is asked with: Parameters of DTR 2.0.1 and 2.2.0.
 * Source: http://hl7.org/fhir/us/davinci-dtr/OperationDefinition/questionnaire-package
 */
import type { Coverage } from '@medplum/fhirtypes';
import { Problem } from '../../fhir/problems.ts';
import { shapeIssues } from '../../fhir/shape.ts';
import { fitOf } from '../coverage-requirements/gather.ts';
import type { ClientResource } from '../coverage-requirements/read-call.ts';
import { isObject } from '../inputs.ts';
import type { OperationCall } from '../registry.ts';

type JsonObject = Readonly<Record<string, unknown>>;

export interface Order {
  readonly resource: JsonObject;
  /** As its sender refers to it: `ServiceRequest/1`. Undefined where it has no id. */
  readonly reference: string | undefined;
  /** Place in what was sent. */
  readonly expression: string;
}

export interface PackageRequest {
  readonly coverages: readonly Coverage[];
  readonly orders: readonly Order[];
  /** What the orders refer to, and what is known of the patient beside them; what has not the form of FHIR is left out. */
  readonly referenced: readonly ClientResource[];
  /** Canonicals. */
  readonly questionnaires: readonly string[];
  /** Of CRD a coverage-assertion-id, of PAS the trace number of a request for information. */
  readonly context: string | undefined;
  readonly changedSince: Date | undefined;
}

/** Types of resources that something is ordered, booked or done by (dtr-qpackage-input-parameters). */
const orderTypes: ReadonlySet<unknown> = new Set([
  'Appointment', 'CommunicationRequest', 'DeviceRequest', 'Encounter', 'ImmunizationRecommendation', 'MedicationRequest', 'NutritionOrder', 'ServiceRequest', 'SupplyRequest', 'VisionPrescription',
]);

/** More than one session of documentation is about. */
const most = { coverage: 10, order: 50, questionnaire: 50, context: 1, changedsince: 1, referenced: 500 } as const;

const operation = 'questionnaire-package';

/** @throws {Problem} `missing-operation-parameter`, `invalid-operation-parameter`, `unknown-operation-parameter`, `not-parameters`, `documentation-of-nothing` and those of reading a body */
export function readPackageRequest(call: OperationCall): PackageRequest {
  if (call.query[0] !== undefined) throw new Problem('unknown-operation-parameter', { operation, name: '(in the address)' });
  const given = parametersIn(call.resource('a Parameters resource'));
  const coverages = given.filter(({ name }) => name === 'coverage').map(({ parameter, at }) => resourceIn(parameter, at, 'coverage', (type) => type === 'Coverage') as unknown as Coverage);
  if (coverages.length === 0) throw new Problem('missing-operation-parameter', { operation, name: 'coverage' }, 'Parameters.parameter');
  const orders = given.filter(({ name }) => name === 'order').map(({ parameter, at }) => {
    const resource = resourceIn(parameter, at, 'order', (type) => orderTypes.has(type));
    return { resource, expression: `${at}.resource`, reference: typeof resource['id'] === 'string' ? `${String(resource['resourceType'])}/${resource['id']}` : undefined };
  });
  const questionnaires = given.filter(({ name }) => name === 'questionnaire').map(({ parameter, at }) => textIn(parameter, at, 'questionnaire', ['valueCanonical', 'valueUri', 'valueUrl']));
  const [context] = given.filter(({ name }) => name === 'context').map(({ parameter, at }) => textIn(parameter, at, 'context', ['valueString', 'valueId']));
  const [since] = given.filter(({ name }) => name === 'changedsince').map(({ parameter, at }) => instantIn(parameter, at));
  const referenced = given.flatMap(({ name, parameter: { resource } }) => name === 'referenced' ? fitOf(resource) ?? [] : []);
  if (orders.length + questionnaires.length === 0 && context === undefined) throw new Problem('documentation-of-nothing', {}, 'Parameters.parameter');
  return { coverages, orders, referenced, questionnaires, context, changedSince: since };
}

interface Given {
  readonly name: keyof typeof most;
  readonly parameter: JsonObject;
  readonly at: string;
}

function parametersIn(body: unknown): readonly Given[] {
  if (!isObject(body) || body['resourceType'] !== 'Parameters' || !Array.isArray(body['parameter'] ?? [])) throw new Problem('not-parameters', { operation });
  const count = new Map<string, number>();
  return ((body['parameter'] ?? []) as readonly unknown[]).map((parameter, index) => {
    const at = `Parameters.parameter[${index}]`;
    const name = isObject(parameter) ? parameter['name'] : undefined;
    if (!isObject(parameter) || typeof name !== 'string') throw new Problem('invalid-element', { element: at, reason: 'an object with a name is expected' }, at);
    if (!isKnown(name)) throw new Problem('unknown-operation-parameter', { operation, name: /^[A-Za-z_][A-Za-z_-]{0,39}$/.test(name) ? name : '(not a name)' }, at);
    count.set(name, (count.get(name) ?? 0) + 1);
    if (count.get(name)! > most[name]) throw new Problem('invalid-operation-parameter', { name, reason: `it occurs more than ${most[name] === 1 ? 'once' : `${most[name]} times`}` }, at);
    return { name, parameter, at };
  });
}

function isKnown(name: string): name is keyof typeof most {
  return Object.hasOwn(most, name);
}

function resourceIn(parameter: JsonObject, at: string, name: string, isExpected: (type: unknown) => boolean): JsonObject {
  const { resource } = parameter;
  if (!isObject(resource) || !isExpected(resource['resourceType'])) throw new Problem('invalid-operation-parameter', { name, reason: `a resource is expected that is ${name === 'coverage' ? 'a Coverage' : 'an order, an Encounter or an Appointment'}` }, at);
  const [wrong] = shapeIssues(resource);
  if (wrong !== undefined) throw new Problem('invalid-operation-parameter', { name, reason: 'the resource has not the form of its type' }, at);
  return resource;
}

function textIn(parameter: JsonObject, at: string, name: string, properties: readonly string[]): string {
  const value = properties.map((property) => parameter[property]).find((each) => each !== undefined);
  if (typeof value !== 'string' || value.trim() === '' || value.length > 2000) throw new Problem('invalid-operation-parameter', { name, reason: `${properties[0]!} with a text is expected` }, at);
  return value.trim();
}

/** 2.0.1 has a dateTime, 2.2.0 an instant. */
function instantIn(parameter: JsonObject, at: string): Date {
  const value = parameter['valueInstant'] ?? parameter['valueDateTime'];
  const read = typeof value === 'string' && /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2}))?$/.test(value) ? new Date(value) : undefined;
  if (read === undefined || Number.isNaN(read.getTime())) throw new Problem('invalid-operation-parameter', { name: 'changedsince', reason: 'an instant is expected' }, at);
  return read;
}
