/** What the specification says in words of values of a type, by the type; run behind the check of its definition. */
import { checkAttachment } from './attachment.ts';
import type { Session } from './check.ts';
import { checkCoding, checkUnit } from './coding.ts';
import { checkIdentifier } from './identifier.ts';
import { explainNarrative } from './narrative.ts';

export type TypeRule = (value: unknown, session: Session) => void;

export const typeRules: ReadonlyMap<string, TypeRule> = new Map<string, TypeRule>([
  ['Attachment', checkAttachment],
  ['Coding', checkCoding],
  ['Identifier', checkIdentifier],
  ['Narrative', explainNarrative],
  ...['Quantity', 'Age', 'Count', 'Distance', 'Duration', 'MoneyQuantity', 'SimpleQuantity'].map((type) => [type, checkUnit] as const),
]);
