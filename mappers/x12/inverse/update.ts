/**
 * A PAS ClaimUpdate as a 278: the whole Claim in FHIR, in X12 its changed lines and what names the authorization that
 * they change. Source: PAS 2.2.1 "Updating Authorization Requests"; profile-claim-update.
 */
import type { Claim, ClaimItem, ClaimSupportingInfo, Extension, Identifier } from '@medplum/fhirtypes';
import type { IndexedEntry } from '../../../fhir/references.ts';
import { EXTENSION, TRACE_SYSTEM_PREFIX, x12System } from '../pas.ts';
import { buildSegment, type Segment, valueAt } from '../segment.ts';
import { codeIn, findExtension, isType, list } from '../shapes.ts';
import type { Source } from './source.ts';

/** True for a Claim that changes an earlier one. */
export function isUpdate(claim: Claim): boolean {
  return list(claim.related).length > 0;
}

interface Flagged {
  extension?: Extension[];
  modifierExtension?: Extension[];
}

const isChanged = (each: Flagged): boolean => findExtension(each, EXTENSION.infoChanged) !== undefined;

function isCancelled(each: Flagged): boolean {
  return list(each.modifierExtension).some((extension) => extension.url === EXTENSION.infoCancelled && extension.valueBoolean === true);
}

/** The items that an update changes; all of them where none is flagged, or where nothing is updated. */
export function changedItems(claim: Claim): ClaimItem[] {
  const items = [...list(claim.item)];
  if (!isUpdate(claim)) return items;
  const changed = items.filter((item) => isChanged(item) || isCancelled(item));
  return changed.length > 0 ? changed : items;
}

/** What is to be sent of supporting information: documents and messages that were sent before would be sent again. */
export function changedInformation(claim: Claim): ClaimSupportingInfo[] {
  const information = [...list(claim.supportingInfo)];
  if (!isUpdate(claim)) return information;
  const standing = information.filter((info) => !isCancelled(info));
  const isDated = (info: ClaimSupportingInfo): boolean => info.timingDate !== undefined || info.timingPeriod !== undefined;
  return information.some(isChanged) ? standing.filter((info) => isChanged(info) || isDated(info)) : standing;
}

/** Tells what an update takes back of its supporting information: a 278 has no word for it. */
export function tellWithdrawn(source: Source, claim: Claim): void {
  if (isUpdate(claim) && list(claim.supportingInfo).some(isCancelled)) source.warn('withdrawn-information', 'A 278 cannot take back information that was sent before; what the update cancels of it was left out.');
}

/** UM02 of an item: what is cancelled says 3 and what is changed does not say I, whatever its certification type was left at. */
export function certificationOf(claim: Claim, item: ClaimItem, said: string | undefined): string | undefined {
  if (!isUpdate(claim)) return said;
  if (isCancelled(item)) return '3';
  return said === 'I' && findExtension(item, EXTENSION.infoChanged)?.valueCode === 'changed' ? 'S' : said;
}

/** REF*BB or REF*NT of the predecessor, beside what the Claim says of them itself. */
export function predecessorReferences(claim: Claim, said: readonly Segment[]): Segment[] {
  const identifier = list(claim.related)[0]?.claim?.identifier;
  const code = codeIn(identifier?.type, x12System('128'));
  if (identifier?.value === undefined || (code !== 'BB' && code !== 'NT')) return [];
  // A number that stands on a line is not said again of the event.
  const url = code === 'BB' ? EXTENSION.authorizationNumber : EXTENSION.administrationReferenceNumber;
  const ofItem = list(claim.item).some((item) => findExtension(item, url)?.valueString === identifier.value);
  return ofItem || said.some((ref) => valueAt(ref, 1) === code) ? [] : [buildSegment('REF', code, identifier.value)];
}

/**
 * The trace number of the predecessor, where an update has no number of the payer: that of the identifier it is named
 * by, or of the earlier Claim in the Bundle. It stands behind the update's own, in the second TRN.
 */
export function earlierTrace(source: Source, entry: IndexedEntry, claim: Claim): Identifier[] {
  if (!isUpdate(claim)) return [];
  const related = list(claim.related)[0]?.claim;
  const numbered = [claim, ...list(claim.item)].some((holder) => findExtension(holder, EXTENSION.authorizationNumber) !== undefined || findExtension(holder, EXTENSION.administrationReferenceNumber) !== undefined);
  if (numbered || codeIn(related?.identifier?.type, x12System('128')) !== undefined) return [];
  const earlier = source.resolve(related, entry, 'earlier Claim')?.resource;
  const found = related?.identifier?.system?.startsWith(TRACE_SYSTEM_PREFIX) === true ? related.identifier : isType(earlier, 'Claim') ? list(earlier.identifier)[0] : undefined;
  if (found === undefined) source.warn('update-without-number', 'Neither a number of the payer nor a trace number names what the update changes.');
  const own = list(claim.identifier)[0];
  return found === undefined || (found.value === own?.value && found.system === own?.system) ? [] : [found];
}

/** UM02 of the event of an update: its own, else S, a revision. */
export function certificationOfEvent(claim: Claim, first: string | undefined): string | undefined {
  const said = codeIn(findExtension(claim, EXTENSION.certificationType)?.valueCodeableConcept, x12System('1322'));
  return said ?? (isUpdate(claim) ? 'S' : first);
}
