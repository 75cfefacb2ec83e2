/** A PAS request Bundle as a 278 request (005010X217), the inverse of the mapping in `request/`. */
import type { Bundle, Claim, ClaimItem } from '@medplum/fhirtypes';
import { REQUEST_GUIDE } from '../grammar/request-278.ts';
import { EXTENSION } from '../pas.ts';
import { findExtension, list } from '../shapes.ts';
import { type RequestEnvelope, writeMessage, type WrittenRequest } from './message.ts';
import { eventSegments, isInstitutional, serviceSegments } from './review.ts';

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

/** An update is the whole Claim in FHIR and its changed lines in X12. */
function changedItems(claim: Claim): ClaimItem[] {
  const items = [...list(claim.item)];
  if (list(claim.related).length === 0) return items;
  const changed = items.filter((item) => findExtension(item, EXTENSION.infoChanged) !== undefined || isCancelled(item));
  return changed.length > 0 ? changed : items;
}

function isCancelled(item: ClaimItem): boolean {
  return list(item.modifierExtension).some((extension) => extension.url === EXTENSION.infoCancelled && extension.valueBoolean === true);
}
