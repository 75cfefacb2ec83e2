/** A checked 278 request to a PAS 2.2.1 request Bundle, with its ledger and the context of the answer. */
import type { Claim, ClaimItem, ClaimSupportingInfo } from '@medplum/fhirtypes';
import type { LoopOccurrence } from '../grammar/definition.ts';
import { EXTENSION, profile, SYSTEM, x12System } from '../pas.ts';
import { valueAt } from '../segment.ts';
import { compact, concept, conceptExtension } from '../shapes.ts';
import { CareTeam } from './care-team.ts';
import { type Draft, segmentsOf } from './draft.ts';
import { mapAccident, mapAttachments, mapDatedInformation, mapDiagnoses, mapEncounter, mapEventExtensions, mapIdentifiersOfEvent } from './event.ts';
import { closeFrame, type Frame, type MappedParties, type MappedRequest, type MappingOptions, mapParties, openFrame, type Origin, submitterIdentifier, transmissionIdentifiers } from './frame.ts';
import { findLevels, type Level, type Levels } from './levels.ts';
import { mapPredecessor } from './predecessor.ts';
import { mapItem, mapReviewReferences } from './service.ts';

/** Maps a transaction set that passed its checks; undefined when its levels are not all there. */
export function mapRequest(set: LoopOccurrence, origin: Origin, options: MappingOptions): MappedRequest | undefined {
  const levels = findLevels(set);
  const [bht] = segmentsOf(set.segments, 'BHT');
  if (levels?.event === undefined || bht === undefined) return undefined;
  const { event } = levels;
  const trn = segmentsOf(event.segments, 'TRN')[0];
  const frame = openFrame(bht, 'claim', trn, origin, options);
  const resource = mapClaim(frame, { ...levels, event }, mapParties(frame, levels));
  return closeFrame(frame, resource, levels, { kind: 'request', profile: 'pas-request-bundle' });
}

/** A request names its event; an inquiry need not. */
export type RequestLevels = Levels & { event: Level };

/** The Claim of an event, whoever sends it. */
export function mapClaim(frame: Frame, levels: RequestLevels, { insurer, provider, patient, coverage }: MappedParties): Claim {
  const { event, services } = levels;
  const { draft, claim, origin } = frame;
  const um = draft.recorder.reader(event.id, segmentsOf(event.segments, 'UM')[0]!, claim);
  const references = mapReviewReferences(draft, event, claim, 'extension');
  const cancels = frame.purpose === CANCELLATION;
  const certificationType = cancels ? '3' : valueAt(um.segment, 2).trim();
  const predecessor = mapPredecessor(draft, { ...levels, event }, claim, certificationType);
  const isUpdate = predecessor !== undefined;
  if (isUpdate) (cancels ? draft.recorder.reader('HEADER', frame.bht, claim) : um).take(`extension.where(url='${EXTENSION.certificationType}').valueCodeableConcept.coding[0].code`, 2);
  const careTeam = new CareTeam(draft, claim);
  careTeam.addLoops(event, true);
  const information = [...mapDatedInformation(draft, event, claim, 1)];
  information.push(...mapAttachments(draft, event, claim, information.length + 1));
  const item = mapItems(draft, levels, { claim, patient, careTeam, information, isUpdate, ...(cancels ? { certificationType } : {}) });
  const encounter = mapEncounter(draft, event, claim, patient, services.length > 0);
  const identifiers = mapIdentifiersOfEvent(draft, event, claim, predecessor?.trace);
  return compact<Claim>({
    resourceType: 'Claim',
    meta: { profile: [profile(isUpdate ? 'claim-update' : 'claim')] },
    extension: [
      transmissionIdentifiers(origin),
      ...mapEventExtensions(draft, event, claim),
      ...references,
      ...(isUpdate ? conceptExtension(EXTENSION.certificationType, concept(x12System('1322'), certificationType)) : []),
      ...(encounter === undefined ? [] : [{ url: EXTENSION.encounter, valueReference: { reference: encounter } }]),
    ],
    identifier: identifiers.length > 0 ? identifiers : [submitterIdentifier(frame)],
    status: 'active',
    type: { coding: [{ system: SYSTEM.claimType, code: claimType(levels) }] },
    use: 'preauthorization',
    patient: { reference: patient },
    created: frame.timestamp,
    insurer: { reference: insurer },
    provider: { reference: provider },
    priority: { coding: [{ system: SYSTEM.processPriority, code: /^(03|U)$/.test(valueAt(um.segment, 6)) ? 'stat' : 'normal' }] },
    related: isUpdate ? [{ claim: { type: 'Claim', identifier: predecessor.identifier }, relationship: { coding: [{ system: SYSTEM.relatedClaim, code: 'prior' }] } }] : [],
    careTeam: careTeam.members,
    supportingInfo: isUpdate ? information.map(flagged) : information,
    diagnosis: mapDiagnoses(draft, event, claim),
    insurance: [{ sequence: 1, focal: true, coverage: { reference: coverage } }],
    accident: mapAccident(draft, event, claim),
    item,
  });
}

/** BHT02 of a request that takes everything back. */
const CANCELLATION = '01';

/** An update sends what is new of it: a date it says stands in place of the earlier one, documents and messages come on top. */
function flagged(info: ClaimSupportingInfo): ClaimSupportingInfo {
  const isDated = info.timingDate !== undefined || info.timingPeriod !== undefined;
  return { ...info, extension: [...(info.extension ?? []), { url: EXTENSION.infoChanged, valueCode: isDated ? 'changed' : 'added' }] };
}

/** Institutional where SV2, a bill type or an admission says so; oral where SV3; else professional. */
function claimType({ event, services }: RequestLevels): string {
  const lines = new Set(services.flatMap((service) => service.segments.map((segment) => segment.id)));
  if (lines.has('SV3')) return 'oral';
  if (lines.has('SV2')) return 'institutional';
  if (lines.has('SV1')) return 'professional';
  const um = segmentsOf(event.segments, 'UM')[0];
  return valueAt(um, 4, 2) === 'A' || valueAt(um, 1) === 'AR' ? 'institutional' : 'professional';
}

interface ItemsParts {
  claim: string;
  patient: string;
  careTeam: CareTeam;
  information: ClaimSupportingInfo[];
  isUpdate: boolean;
  certificationType?: string;
}

function mapItems(draft: Draft, { event, services }: RequestLevels, { careTeam, information, ...shared }: ItemsParts): ClaimItem[] {
  if (services.length === 0) return [mapItem(draft, { ...shared, sequence: 1, level: event, event, careTeamSequence: [], informationSequence: [], takesEventQuantity: false })];
  // An event's visits can be told of the only line that has none of its own; its days are the Encounter's.
  const eventUnit = valueAt(segmentsOf(event.segments, 'HSD')[0], 1);
  return services.map((level, index) => {
    const attachments = mapAttachments(draft, level, shared.claim, information.length + 1);
    information.push(...attachments);
    return mapItem(draft, {
      ...shared,
      sequence: index + 1,
      level,
      event,
      careTeamSequence: careTeam.addLoops(level, false),
      informationSequence: attachments.map(({ sequence }) => sequence ?? 0),
      takesEventQuantity: services.length === 1 && eventUnit !== '' && eventUnit !== 'DY',
    });
  });
}
