/**
 * What an earlier item was approved for: what was asked for, but what a person approved in place of it where one did, and
 * on no day outside the period of the decision.
 */
import type { Claim } from '@medplum/fhirtypes';
import { readExtent } from '../../review/facts/extent.ts';
import type { ExistingAuthorization } from '../../review/engine/types.ts';
import type { EarlierItem } from '../../store/authorizations.ts';
import { withCanonicalSystems } from '../../terminology/system-aliases.ts';
import type { Certified, Modified } from './events.ts';
import { codesOf } from './rows.ts';

type Approved = Pick<ExistingAuthorization, 'services' | 'servicedFrom' | 'servicedTo' | 'extent'>;

export function approvedOf(item: EarlierItem): Approved {
  const { claim, decision, servicedFrom, servicedTo, service } = item;
  const asked = claim === undefined ? undefined : (JSON.parse(claim) as Claim).item?.find(({ sequence }) => sequence === item.item);
  // Without both nothing is known to be approved, and nothing is a duplicate of it.
  if (asked === undefined || decision === undefined) return { services: [] };
  const decided = JSON.parse(decision) as Certified | Modified;
  const approved = decided.kind === 'modified' ? decided.approved : {};
  const [from, to] = servicedFrom === undefined && servicedTo === undefined ? [] : [
    [servicedFrom, dayOf(decided.period?.start)].flatMap((day) => day ?? []).toSorted().at(-1),
    [servicedTo, dayOf(decided.period?.end)].flatMap((day) => day ?? []).toSorted()[0],
  ];
  return {
    services: (approved.productOrService ? codesOf(approved.productOrService) : service).map(codeOf),
    ...(from !== undefined && { servicedFrom: from }), ...(to !== undefined && { servicedTo: to }),
    extent: readExtent(withCanonicalSystems({ ...asked, ...approved })),
  };
}

function dayOf(instant: string | undefined): string | undefined {
  return instant !== undefined && instant.length >= 10 ? instant.slice(0, 10) : undefined;
}

function codeOf(text: string): { system: string; code: string } {
  const at = text.lastIndexOf('|');
  return { system: text.slice(0, at), code: text.slice(at + 1) };
}
