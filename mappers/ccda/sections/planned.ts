/**
 * What is meant to be done: planned acts, procedures, observations, encounters and interventions to ServiceRequest,
 * supplies to DeviceRequest, instructions and handoffs to CommunicationRequest.
 * Source: C-CDA 2.1, Plan of Treatment Section; https://hl7.org/fhir/us/core/STU7/StructureDefinition-us-core-servicerequest.html
 */
import type { Cursor } from '../../draft.ts';
import type { Conversion, Placed, ResourceType, Scope } from '../conversion.ts';
import { participant } from '../header/participants.ts';
import { authorOf } from '../provenance.ts';
import { putConcept, requireConcept, saysSomething } from '../values/concept.ts';
import { putIdentifiers } from '../values/identifier.ts';
import { putWords } from '../values/text.ts';
import { putTime, putTimeOrPeriod } from '../values/times.ts';
import type { Element } from '../xml/element.ts';
import { productOf, putProductConcept } from './medication-product.ts';
import { supplyOrder } from './medication-supply.ts';
import { putNotes, putReasons } from './medications.ts';
import { hasTemplate, nestedStatements, takeNested } from './nested.ts';
import type { SectionRules } from './rules.ts';
import { markStatement } from './statement.ts';

const root = '2.16.840.1.113883.10.20.22.4.';
const instruction = [`${root}20`, '2.16.840.1.113883.10.20.1.49'];
const medicationInformation = [`${root}23`, `${root}54`, '2.16.840.1.113883.10.20.1.53'];

const states: Readonly<Record<string, string>> = { active: 'active', completed: 'completed', aborted: 'revoked', cancelled: 'revoked', new: 'draft', held: 'on-hold', suspended: 'on-hold', nullified: 'entered-in-error' };
const intents: Readonly<Record<string, string>> = { INT: 'plan', RQO: 'order', ARQ: 'order', PRP: 'proposal', PRMS: 'plan', APT: 'plan', GOL: 'plan', DEF: 'option' };
const priorities: Readonly<Record<string, string>> = { R: 'routine', UR: 'urgent', A: 'asap', S: 'stat', EM: 'stat' };

export const planned: SectionRules = {
  statements: [
    { templates: [`${root}39`, `${root}40`, `${root}41`, `${root}44`, `${root}130`, `${root}140`, '2.16.840.1.113883.10.20.1.25'], map: putPlanned },
    { templates: [`${root}43`], map: plannedSupply },
    { templates: instruction, map: communication },
    { templates: [`${root}141`], map: communication },
  ],
  sections: [
    { code: '18776-5', templates: ['2.16.840.1.113883.10.20.22.2.10'], fallbacks: { act: putPlanned, procedure: putPlanned, observation: putPlanned, encounter: putPlanned, supply: plannedSupply } },
    { code: '51847-2', templates: ['2.16.840.1.113883.10.20.22.2.9'] },
    { code: '59772-4', templates: ['2.16.840.1.113883.10.20.22.2.30'], fallbacks: { procedure: putPlanned } },
    { code: '69730-0', templates: ['2.16.840.1.113883.10.20.22.2.45'], fallbacks: { act: communication } },
  ],
};

/** What all requests have. */
function begin(c: Conversion, statement: Element, type: ResourceType): Placed & { readonly again: boolean } {
  markStatement(c, statement);
  const made = c.stated(type, statement);
  if (made.again) return made;
  const at = made.cursor;
  putIdentifiers(c, at, statement, 'planned/id');
  const status = statement.child('statusCode');
  if (status !== undefined) c.consult(status, 'nullFlavor', 'codeSystem', 'displayName');
  if (status === undefined || !c.put(at, 'status', states[status.get('code') ?? ''], status, 'code', 'planned/status')) at.set('status', 'unknown');
  c.refer(at, 'subject', c.patient);
  return made;
}

/** Who asks for it and when. */
function putRequester(c: Conversion, at: Cursor, statement: Element): void {
  const requester = authorOf(c, statement.child('author'));
  c.refer(at, 'requester', requester);
  putTime(c, at, 'authoredOn', statement.at('author', 'time'), 'planned/author/time');
}

