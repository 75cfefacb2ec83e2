/** Providers of the event and of its services as Claim.careTeam. */
import type { ClaimCareTeam } from '@medplum/fhirtypes';
import type { Level } from './levels.ts';
import { EXTENSION, SYSTEM, x12System } from '../pas.ts';
import { compact, concept } from '../shapes.ts';
import type { Draft } from './draft.ts';
import { mapParty, takeSpecialty } from './parties.ts';

/** 2010EA (the whole claim's) and 2010F (an item's) as Claim.careTeam. */
export class CareTeam {
  readonly members: ClaimCareTeam[] = [];
  readonly #draft: Draft;
  readonly #claim: string;

  constructor(draft: Draft, claim: string) {
    this.#draft = draft;
    this.#claim = claim;
  }

  /** Adds the providers of a level; gives their sequences. */
  addLoops(level: Level, isOverall: boolean): number[] {
    return level.names
      .filter((loop) => loop.id === '2010EA' || loop.id === '2010F')
      .map((loop) => {
        const sequence = this.members.length + 1;
        const at = `careTeam[${sequence - 1}]`;
        const role = this.#draft.recorder.reader(loop.id, loop.segments[0]!, this.#claim).take(`${at}.role.coding[0].code`, 1);
        const specialty = takeSpecialty(this.#draft, loop, this.#claim, `${at}.qualification.coding[0].code`);
        this.members.push(
          compact<ClaimCareTeam>({
            extension: [{ url: EXTENSION.careTeamClaimScope, valueBoolean: isOverall }],
            sequence,
            provider: { reference: mapParty(this.#draft, loop, 'organization').reference },
            role: concept(x12System('98'), role),
            qualification: concept(SYSTEM.providerTaxonomy, specialty),
          }),
        );
        return sequence;
      });
  }
}
