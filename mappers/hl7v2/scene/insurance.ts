/**
 * IN1, IN2 and IN3: a Coverage with its payer and subscriber. IN3 names the certification that the payer gave for the
 * stay (pre-certification): it is a ClaimResponse only where the message says of what, so here the number stands in the
 * Coverage. Source: HL7 v2.5.1, 6.5.6 to 6.5.8.
 */
import type { Cursor } from '../../draft.ts';
import { Part, repetitionsOf } from '../engine/part.ts';
import type { Hl7Segment } from '../syntax/message.ts';
import { stringOf } from '../types/coded.ts';
import { authorityKey, fillCx } from '../types/identifiers.ts';
import { applyMap, begin, type Handler, refer, referToo, type Scene, type Scope } from './scope.ts';

/** Codes of table 0063 and words of senders for the patient being the subscriber. */
const SELF = new Set(['SEL', 'SELF', '18', '01', '1', 'S', 'PATIENT']);

/** Codes of table 0063 as those of FHIR's subscriber-relationship. */
const RELATIONSHIPS: Readonly<Record<string, string>> = { SEL: 'self', SELF: 'self', '18': 'self', '01': 'self', SPO: 'spouse', SPOUSE: 'spouse', CHD: 'child', NCH: 'child', SCH: 'child', CHILD: 'child', PAR: 'parent', MTH: 'parent', FTH: 'parent', PARENT: 'parent', DOM: 'common', LIF: 'common' };

export const in1: Handler = (segment, scope, scene) => {
  const { run } = scene;
  const [plan, member] = [new Part(segment, 2), new Part(segment, 36).text ?? new Part(segment, 49).text];
  const payerKey = new Part(segment, 3).textAt(1) ?? plan.textAt(1);
  const coverage = begin(scene, 'Coverage', segment, ...(member === undefined || payerKey === undefined ? [] : [run.sender, payerKey, member]));
  scope.coverage = coverage;
  scene.coverages.push(coverage);
  coverage.set('status', 'active');
  classify(coverage, 'plan', plan.at(1), plan.at(2));
  classify(coverage, 'group', new Part(segment, 8), new Part(segment, 9).at(1));
  applyMap(scene, 'IN1[Coverage]', segment, coverage, scope);
  refer(coverage, 'beneficiary', scope.patient);
  payer(segment, scope, scene);
  holder(segment, scope, scene);
  const relation = new Part(segment, 17);
  const code = RELATIONSHIPS[relation.text?.toUpperCase() ?? ''];
  if (code !== undefined) {
    const coding = coverage.within('relationship').another('coding');
    coding.set('system', 'http://terminology.hl7.org/CodeSystem/subscriber-relationship');
    coding.emit('code', code, relation.at(1).from, 'IN1[Coverage]#IN1-17');
  }
  subscriber(segment, scope, scene);
  const authorization = new Part(segment, 14);
  if (authorization.valued) {
    const number = authorization.at(1);
    if (number.text !== undefined) {
      const identifier = coverage.another('identifier');
      identifier.within('type').set('text', 'authorization');
      identifier.emit('value', stringOf(number), number.from, 'IN1[Coverage]#IN1-14');
    }
  }
};

/** IN1-2 and IN1-8: plan and group, each with its name. */
function classify(coverage: Cursor, type: string, number: Part, name: Part): void {
  if (stringOf(number) === undefined) return;
  const kind = coverage.another('class');
  kind.within('type').another('coding').set('system', 'http://terminology.hl7.org/CodeSystem/coverage-class').set('code', type);
  kind.emit('value', stringOf(number), number.from, `IN1[Coverage]#${type}`);
  kind.emit('name', stringOf(name), name.from, `IN1[Coverage]#${type}`);
}

