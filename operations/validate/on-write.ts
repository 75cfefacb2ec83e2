/**
 * What is written is checked first, as strictly as the tenant's policy says: what the policy enforces is refused, what it
 * warns of is told beside the answer.
 */
import type { Resource } from '@medplum/fhirtypes';
import { Problem, type ProblemIssue } from '../../fhir/problems.ts';
import type { Validate, ValidationIssue } from '../../profiles/validation.ts';
import type { Context } from '../../store/context.ts';
import { claimedProfiles } from './claimed.ts';
import { codeIssues, isError, type ContentSources, type ReadyValidator } from './content.ts';
import { enforcesAny, isOff, strictnessOf, type Policies, type ValidationPolicy } from './policy.ts';

export type WriteVerdict = 'valid' | 'warned' | 'refused';

export interface WriteCheckParts extends Pick<ContentSources, 'memberships' | 'now'> {
  /** Of definitions that may be a moment old, but not without these profiles. */
  readonly validatorAtHand: (context: Context, profiles: Iterable<string>) => Promise<ReadyValidator>;
  readonly policies: Policies;
  readonly onVerdict?: (verdict: WriteVerdict) => void;
}

/** More is not told of one resource; it has to be mended before anybody looks on. */
const mostIssues = 100;
/** So many are looked through where none of the first refuses: behind what only warns may stand what is enforced. */
const mostLookedThrough = 10_000;

/** @returns what is to be told of a resource that may be written @throws {Problem} what the policy refuses, `where` it came in */
export type WriteCheck = (resource: Resource, context: Context, where?: string) => Promise<readonly ProblemIssue[]>;

export function writeCheckOf({ policies, validatorAtHand, onVerdict = () => {}, ...sources }: WriteCheckParts): WriteCheck {
  return async (resource, context, where) => {
    const policy = policies(context.tenant.name);
    if (isOff(policy)) return [];
    const required = policy.require.get(resource.resourceType) ?? [];
    const looksAtClaims = policy.claimed !== 'off' || policy.profiles.size > 0;
    const { validate } = await validatorAtHand(context, [...looksAtClaims ? claimedProfiles(resource) : [], ...required]);
    const found = await judged(validate, resource, { required, looksAtClaims, policy, sources, context });
    const remarks = found.map((issue) => placed(issue, resource.resourceType, where));
    const [first, ...more] = remarks.filter(isError);
    if (first !== undefined) {
      onVerdict('refused');
      throw Problem.of([first, ...more, ...remarks.filter((issue) => !isError(issue))]);
    }
    onVerdict(remarks.some(({ severity }) => severity === 'warning') ? 'warned' : 'valid');
    return remarks;
  };
}

interface Judging {
  readonly required: readonly string[];
  readonly looksAtClaims: boolean;
  readonly policy: ValidationPolicy;
  readonly sources: Pick<ContentSources, 'memberships' | 'now'>;
  readonly context: Context;
}

/** Errors of what is enforced stay errors, others become warnings; what is only worth knowing is left for $validate. */
async function judged(validate: Validate, resource: Resource, judging: Judging): Promise<readonly ProblemIssue[]> {
  const few = await judgedUpTo(mostIssues, validate, resource, judging);
  if (few.isWhole || few.issues.some(isError) || !enforcesAny(judging.policy)) return few.issues;
  const { issues, isWhole } = await judgedUpTo(mostLookedThrough, validate, resource, judging);
  const errors = issues.filter(isError);
  if (errors.length > 0 || isWhole) return [...errors.slice(0, mostIssues), ...issues.filter((issue) => !isError(issue)).slice(0, mostIssues)];
  return [{ code: 'validation-stopped', details: { reason: 'after so many issues' }, expression: resource.resourceType, severity: 'error' }];
}

async function judgedUpTo(limit: number, validate: Validate, resource: Resource, { required, looksAtClaims, policy, sources, context }: Judging): Promise<{ readonly issues: readonly ProblemIssue[]; readonly isWhole: boolean }> {
  const { issues, questions, isWhole } = validate(resource, {
    profiles: required, now: sources.now(), limit, inWords: 'warning',
    ...(!looksAtClaims && { claimed: false }), ...(policy.unknown === 'enforce' && { unknownProfile: 'error' }),
  });
  // Only answers that can refuse the write are worth a look into the database.
  const decisive = questions.flatMap((question) => question.kind === 'code' && isError(question.otherwise) && strictnessOf(policy, question.otherwise.profile) === 'enforce' ? [question] : []);
  const answered = decisive.length === 0 ? [] : await codeIssues(decisive, sources, context);
  return { issues: [...issues, ...answered].flatMap((issue) => strictly(issue, policy)), isWhole };
}

function strictly(issue: ValidationIssue, policy: ValidationPolicy): readonly ProblemIssue[] {
  if (issue.severity === 'information') return [];
  // A claim of a profile that is here and of no use can be checked no more than one of a profile that is not.
  const isUnusable = issue.code === 'profile-unusable';
  const strictness = isUnusable || issue.code === 'profile-unknown' ? policy.unknown : strictnessOf(policy, issue.profile);
  if (isUnusable && strictness === 'enforce') return [{ ...issue, severity: 'error' }];
  if (strictness === 'off') return [];
  return [strictness === 'warn' && isError(issue) ? { ...issue, severity: 'warning' } : issue];
}

/** FHIRPath from what was sent, where that was a Bundle around the resource. */
function placed(issue: ProblemIssue, type: string, where: string | undefined): ProblemIssue {
  if (where === undefined || issue.expression === undefined) return issue;
  return { ...issue, expression: `${where}.resource${issue.expression.slice(type.length)}` };
}