export function putPlanned(c: Conversion, statement: Element, scope: Scope): readonly Placed[] {
  const made = begin(c, statement, 'ServiceRequest');
  if (made.again) return [made];
  const at = made.cursor;
  const intent = intents[statement.get('moodCode') ?? ''];
  if (intent === undefined || !c.put(at, 'intent', intent, statement, 'moodCode', 'planned/mood')) at.set('intent', 'plan');
  if (statement.get('negationInd') === 'true') c.put(at, 'doNotPerform', true, statement, 'negationInd', 'planned/negation');
  const priority = statement.child('priorityCode');
  if (priority !== undefined && c.put(at, 'priority', priorities[priority.get('code') ?? ''], priority, 'code', 'planned/priority')) c.consult(priority, 'codeSystem', 'codeSystemName', 'displayName');
  requireConcept(c, at.within('code'), statement.child('code'), 'planned/code');
  c.refer(at, 'encounter', scope.encounter);
  putTimeOrPeriod(c, at, 'occurrence', statement.child('effectiveTime'), 'planned/time');
  putRequester(c, at, statement);
  for (const performer of statement.all('performer')) {
    c.consult(performer, 'typeCode');
    const who = participant(c, performer.child('assignedEntity'), 'planned/performer');
    if (who !== undefined) c.referItem(at, 'performer', who);
  }
  for (const site of statement.all('targetSiteCode')) putConcept(c, at.another('bodySite'), site, 'planned/targetSite');
  putReasons(c, at, statement, 'reasonCode');
  for (const words of takeNested(statement, ...instruction)) {
    markStatement(c, words);
    if (at.peek('patientInstruction') === undefined) putWords(c, at, 'patientInstruction', words.child('text'), 'planned/instruction');
  }
  const value = statement.child('value');
  if (saysSomething(c, value)) putConcept(c, at.another('orderDetail'), value, 'planned/value');
  putNotes(c, at, statement);
  return [made, ...nestedStatements(statement).filter((nested) => !nested.taken && nested.name !== 'encounter').flatMap((nested) => c.place(nested, { ...scope, within: statement }))];
}

/** A supply of a medication is a supply order; of anything else, a request of a device. */
function plannedSupply(c: Conversion, statement: Element): readonly Placed[] {
  const product = productOf(statement);
  if (product !== undefined && hasTemplate(product, ...medicationInformation)) return supplyOrder(c, statement);
  const made = begin(c, statement, 'DeviceRequest');
  if (made.again) return [made];
  const at = made.cursor;
  at.set('intent', intents[statement.get('moodCode') ?? ''] ?? 'plan');
  putProductConcept(c, at.within('codeCodeableConcept'), product, 'planned/product');
  putTimeOrPeriod(c, at, 'occurrence', statement.child('effectiveTime'), 'planned/time');
  putRequester(c, at, statement);
  putReasons(c, at, statement, 'reasonCode');
  putNotes(c, at, statement);
  return [made];
}

/** Words for the patient, or from one clinician to another. */
function communication(c: Conversion, statement: Element): readonly Placed[] {
  const made = begin(c, statement, 'CommunicationRequest');
  if (made.again) return [made];
  const at = made.cursor;
  if (saysSomething(c, statement.child('code'))) putConcept(c, at.another('category'), statement.child('code'), 'communication/code');
  putWords(c, at.another('payload'), 'contentString', statement.child('text'), 'communication/text');
  putTimeOrPeriod(c, at, 'occurrence', statement.child('effectiveTime'), 'communication/time');
  const sender = authorOf(c, statement.child('author'));
  if (sender !== undefined) c.refer(at, 'requester', sender);
  putTime(c, at, 'authoredOn', statement.at('author', 'time'), 'communication/author/time');
  for (const part of statement.all('participant')) {
    c.consult(part, 'typeCode');
    const who = participant(c, part.child('participantRole'), 'communication/recipient');
    if (who !== undefined) c.referItem(at, 'recipient', who);
  }
  putNotes(c, at, statement);
  return [made];
}