/** IN1-3 to IN1-7, each repetition of IN1-4 with the number of the same place. */
function payer(segment: Hl7Segment, scope: Scope, scene: Scene): void {
  const { run } = scene;
  const { coverage } = scope;
  if (coverage === undefined) return;
  const known = (coverage.peek('payor') as readonly { reference?: string }[] | undefined)?.[0]?.reference;
  const number = new Part(segment, 3);
  if (known === undefined && !number.valued) return;
  let organization: Cursor;
  if (known === undefined) {
    const key = number.textAt(1) === undefined ? undefined : `${number.textAt(1)}|${number.textAt(5) ?? ''}|${authorityKey(number.at(4), run)}`;
    const url = key === undefined ? run.placeUrl('Organization', segment, 'payer') : run.url('Organization', 'payer', key);
    if (run.draft.has(url)) {
      for (const place of number.places()) run.draft.consult(place);
      referToo(coverage, 'payor', run.draft.resource('Organization', url));
      return;
    }
    organization = run.draft.resource('Organization', url);
    referToo(coverage, 'payor', organization);
  } else organization = run.draft.resource('Organization', known);
  const has = (organization.peek('identifier') as readonly { value?: string }[] | undefined)?.some(({ value }) => value === number.textAt(1));
  if (has === true) run.draft.consult(number.at(1).from);
  else for (let r = 1; r <= repetitionsOf(segment, 3); r += 1) fillCx(organization.another('identifier'), new Part(segment, 3, r), 'IN1[Organization]#IN1-3', run);
  applyMap(scene, 'IN1[Organization]', segment, organization, scope);
}

/** IN1-11: the employer or group that holds the policy; its number is that of the group where there is none. */
function holder(segment: Hl7Segment, scope: Scope, scene: Scene): void {
  const number = new Part(segment, 10);
  if (!number.valued || scope.coverage === undefined) return;
  const policyHolder = scope.coverage.peek('policyHolder') as { reference?: string } | undefined;
  if (policyHolder?.reference !== undefined) fillCx(scene.run.draft.resource('Organization', policyHolder.reference).another('identifier'), number, 'IN1[Organization]#IN1-10', scene.run);
}

/** IN1-16 to IN1-19: whoever the policy is written to. */
function subscriber(segment: Hl7Segment, scope: Scope, scene: Scene): void {
  const { coverage, patient } = scope;
  if (coverage === undefined) return;
  const [name, relation] = [new Part(segment, 16), new Part(segment, 17)];
  if (SELF.has(relation.text?.toUpperCase() ?? '')) {
    refer(coverage, 'subscriber', patient);
    for (const field of [16, 18, 19, 43]) for (const place of new Part(segment, field).places()) scene.run.draft.leave(place, 'the subscriber is the patient, whom PID tells of');
    return;
  }
  if (!name.valued) return;
  const related = begin(scene, 'RelatedPerson', segment);
  applyMap(scene, 'IN1[RelatedPerson]', segment, related, scope);
  refer(related, 'patient', patient);
  refer(coverage, 'subscriber', related);
  scope.subscriber = related;
}

export const in2: Handler = (segment, scope, scene) => {
  if (scope.coverage !== undefined) applyMap(scene, 'IN2[Coverage]', segment, scope.coverage, scope);
  if (scope.subscriber !== undefined) applyMap(scene, 'IN2[RelatedPerson]', segment, scope.subscriber, scope);
};

/** IN3: the certification of a stay, the reviewer and the case manager. */
export const in3: Handler = (segment, scope, scene) => {
  const { run } = scene;
  const { coverage } = scope;
  const number = new Part(segment, 2);
  if (number.textAt(1) !== undefined && coverage !== undefined) {
    const identifier = coverage.another('identifier');
    identifier.within('type').set('text', 'certification');
    fillCx(identifier, number, 'IN3[Coverage]#IN3-2', run);
  }
  const manager = new Part(segment, 21);
  if (manager.text === undefined || scope.patient === undefined) return;
  const team = begin(scene, 'CareTeam', segment);
  refer(team, 'subject', scope.patient);
  const participant = team.another('participant');
  participant.another('role').set('text', 'case manager');
  participant.within('member').emit('display', stringOf(manager), manager.from, 'IN3[CareTeam]#21');
};

