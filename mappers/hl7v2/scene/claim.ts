/**
 * The Claim of a referral or of a request for authorization: as Da Vinci PAS has it where it is asked for (RQA), and the
 * draft of one where a patient is referred (REF).
 * Source: HL7 v2.5.1, chapter 11; Da Vinci PAS 2.2.1, profile-claim and profile-claim-update.
 */
import type { Cursor, Value } from '../../draft.ts';
import { pasExtension, systemOf, x12System } from '../../../profiles/pas/names.ts';
import { Part } from '../engine/part.ts';
import { ABSENT, ABSENT_CONCEPT } from '../finish.ts';
import { type Hl7Segment, valueAt } from '../syntax/message.ts';
import { stringOf } from '../types/coded.ts';
import { dateTimeOf } from '../types/date-time.ts';
import { fillEi } from '../types/identifiers.ts';
import { decimalOf } from '../types/quantities.ts';
import { EVIDENCE, type Scene } from './scope.ts';

export function claimOf(scene: Scene, referral: Cursor): Cursor {
  const { run, root } = scene;
  const rf = root.beside['RF1'];
  const claim = run.draft.resource('Claim', run.url('Claim', run.messageKey));
  const isRequest = scene.code === 'RQA' || scene.code === 'RQP';
  const isCancel = scene.event === 'I11' || scene.event === 'I14';
  claim.set('status', isCancel ? 'cancelled' : isRequest ? 'active' : 'draft');
  claim.within('type').another('coding').set('system', 'http://terminology.hl7.org/CodeSystem/claim-type').set('code', 'professional');
  claim.set('use', 'preauthorization');
  if (isRequest) claim.within('meta').setItem('profile', `http://hl7.org/fhir/us/davinci-pas/StructureDefinition/profile-claim${scene.event === 'I08' ? '' : '-update'}`);
  const identifier = referral.peek('identifier') as readonly Record<string, string>[] | undefined;
  if (identifier?.[0] !== undefined) claim.setItem('identifier', structuredClone(identifier[0]));
  if (scene.code === 'RQA' && scene.event !== 'I08') predecessor(claim, rf, scene);
  reference(claim, 'patient', root.patient);
  const created = new Part(run.header, 7);
  const when = created.valued ? dateTimeOf(created, run) : undefined;
  if (when === undefined) claim.set('_created', ABSENT);
  else claim.set('created', when);
  const insurer = payerOf(scene);
  if (insurer !== undefined) claim.within('insurer').set('reference', insurer);
  const requester = referral.peek('requester') as { reference?: string } | undefined;
  if (requester?.reference === undefined) claim.set('provider', ABSENT);
  else claim.within('provider').set('reference', requester.reference);
  const priority = valueAt(rf, 2);
  claim.within('priority').another('coding').set('system', 'http://terminology.hl7.org/CodeSystem/processpriority').set('code', priority === 'S' ? 'stat' : 'normal');
  diagnoses(claim, scene);
  const team = careTeam(claim, referral);
  if (scene.code === 'RQA') supportingInfo(claim, scene);
  insurance(claim, scene);
  items(claim, scene, referral, team);
  return claim;
}

/**
 * The request that is changed or cancelled (I09 to I11): by the number of its authorization (AUT-6), else by the
 * requester's own number, which stays that of the referral (RF1-6), else by the one that the payer gave (RF1-11).
 * Source: PAS 2.2.1 profile-claim-update, Claim.related; X12 REF*BB and REF*NT for the payer's numbers.
 */
function predecessor(claim: Cursor, rf: Hl7Segment | undefined, scene: Scene): void {
  const given = scene.authorizations.map(({ segment }) => new Part(segment, 6)).find((number) => number.textAt(1) !== undefined);
  const [own, theirs] = rf === undefined ? [] : [new Part(rf, 6), new Part(rf, 11)];
  const named = given ?? (own?.textAt(1) === undefined ? theirs : own);
  if (named?.textAt(1) === undefined) return;
  const related = claim.another('related');
  related.within('relationship').another('coding').set('system', 'http://terminology.hl7.org/CodeSystem/ex-relatedclaimrelationship').set('code', 'prior');
  const identifier = related.within('claim').within('identifier');
  if (named === own) {
    fillEi(identifier, named, 'RF1[Claim]#RF1-6', scene.run);
    return;
  }
  identifier.within('type').another('coding').set('system', x12System('128')).set('code', named === given ? 'BB' : 'NT');
  identifier.set('system', x12System('128'));
  identifier.emit('value', stringOf(named.at(1)), named.at(1).from, named === given ? 'AUT[Claim]#AUT-6' : 'RF1[Claim]#RF1-11');
}

export function reference(at: Cursor, element: string, to: Cursor | undefined): void {
  if (to === undefined) at.set(element, ABSENT);
  else at.within(element).set('reference', to.root().url);
}

export function payerOf(scene: Scene): string | undefined {
  for (const coverage of scene.coverages) {
    const payor = (coverage.peek('payor') as readonly { reference?: string }[] | undefined)?.[0]?.reference;
    if (payor !== undefined) return payor;
  }
  return undefined;
}

