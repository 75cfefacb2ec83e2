/** A PAS request Bundle as a 278 request (005010X217), the inverse of the mapping in `request/`. */
import type { Bundle } from '@medplum/fhirtypes';
import { REQUEST_GUIDE } from '../grammar/request-278.ts';
import { type RequestEnvelope, writeMessage, type WrittenRequest } from './message.ts';
import { eventSegments, isInstitutional, serviceSegments } from './review.ts';
import { changedItems } from './update.ts';

/**
 * Writes the request; what X12 cannot carry is told in the issues, an `error` meaning that it should not be sent.
 * @param bundle a PAS request Bundle of sound FHIR structure: a number where a string belongs is for a validator to find
 */
export function requestInterchange(bundle: Bundle, envelope: RequestEnvelope): WrittenRequest {
  return writeMessage(bundle, envelope, {
    guide: REQUEST_GUIDE,
    purpose: '13',
    levels: (source, entry, claim) => {
      const items = changedItems(claim);
      return {
        event: eventSegments(source, entry, claim, items, envelope.traceOrganization),
        services: items.map((item) => serviceSegments(source, entry, claim, item, isInstitutional(claim), envelope.traceOrganization)),
      };
    },
  });
}
