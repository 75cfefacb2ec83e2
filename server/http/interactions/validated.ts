/** What is to be written is validated first, a patched resource when it is known what the patch makes of it. */
import type { Resource, Subscription } from '@medplum/fhirtypes';
import type { ProblemIssue } from '../../../fhir/problems.ts';
import { wholeShapeIssues } from '../../../fhir/shape.ts';
import type { Context } from '../../../store/context.ts';
import type { Queryable } from '../../../store/database.ts';
import type { House } from '../../house.ts';
import { isObject } from '../resource-body.ts';
import { placeOf, type Intent } from './intent.ts';
import { write, type Outcome, type Patience } from './write.ts';

/** As {@link write}, with what is to be told of each resource. @throws {Problem} also what the policy of the tenant refuses */
export async function writeValidated<T>(house: House, intents: readonly Intent[], context: Context, patience?: Patience, then?: (connection: Queryable, outcomes: readonly Outcome[]) => Promise<T>): Promise<{ outcomes: readonly Outcome[]; result: T | undefined }> {
  const remarks: (readonly ProblemIssue[])[] = Array.from({ length: intents.length }, () => []);
  const checked: Intent[] = [];
  for (const [index, intent] of intents.entries()) checked.push(await validated(intent, (said) => { remarks[index] = said; }, house, context));
  const { outcomes, result } = await write(house, checked, context, patience, then);
  return { outcomes: remarks.every(({ length }) => length === 0) ? outcomes : outcomes.map((outcome, index) => ({ ...outcome, remarks: remarks[index]! })), result };
}

async function validated(intent: Intent, tell: (remarks: readonly ProblemIssue[]) => void, house: House, context: Context): Promise<Intent> {
  switch (intent.kind) {
    case 'create': case 'update':
      tell(await house.checkWrite(intent.resource, context, placeOf(intent)));
      return { ...intent, resource: await accepted(intent.resource, intent, house, context) };
    case 'patch':
      return {
        ...intent,
        apply: async (before) => {
          const made = await intent.apply(before);
          // What is no resource of its form any more is refused by those who know the form.
          if (!isObject(made) || wholeShapeIssues(made).length > 0) return made;
          tell(await house.checkWrite(made as unknown as Resource, context, placeOf(intent)));
          return accepted(made as unknown as Resource, intent, house, context);
        },
      };
    default:
      return intent;
  }
}

/** What is a promise of this server is taken only where it can keep it. */
async function accepted(resource: Resource, intent: Intent, house: House, context: Context): Promise<Resource> {
  if (resource.resourceType !== 'Subscription') return resource;
  const place = placeOf(intent);
  return house.subscriptions.accept(resource satisfies Subscription, context, place === undefined ? undefined : `${place}.resource`);
}
