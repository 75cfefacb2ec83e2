/**
 * Who is to give an item's service, by their identifiers: the members of the care team that the item points to, or all of
 * them where it points to none. A member with another role than that of who gives the service (X12 data element 98: SJ)
 * may have ordered it, or have sent the patient there.
 * Source: PAS profile-claim, Claim.careTeam and Claim.item.careTeamSequence.
 */
import { readCodes } from './codes.ts';
import { asObject, asText, objectsIn, type Loose } from './loose.ts';
import { isModified, type Submission } from './submission.ts';
import type { Code, Fact } from './types.ts';

const serviceProvider = 'SJ';

/** Identifiers of each; those of both behind a role are one performer's. One of whom no identifier is known is there with none. */
export function performerFacts(submission: Submission, item: Loose): (readonly Fact<Code>[])[] {
  const pointed = item['careTeamSequence'];
  return objectsIn(submission.claim?.resource['careTeam']).flatMap(([, member]) => {
    const isMeant = !Array.isArray(pointed) || pointed.length === 0 || pointed.includes(member['sequence']);
    const gives = member['role'] === undefined || readCodes(member['role']).some(({ code }) => code === serviceProvider);
    return isMeant && gives && !isModified(member) ? [identifiersOf(submission, member['provider'])] : [];
  });
}

function identifiersOf(submission: Submission, reference: unknown): Fact<Code>[] {
  const provider = submission.resolve(reference);
  const role = provider?.type === 'PractitionerRole' ? provider.resource : undefined;
  return [provider, submission.resolve(role?.['practitioner']), submission.resolve(role?.['organization'])].flatMap((party) => party === undefined ? [] : objectsIn(party.resource['identifier']).flatMap(([index, identifier]): Fact<Code>[] => {
    const [system, code] = [asText(asObject(identifier)?.['system']), asText(identifier['value'])];
    return system === undefined || code === undefined ? [] : [{ value: { system, code }, source: { reference: party.reference, expression: `${party.type}.identifier[${index}]` } }];
  }));
}
