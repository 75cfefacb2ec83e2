/** A coverage-assertion-id as the context of documentation: which questionnaires were named with it (DTR 2.2.0, spec-107). */
import { assertionsOf } from '../../store/coverage-assertions.ts';
import type { Queryable } from '../../store/database.ts';
import type { ContextSource } from '../documentation/contexts.ts';
import type { Answer } from './answer.ts';

/** How a response says that it is for a statement of ours. */
const assertionSystem = 'https://priora.health/fhir/coverage-assertion';

export function coverageAssertionContexts(database: Queryable): ContextSource {
  return async (id, { members }, context) => {
    const stored = (await assertionsOf(database, [id], context)).get(id);
    if (!stored || !members.some((member) => member.id === stored.member)) return undefined;
    const { questionnaires } = JSON.parse(stored.answer) as Pick<Answer, 'questionnaires'>;
    return { questionnaires, identifier: { system: assertionSystem, value: id }, isOfAuthorization: false };
  };
}
