/**
 * RF1, PRD, AUT and what stands around them: referrals (REF_I12) and HL7's own request for authorization (RQA_I08) with
 * its answer (RPA_I08). A referral is a ServiceRequest with a draft of the Claim that would ask for its authorization; a
 * request is that Claim as Da Vinci PAS has it; an authorization is a ClaimResponse.
 * Source: HL7 v2.5.1, chapter 11 (11.6.1 RF1, 11.6.2 AUT, 11.6.3 PRD); Da Vinci PAS 2.2.1, Claim and ClaimResponse.
 */
import type { Cursor } from '../../draft.ts';
import { pasExtension, x12System } from '../../../profiles/pas/names.ts';
import { Part } from '../engine/part.ts';
import { type Hl7Segment, valueAt } from '../syntax/message.ts';
import { fillConcept, stringOf } from '../types/coded.ts';
import { dateTimeOf } from '../types/date-time.ts';
import { authorityKey, fillEi, fillPeriod } from '../types/identifiers.ts';
import { decimalOf } from '../types/quantities.ts';
import { entityKey } from './orders.ts';
import { ABSENT } from '../finish.ts';
import { claimOf, payerOf, reference } from './claim.ts';
import { applyMap, begin, type Handler, refer, referToo, type Scene, type Scope } from './scope.ts';

/** Table 0283 as the status of a request, and as what a reviewer did (X12 306). */
const STATUS: Readonly<Record<string, { order: string; action: string }>> = {
  A: { order: 'active', action: 'A1' }, P: { order: 'active', action: 'A4' }, R: { order: 'revoked', action: 'A3' }, E: { order: 'completed', action: 'C' },
};
/** Table 0280. */
const PRIORITY: Readonly<Record<string, string>> = { S: 'stat', A: 'asap', R: 'routine' };

/** Messages that carry an authorization or ask for one. */
const REFERRALS = new Set(['REF', 'RRI', 'RQA', 'RPA', 'RQP', 'RCI', 'RQC']);

export const rf1: Handler = (segment, scope, scene) => {
  const { run } = scene;
  const order = begin(scene, 'ServiceRequest', segment, entityKey(segment, 6, run) ?? entityKey(segment, 11, run));
  scene.root.referral = order;
  scope.referral = order;
  const [status, priority] = [new Part(segment, 1), new Part(segment, 2)];
  order.emit('status', STATUS[status.text ?? '']?.order, status.at(1).from, 'RF1[ServiceRequest]#RF1-1');
  // What is asked for is wanted until somebody says otherwise.
  if (scene.code === 'RQA' && order.peek('status') === undefined) order.set('status', 'active');
  order.set('intent', 'order');
  order.emit('priority', PRIORITY[priority.text ?? ''], priority.at(1).from, 'RF1[ServiceRequest]#RF1-2');
  applyMap(scene, 'RF1[ServiceRequest]', segment, order, scope);
  const [begins, expires] = [new Part(segment, 7), new Part(segment, 8)];
  if (begins.valued || expires.valued) fillPeriod(order.within('occurrencePeriod'), begins, expires, 'RF1[ServiceRequest]#RF1-7', run);
  scope.noted = order;
};

/** Table 0286, who a provider is to a referral. */
const REFERS = new Set(['RP', 'RPR']);
const REFERRED_TO = new Set(['RT', 'CP']);

export const prd: Handler = (segment, scope, scene) => {
  const { run } = scene;
  const number = new Part(segment, 7);
  const role = new Part(segment, 1);
  const isOrganization = !new Part(segment, 2, 1, 2).valued && new Part(segment, 2).valued && valueAt(segment, 1) !== 'PP';
  const type = isOrganization ? 'Organization' : 'Practitioner';
  const provider = begin(scene, type, segment, ...(number.textAt(1) === undefined ? [] : [run.sender, number.textAt(1), number.textAt(2) ?? '']));
  applyMap(scene, `PRD[${type}]`, segment, provider, scope);
  const referral = referralOf(scene);
  scope.practitioner = provider;
  const code = role.text ?? '';
  if (REFERS.has(code)) {
    run.draft.consult(role.at(1).from);
    if (referral !== undefined) refer(referral, 'requester', provider);
  } else if (REFERRED_TO.has(code)) {
    run.draft.consult(role.at(1).from);
    if (referral !== undefined) referToo(referral, 'performer', provider);
  } else if (code === 'PP') {
    run.draft.consult(role.at(1).from);
    scene.afterwards.push(() => {
      if (scope.patient ?? scene.root.patient) referToo((scope.patient ?? scene.root.patient)!, 'generalPractitioner', provider);
    });
  } else if (role.valued && type === 'Practitioner') {
    const others = begin(scene, 'CareTeam', segment, run.messageKey, 'PRD', String(segment.position));
    const participant = others.another('participant');
    participant.within('member').set('reference', provider.root().url);
    fillConcept(participant.another('role'), role, 'PRD[CareTeam]#PRD-1', run);
    scene.afterwards.push(() => refer(others, 'subject', scene.root.patient));
  }
};

/** What RF1 has begun. A request may come without one (11.3.1): then it is one all the same, with what the rest says. */
function referralOf(scene: Scene): Cursor | undefined {
  if (scene.root.referral === undefined && scene.code === 'RQA') {
    scene.root.referral = begin(scene, 'ServiceRequest', scene.run.header);
    scene.root.referral.set('status', 'active').set('intent', 'order');
  }
  return scene.root.referral;
}

