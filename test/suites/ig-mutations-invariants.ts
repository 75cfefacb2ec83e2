/**
 * Changes that may break an invariant: those written by hand for its key, then a search through small ones, such as
 * taking something out, putting something in, or another value in place of one.
 */
import { elementsOf } from '../../fhir/element-types.ts';
import { isObject, type JsonObject } from './ig-mutations-places.ts';
import { otherThan, sampleOf } from './ig-mutations-values.ts';

type Change = (value: unknown) => unknown;

/** Changes of one value that are tried at most. */
const mostTries = 200;
const deepest = 4;

const basic = { resourceType: 'Basic', id: 'inner', code: { text: 'x' } };
/** With other properties; undefined takes one out. */
const having = (properties: JsonObject): Change => (value) => Object.fromEntries(Object.entries({ ...value as JsonObject, ...properties }).filter(([, one]) => one !== undefined));
const withContained = (contained: JsonObject): Change => having({ contained: [contained] });
const inEntries = (properties: JsonObject): Change => (bundle) => ({ ...bundle as JsonObject, entry: ((bundle as JsonObject)['entry'] as JsonObject[]).map((entry) => ({ ...entry, ...properties })) });
const part = { url: 'http://example.org/x', valueString: 'x' };

const inError = (system: string): JsonObject => ({ coding: [{ system: `http://terminology.hl7.org/CodeSystem/${system}`, code: 'entered-in-error' }] });
const nullFlavor = 'http://terminology.hl7.org/CodeSystem/v3-NullFlavor';

