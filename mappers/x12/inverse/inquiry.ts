/**
 * A PAS inquiry Bundle as a 278 inquiry (005010X215), the inverse of `request/inquiry.ts`. A Claim that asks about any
 * service says all it has to say on the event; services asked about by name have a 2000F each.
 */
import type { Bundle, Claim, ClaimItem } from '@medplum/fhirtypes';
import type { IndexedEntry } from '../../../fhir/references.ts';
import { INQUIRY_GUIDE } from '../grammar/inquiry-278.ts';
import { EXTENSION, x12System } from '../pas.ts';
import { buildSegment, type ElementInput, type Segment, valueAt } from '../segment.ts';
import { codeIn, findExtension, list } from '../shapes.ts';
import { accidentElement, diagnosisSegments, eventDateSegments, reviewReferenceSegments, traceOrganization, traceSegments } from './event.ts';
import { type RequestEnvelope, writeMessage, type WrittenRequest } from './message.ts';
import { careTeamSegments, isInstitutional, isOverall, umParts } from './review.ts';
import { dateSegments, deliverySegments, itemFacts, serviceLineSegments } from './service.ts';
import type { Source } from './source.ts';

/**
 * Writes the inquiry; what X12 cannot carry is told in the issues, an `error` meaning that it should not be sent.
 * @param bundle a PAS inquiry Bundle of sound FHIR structure
 */
export function inquiryInterchange(bundle: Bundle, envelope: RequestEnvelope): WrittenRequest {
  return writeMessage(bundle, envelope, {
    guide: INQUIRY_GUIDE,
    purpose: '28',
    levels: (source, entry, claim) => {
      const items = list(claim.item);
      const [only] = items;
      const ofEvent = items.length === 1 && only !== undefined && lineSegments(claim, only).length === 0 ? only : undefined;
      return {
        event: eventSegments(source, entry, claim, ofEvent, envelope.traceOrganization),
        services: ofEvent === undefined ? items.map((item) => serviceSegments(source, entry, claim, item, envelope.traceOrganization)) : [],
      };
    },
  });
}

function lineSegments(claim: Claim, item: ClaimItem): Segment[] {
  return serviceLineSegments(itemFacts(item, undefined), isInstitutional(claim));
}

function eventSegments(source: Source, entry: IndexedEntry, claim: Claim, item: ClaimItem | undefined, defaultOrganization: string): Segment[] {
  const ofClaim = reviewReferenceSegments(claim);
  const ofItem = item === undefined ? [] : reviewReferenceSegments(item).filter((ref) => !ofClaim.some((each) => valueAt(each, 1) === valueAt(ref, 1)));
  const dates = eventDateSegments(claim);
  const event = dates.some((dtp) => valueAt(dtp, 1) === 'AAH') ? [] : [...dateSegments('AAH', item?.servicedDate, item?.servicedPeriod ?? claim.billablePeriod)];
  const team = list(claim.careTeam).filter((member) => isOverall(member));
  const levelOfService = codeIn(findExtension(claim, EXTENSION.levelOfServiceCode)?.valueCodeableConcept, x12System('1338'));
  return [
    ...traceSegments(list(claim.identifier).slice(0, 1), defaultOrganization),
    ...reviewSegments(item, accidentElement(claim), levelOfService),
    ...ofClaim,
    ...ofItem,
    ...dates,
    ...event,
    ...certificationDates(item),
    ...diagnosisSegments(source, claim),
    ...(item === undefined ? [] : deliverySegments(itemFacts(item, undefined))),
    ...team.slice(0, 14).flatMap((member) => careTeamSegments(source, entry, member)),
  ];
}

function serviceSegments(source: Source, entry: IndexedEntry, claim: Claim, item: ClaimItem, defaultOrganization: string): Segment[] {
  const traces = list(item.extension).flatMap((extension) => (extension.url === EXTENSION.itemTraceNumber && extension.valueIdentifier !== undefined ? [extension.valueIdentifier] : []));
  const team = list(claim.careTeam).filter((member) => !isOverall(member) && member.sequence !== undefined && list(item.careTeamSequence).includes(member.sequence));
  return [
    ...traceSegments(traces, traceOrganization(list(claim.identifier)[0]) ?? defaultOrganization),
    ...reviewSegments(item),
    ...reviewReferenceSegments(item),
    ...dateSegments('472', item.servicedDate, item.servicedPeriod),
    ...certificationDates(item),
    ...lineSegments(claim, item),
    ...deliverySegments(itemFacts(item, undefined)),
    ...team.slice(0, 10).flatMap((member) => careTeamSegments(source, entry, member)),
  ];
}

/** UM and HCR as search values; neither where nothing of the kind is said. UM05 and UM06 are the Claim's. */
function reviewSegments(item: ClaimItem | undefined, accident?: ElementInput, levelOfService?: string): Segment[] {
  const { requestType, certificationType, serviceType, location } = umParts(item);
  const action = codeIn(findExtension(item, EXTENSION.reviewActionCode)?.valueCodeableConcept, x12System('306'));
  const says = [requestType, certificationType, serviceType, location, accident, levelOfService].some((part) => part !== undefined);
  return [
    ...(says ? [buildSegment('UM', requestType ?? 'HS', certificationType, serviceType, location, accident, levelOfService)] : []),
    ...(action === undefined ? [] : [buildSegment('HCR', action)]),
  ];
}

function certificationDates(item: ClaimItem | undefined): Segment[] {
  return ([['102', EXTENSION.itemCertificationIssueDate], ['036', EXTENSION.itemCertificationExpirationDate], ['007', EXTENSION.itemCertificationEffectiveDate]] as const).flatMap(([code, url]) => {
    const said = findExtension(item, url);
    return dateSegments(code, said?.valueDate, said?.valuePeriod);
  });
}