/** AUT stands under RF1 or under a procedure; who asks and for what is known at the end of the message. */
export const aut: Handler = (segment, scope, scene) => {
  const procedure = scope.groups.includes('PROCEDURE') ? scope.beside['PR1'] : undefined;
  scene.authorizations.push({ segment, ...(procedure !== undefined && { procedure }) });
};

/** The Claim of a referral or request, and the ClaimResponse of what is authorized. */
export function settleReferral(scene: Scene): void {
  const { root } = scene;
  if (!REFERRALS.has(scene.code) || referralOf(scene) === undefined || root.referral === undefined) return;
  refer(root.referral, 'subject', root.patient);
  refer(root.referral, 'encounter', root.encounter);
  const claim = scene.code === 'RPA' || scene.code === 'RRI' ? undefined : claimOf(scene, root.referral);
  // What a request says of earlier authorizations is a number to know them by, and no decision.
  if (scene.code === 'RQA') return;
  for (const { segment } of scene.authorizations) if (new Part(segment, 6).textAt(1) !== undefined || scene.code === 'RPA' || scene.code === 'RRI') responseOf(segment, claim, scene, root);
  if (scene.authorizations.length === 0 && (scene.code === 'RPA' || scene.code === 'RRI')) responseOf(undefined, undefined, scene, root);
}

/** AUT as a ClaimResponse. */
function responseOf(segment: Hl7Segment | undefined, claim: Cursor | undefined, scene: Scene, root: Scope): void {
  const { run } = scene;
  const number = segment === undefined ? undefined : new Part(segment, 6);
  const response = segment === undefined ? run.draft.resource('ClaimResponse', run.url('ClaimResponse', run.messageKey)) : begin(scene, 'ClaimResponse', segment, ...(number?.textAt(1) === undefined ? [] : [authorityKey(number, run, 2), number.textAt(1)]));
  response.set('status', 'active');
  response.within('type').another('coding').set('system', 'http://terminology.hl7.org/CodeSystem/claim-type').set('code', 'professional');
  response.set('use', 'preauthorization').set('outcome', 'complete');
  reference(response, 'patient', root.patient);
  if (claim !== undefined) response.within('request').set('reference', claim.root().url);
  const status = root.beside['RF1'] === undefined ? undefined : new Part(root.beside['RF1'], 1);
  if (segment !== undefined) {
    applyMap(scene, 'AUT[ClaimResponse]', segment, response, root);
    if (number?.textAt(1) !== undefined) {
      response.emit('preAuthRef', stringOf(number.at(1)), number.at(1).from, 'AUT[ClaimResponse]#AUT-6');
      fillEi(response.another('identifier'), number, 'AUT[ClaimResponse]#AUT-6', run);
    }
    const [from, to] = [new Part(segment, 4), new Part(segment, 5)];
    if (from.valued || to.valued) fillPeriod(response.within('preAuthPeriod'), from, to, 'AUT[ClaimResponse]#AUT-4', run);
    insurerOf(segment, response, scene);
  }
  if (response.peek('insurer') === undefined) {
    const payer = payerOf(scene);
    if (payer === undefined) response.set('insurer', ABSENT);
    else response.within('insurer').set('reference', payer);
  }
  decided(segment, response, status, scene);
  if (response.peek('created') === undefined) {
    const sent = new Part(run.header, 7);
    const when = sent.valued ? dateTimeOf(sent, run) : undefined;
    if (when === undefined) response.set('_created', ABSENT);
    else response.set('created', when);
  }
}

/** What was decided: of each item the action that table 0283 says, with what was authorized. */
function decided(segment: Hl7Segment | undefined, response: Cursor, status: Part | undefined, scene: Scene): void {
  const { run } = scene;
  const action = STATUS[status?.text ?? '']?.action;
  const granted = segment === undefined ? undefined : new Part(segment, 9);
  if (action === undefined && granted?.text === undefined) return;
  const item = response.another('item');
  item.set('itemSequence', 1);
  const adjudication = item.another('adjudication');
  adjudication.within('category').another('coding').set('system', 'http://terminology.hl7.org/CodeSystem/adjudication').set('code', granted?.text === undefined ? 'submitted' : 'eligible');
  if (granted?.text !== undefined) adjudication.emit('value', decimalOf(granted, run), granted.from, 'AUT[ClaimResponse]#AUT-9');
  if (action === undefined) return;
  const review = adjudication.another('extension');
  review.set('url', pasExtension.reviewAction);
  const code = review.another('extension');
  code.set('url', pasExtension.reviewActionCode);
  code.within('valueCodeableConcept').another('coding').set('system', x12System('306')).set('code', action);
  const authorization = segment === undefined ? undefined : valueAt(segment, 6);
  if (authorization !== undefined) review.another('extension').set('url', 'number').set('valueString', authorization);
  if (status !== undefined) run.draft.consult(status.at(1).from);
}

function insurerOf(segment: Hl7Segment, response: Cursor, scene: Scene): void {
  const { run } = scene;
  const [company, name] = [new Part(segment, 2), new Part(segment, 3)];
  if (!company.valued && !name.valued) return;
  const payer = begin(scene, 'Organization', segment, ...(company.textAt(1) === undefined ? [] : [run.sender, 'payer', company.textAt(1)]));
  if (company.textAt(1) !== undefined) payer.another('identifier').emit('value', stringOf(company.at(1)), company.at(1).from, 'AUT[Organization]#AUT-2');
  payer.emit('name', stringOf(name), name.from, 'AUT[Organization]#AUT-3');
  response.within('insurer').set('reference', payer.root().url);
}