const byHand: Readonly<Record<string, readonly Change[]>> = {
  'dom-2': [withContained({ ...basic, contained: [basic] })],
  'dom-3': [withContained(basic)],
  'dom-4': [withContained({ ...basic, meta: { versionId: '1' } })],
  'dom-5': [withContained({ ...basic, meta: { security: [{ code: 'R' }] } })],
  'bdl-1': [having({ total: 1 }), having({ total: 1, type: 'collection' })],
  'bdl-2': [inEntries({ search: { mode: 'match' } })],
  'bdl-8': [(entry) => ({ ...entry as JsonObject, fullUrl: `${String((entry as JsonObject)['fullUrl'])}/_history/1` })],
  'bdl-9': [having({ type: 'document', identifier: undefined })],
  'bdl-10': [having({ type: 'document', timestamp: undefined })],
  'inv-1': [having({ authoredOn: '2020-01-02T00:00:00Z', lastModified: '2020-01-01T00:00:00Z' })],
  'org-2': [having({ use: 'home' })],
  'prr-1': [having({ orderDetail: [{ text: 'x' }], code: undefined })],
  QuestionnaireContext: [having({ code: { coding: [{ code: 'attachment-request-questionnaire' }] }, input: [{ type: { text: 'x' }, valueString: 'x' }] })],
  'obs-3': [() => ({ type: { text: 'x' } })],
  'obs-6': [having({ dataAbsentReason: { text: 'x' }, valueString: 'x' })],
  'obs-7': [(value) => ({ ...value as JsonObject, valueString: 'x', component: [{ code: (value as JsonObject)['code'], valueString: 'x' }] })],
  'tim-10': [having({ timeOfDay: ['12:00:00'], when: ['MORN'] })],
  'cpl-3': [having({ detail: { status: 'unknown' }, reference: { display: 'x' } })],
  'ait-2': [having({ verificationStatus: inError('allergyintolerance-verification'), clinicalStatus: { text: 'x' } })],
  'con-5': [having({ verificationStatus: inError('condition-ver-status'), clinicalStatus: { text: 'x' } })],
  'ctm-1': [having({ member: { reference: '#' }, onBehalfOf: { display: 'x' } })],
  'gol-1': [having({ detailString: 'x', measure: undefined })],
  'org-3': [having({ use: 'home' })],
  'qrs-1': [having({ answer: [{ valueString: 'x' }], item: [{ linkId: 'x' }] })],
  'us-core-6': [having({ family: undefined, given: undefined, text: 'x' })],
  'us-core-23': [(value) => ({ ...value as JsonObject, extension: [...(value as { extension: JsonObject[] }).extension, { url: 'ombCategory', valueCoding: { system: nullFlavor, code: 'UNK' } }, { url: 'ombCategory', valueCoding: { system: nullFlavor, code: 'ASKU' } }] })],
  QuestionnaireNeeded: [having({ code: { coding: [{ code: 'attachment-request-questionnaire' }] }, input: [{ type: { text: 'x' }, valueString: 'x' }] })],
  'bdl-7': [(bundle) => ({ ...bundle as JsonObject, type: 'collection', entry: [...(bundle as { entry: JsonObject[] }).entry, (bundle as { entry: JsonObject[] }).entry[0]] })],
  'lst-2': [having({ mode: 'working', entry: [{ deleted: true, item: { display: 'x' } }] })],
  'lst-3': [having({ mode: 'snapshot', entry: [{ date: '2020', item: { display: 'x' } }] })],
  'mdd-1': [having({ whenPrepared: '2020-01-02', whenHandedOver: '2020-01-01' })],
  'que-1c': [having({ type: 'display', item: [{ linkId: 'inner', type: 'string' }] })],
  'que-2': [having({ item: [{ linkId: 'same', type: 'string' }, { linkId: 'same', type: 'string' }] })],
  'que-3': [having({ type: 'display', code: [{ code: 'x' }] })],
  'que-4': [having({ answerOption: [{ valueString: 'x' }], answerValueSet: 'http://example.org/x' })],
  'que-5': [having({ type: 'boolean', answerOption: [{ valueString: 'x' }] })],
  'que-6': [having({ type: 'display', required: true })],
  'que-8': [having({ type: 'group', initial: [{ valueString: 'x' }] })],
  'que-9': [having({ type: 'display', readOnly: true })],
  'que-10': [having({ type: 'date', maxLength: 5 })],
  'que-11': [having({ answerOption: [{ valueString: 'x' }], initial: [{ valueString: 'x' }] })],
  'que-12': [having({ enableWhen: Array.from({ length: 3 }, () => ({ question: 'x', operator: 'exists', answerBoolean: true })), enableBehavior: undefined })],
  'que-13': [having({ repeats: false, initial: [{ valueString: 'x' }, { valueString: 'y' }] })],
  'que-15': [() => 'x'.repeat(256)],
  'sdc-1': [having({ answerOption: [{ valueString: 'x' }], extension: [{ url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-answerExpression', valueExpression: { language: 'text/cql', expression: 'x' } }] })],
  'sdcqr-3': [having({ source: { display: 'x' }, extension: [{ url: 'http://hl7.org/fhir/5.0/StructureDefinition/extension-QuestionnaireResponse.source', valueReference: { display: 'x' } }] })],
  'us-core-8': [having({ family: undefined, given: undefined, text: 'x' })],
  ...Object.fromEntries([['ppc-2', 'patient-privacy'], ['ppc-3', 'research'], ['ppc-4', 'adr'], ['ppc-5', 'treatment']].map(([key, code]) => [key, [having({ patient: undefined, scope: { coding: [{ system: 'something', code }] } })]])),
  'crd-ci-q1': [having({ extension: [{ url: 'questionnaire', valueCanonical: 'http://example.org/x' }] })],
  'crd-ci-q3': [having({ extension: [{ url: 'info-needed', valueCode: 'patient' }] }), having({ extension: [{ url: 'covered', valueCode: 'conditional' }] })],
  'crd-ci-q4': [having({ extension: [{ url: 'pa-needed', valueCode: 'satisfied' }, { url: 'doc-purpose', valueCode: 'PA' }] }), having({ extension: [{ url: 'pa-needed', valueCode: 'satisfied' }, { url: 'doc-purpose', valueCode: 'withpa' }] })],
  'crd-ci-q5': [having({ extension: [{ url: 'satisfied-pa-id', valueString: 'x' }] })],
  'crd-ci-q2': [having({ extension: [{ url: 'covered', valueCode: 'not-covered' }, { url: 'pa-needed', valueCode: 'x' }] }), having({ extension: [{ url: 'covered', valueCode: 'covered' }] })],
  'crd-ci-q6': [having({ extension: [{ url: 'info-needed', valueCode: 'OTH' }] })],
  'crd-ci-q7': [having({ extension: [{ url: 'reason', valueCodeableConcept: { coding: [{ system: 'http://example.org/x', code: 'x' }] } }] })],
  'crd-ci-q8': [having({ extension: [{ url: 'doc-purpose', valueCode: 'x' }] })],
  'crd-ci-q9': [having({ extension: [{ url: 'covered', valueCode: 'indeterminate' }] })],
  'ext-1': [(value) => ({ url: isObject(value) ? value['url'] : '', valueString: 'x', extension: [part] })],
};

export function* invariantBreakers(key: string, value: unknown, type: string): Generator<Change> {
  yield* byHand[key] ?? [];
  let tries = 0;
  for (const change of smallChanges(value, type, 0)) {
    if (++tries > mostTries) return;
    yield change;
  }
}

function* smallChanges(value: unknown, type: string, depth: number): Generator<Change> {
  if (Array.isArray(value)) {
    yield (items) => [...items as unknown[], (items as unknown[])[0]];
    for (const index of value.keys()) {
      yield (items) => (items as unknown[]).filter((_, at) => at !== index);
      for (const change of smallChanges(value[index], '', depth)) yield (items) => (items as unknown[]).map((item, at) => at === index ? change(item) : item);
    }
    return;
  }
  if (!isObject(value)) {
    yield* otherValues(value);
    return;
  }
  for (const name of Object.keys(value)) {
    if (name === 'resourceType') continue;
    yield (object) => { const { [name]: _, ...others } = object as JsonObject; return others; };
  }
  const resourceType = typeof value['resourceType'] === 'string' ? value['resourceType'] : undefined;
  const kept = resourceType === undefined ? {} : { resourceType };
  if (depth === 0) for (const name of Object.keys(value)) yield (object) => ({ ...kept, [name]: (object as JsonObject)[name] });
  for (const element of elementsOf(resourceType ?? type)) {
    const [of] = element.types;
    if (of === undefined || element.types.some(({ property }) => property in value)) continue;
    const sample = sampleOf(of.type);
    if (sample !== undefined) yield (object) => ({ ...object as JsonObject, [of.property]: element.repeats ? [sample] : sample });
  }
  if (depth < deepest) {
    for (const name of Object.keys(value)) {
      if (name === 'resourceType') continue;
      for (const change of smallChanges(value[name], '', depth + 1)) yield (object) => ({ ...object as JsonObject, [name]: change((object as JsonObject)[name]) });
    }
  }
}

function* otherValues(value: unknown): Generator<Change> {
  if (typeof value === 'string') {
    for (const other of ['x', '#none', ' ', '2100-01-01', '1800', '1234567893', 'http://example.org/none', 'a|b', '0']) yield () => other;
    yield (text) => `${String(text)} `;
    yield (text) => String(text).slice(0, 4);
    yield (text) => `${String(text)}T12:00:00Z`;
  }
  if (typeof value === 'number' || value instanceof Number) for (const other of [-1, 0, 1e9, 0.5]) yield () => other;
  yield (one) => otherThan(one);
}