function diagnoses(claim: Cursor, scene: Scene): void {
  let sequence = 0;
  for (const condition of scene.conditions) {
    const diagnosis = claim.another('diagnosis');
    sequence += 1;
    diagnosis.set('sequence', sequence);
    // PAS has the code in the Claim, and what is decided is decided by it.
    const code = scene.code === 'RQA' ? condition.peek('code') : undefined;
    if (code === undefined) diagnosis.within('diagnosisReference').set('reference', condition.root().url);
    else diagnosis.set('diagnosisCodeableConcept', structuredClone(code) as Value);
  }
}

/** Evidence is named by the Claim, by which it stays with the request when that is changed. */
function supportingInfo(claim: Cursor, scene: Scene): void {
  const evidence = scene.run.draft.entries().filter(({ resource }) => EVIDENCE.has(resource!.resourceType));
  for (const [at, { fullUrl }] of evidence.entries()) {
    const info = claim.another('supportingInfo');
    info.set('sequence', at + 1);
    info.within('category').another('coding').set('system', systemOf.pasTemporary).set('code', 'additionalInformation');
    info.within('valueReference').set('reference', fullUrl);
  }
}

/** Those who are to perform, as the care team of all items. */
function careTeam(claim: Cursor, referral: Cursor): number[] {
  const performers = (referral.peek('performer') as readonly { reference?: string }[] | undefined) ?? [];
  return performers.map(({ reference: url }, at) => {
    const member = claim.another('careTeam');
    member.set('sequence', at + 1);
    member.within('provider').set('reference', url);
    return at + 1;
  });
}

function insurance(claim: Cursor, scene: Scene): void {
  const coverages = scene.coverages.length === 0 ? [undefined] : scene.coverages;
  for (const [at, coverage] of coverages.entries()) {
    const entry = claim.another('insurance');
    entry.set('sequence', at + 1).set('focal', at === 0);
    reference(entry, 'coverage', coverage);
  }
}

/** What X12 1322 calls the request: the first, one that revises, one that cancels. */
const CERTIFICATIONS: Readonly<Record<string, string>> = { I08: 'I', I09: 'S', I10: 'S', I11: '3' };

function items(claim: Cursor, scene: Scene, referral: Cursor, team: readonly number[]): void {
  const { run } = scene;
  const procedures = scene.procedures.length === 0 ? [undefined] : scene.procedures;
  for (const [at, procedure] of procedures.entries()) {
    const item = claim.another('item');
    item.set('sequence', at + 1);
    if (scene.code === 'RQA') {
      const type = item.another('extension');
      type.set('url', pasExtension.serviceItemRequestType);
      type.within('valueCodeableConcept').another('coding').set('system', x12System('1525')).set('code', procedure === undefined ? 'SC' : 'HS');
      const certification = item.another('extension');
      certification.set('url', pasExtension.certificationType);
      certification.within('valueCodeableConcept').another('coding').set('system', x12System('1322')).set('code', CERTIFICATIONS[scene.event] ?? 'I');
      item.set('category', ABSENT_CONCEPT).set('locationCodeableConcept', ABSENT_CONCEPT);
    }
    for (const sequence of team) item.setItem('careTeamSequence', sequence);
    for (let sequence = 1; sequence <= Math.min(scene.conditions.length, 12); sequence += 1) item.setItem('diagnosisSequence', sequence);
    const service = item.within('productOrService');
    if (procedure !== undefined && new Part(procedure, 3).valued) service.set('coding', structuredClone((run.draft.resource('Procedure', procedureUrl(scene, procedure)).peek('code') as { coding?: never } | undefined)?.coding));
    else {
      const kind = (referral.peek('code') ?? (referral.peek('category') as readonly unknown[] | undefined)?.[0]) as { coding?: never; text?: string } | undefined;
      service.set('coding', structuredClone(kind?.coding)).set('text', kind?.text);
    }
    if (!service.exists) item.set('productOrService', ABSENT_CONCEPT);
    const authorization = scene.authorizations.find((each) => each.procedure === procedure) ?? (procedures.length === 1 ? scene.authorizations[0] : undefined);
    const known = authorization === undefined ? undefined : new Part(authorization.segment, 6).at(1);
    if (scene.code === 'RQA' && known?.text !== undefined) item.another('extension').set('url', pasExtension.authorizationNumber).emit('valueString', stringOf(known), known.from, 'AUT[Claim]#AUT-6');
    const wanted = authorization === undefined ? undefined : new Part(authorization.segment, 8);
    if (wanted?.text !== undefined) item.within('quantity').emit('value', decimalOf(wanted, run), wanted.from, 'AUT[Claim]#AUT-8');
    const period = referral.peek('occurrencePeriod') as Record<string, string> | undefined;
    const performed = procedure === undefined ? undefined : new Part(procedure, 5);
    const on = performed?.valued === true ? dateTimeOf(performed, run)?.slice(0, 10) : undefined;
    if (on !== undefined) item.set('servicedDate', on);
    else if (period !== undefined) item.set('servicedPeriod', structuredClone(period));
  }
}

function procedureUrl(scene: Scene, segment: Hl7Segment): string {
  return scene.procedureUrls.get(segment) ?? '';
}
