/**
 * Whose enrollments (834) are the plan's own word: an enrollment makes members and coverages, so it must not be anybody's.
 * The sender is whom the interchange names (ISA05, ISA06); who may send under that name is for access control to say.
 */

export interface InterchangeParty {
  readonly qualifier: string;
  readonly id: string;
}

/** Whether an enrollment of this sender speaks for the plan. What others enroll is a sender's word, as in any message. */
export type SpeaksForPlan = (sender: InterchangeParty) => boolean;

const party = /^(?:[\dA-Z]{2}:)?[^\s,:*]{1,15}$/;

/**
 * @param text `*`: everybody; otherwise numbers (ISA06) with commas between them, each alone or with its qualifier, as `30:123456789`
 * @returns undefined where it is not such a list
 */
export function readEnrollmentSenders(text: string): SpeaksForPlan | undefined {
  const named = text.split(',').map((one) => one.trim()).filter((one) => one !== '');
  if (named.includes('*')) return named.length === 1 ? () => true : undefined;
  if (!named.every((one) => party.test(one))) return undefined;
  const known = new Set(named);
  return ({ qualifier, id }) => known.has(id.trim()) || known.has(`${qualifier}:${id.trim()}`);
}

/** Whether a message that was taken before would speak for the plan now. @param author as the rail has named it: ISA05 and ISA06 */
export function spokeForPlan(speaksForPlan: SpeaksForPlan, { kind, author }: { readonly kind: string; readonly author: string | null }): boolean {
  const [, qualifier, id] = /^(\S{2}) (.+)$/.exec(author ?? '') ?? [];
  return kind.startsWith('834 ') && qualifier !== undefined && id !== undefined && speaksForPlan({ qualifier, id });
}
