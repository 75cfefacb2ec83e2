/** One answer against its question: type, choices, length, range. */
import { readReference } from '../../fhir/references.ts';
import { isObject } from '../../fhir/shape/elements.ts';
import { compareValues, equalValues } from './compare.ts';
import { choiceOf, type JsonObject, type QuestionItem } from './items.ts';

/** What is wrong with an answer, by the code of the catalogue; `valueSet`: whether the coding is in it is still to be asked. */
export type AnswerFinding =
  | { readonly code: 'answer-type'; readonly details: { readonly expected: string } }
  | { readonly code: 'answer-not-offered'; readonly details: Readonly<Record<string, never>> }
  | { readonly code: 'answer-length'; readonly details: { readonly reason: string } }
  | { readonly code: 'answer-range'; readonly details: { readonly reason: string } };

/** Types of values by type of question (https://hl7.org/fhir/R4/valueset-item-type.html). */
const valueTypes: Readonly<Record<string, readonly string[]>> = {
  boolean: ['Boolean'], decimal: ['Decimal'], integer: ['Integer'], date: ['Date'], dateTime: ['DateTime'], time: ['Time'],
  string: ['String'], text: ['String'], url: ['Uri'], choice: ['Coding'], 'open-choice': ['Coding', 'String'],
  attachment: ['Attachment'], reference: ['Reference'], quantity: ['Quantity'],
};

export function answerFindings(answer: JsonObject, question: QuestionItem): readonly AnswerFinding[] {
  const given = choiceOf(answer, 'value');
  if (given === undefined) return [];
  const offered = (question.options ?? []).flatMap((option) => choiceOf(option, 'value') ?? []);
  const types = new Set([...valueTypes[question.type] ?? [], ...(question.type.endsWith('choice') ? offered.map(({ type }) => type) : [])]);
  if (types.size > 0 && !types.has(given.type)) return [{ code: 'answer-type', details: { expected: [...types].map((type) => `value${type}`).join(' or ') } }];
  const isFree = question.type === 'open-choice' && given.type === 'String';
  return [
    ...(question.options !== undefined && !isFree && !offered.some(({ type, value }) => type === given.type && equalValues(type, given.value, value)) ? [{ code: 'answer-not-offered', details: {} } as const] : []),
    ...lengthFindings(given.value, given.type, question),
    ...rangeFindings(given.value, given.type, question),
    ...referenceFindings(given.value, given.type, question),
  ];
}

function lengthFindings(value: unknown, type: string, { longest, shortest, decimalPlaces, largest, mediaTypes }: QuestionItem): readonly AnswerFinding[] {
  const tooLong = (reason: string): AnswerFinding => ({ code: 'answer-length', details: { reason } });
  if (type === 'String' || type === 'Uri') {
    const { length } = Array.from(String(value));
    if (longest !== undefined && length > longest) return [tooLong(`it may have ${longest} characters`)];
    if (shortest !== undefined && length < shortest) return [tooLong(`it must have ${shortest} characters at least`)];
  }
  if (type === 'Decimal' && decimalPlaces !== undefined && (/\.(\d+)/.exec(String(value))?.[1]?.length ?? 0) > decimalPlaces) return [tooLong(`it may have ${decimalPlaces} digits behind the point`)];
  if (type !== 'Attachment' || !isObject(value)) return [];
  const { size, contentType } = value as { size?: unknown; contentType?: unknown };
  return [
    ...(largest !== undefined && Number(size ?? 0) > largest ? [tooLong(`it may have ${largest} bytes`)] : []),
    ...(mediaTypes.length > 0 && typeof contentType === 'string' && !mediaTypes.includes(contentType) ? [{ code: 'answer-not-offered', details: {} } as const] : []),
  ];
}

function rangeFindings(value: unknown, type: string, { minValue, maxValue }: QuestionItem): readonly AnswerFinding[] {
  const bound = (limit: JsonObject | undefined): unknown => {
    const stated = limit && choiceOf(limit, 'value');
    return stated?.type === type ? stated.value : undefined;
  };
  const [least, most] = [bound(minValue), bound(maxValue)];
  if (least !== undefined && compareValues(type, value, least) === -1) return [{ code: 'answer-range', details: { reason: 'it is less than the least that is allowed' } }];
  if (most !== undefined && compareValues(type, value, most) === 1) return [{ code: 'answer-range', details: { reason: 'it is more than the most that is allowed' } }];
  return [];
}

function referenceFindings(value: unknown, type: string, { resourceTypes }: QuestionItem): readonly AnswerFinding[] {
  if (type !== 'Reference' || resourceTypes.length === 0 || !isObject(value)) return [];
  const { reference, type: declared } = value as { reference?: unknown; type?: unknown };
  const target = typeof reference === 'string' ? readReference(reference)?.type ?? declared : declared;
  return typeof target === 'string' && !resourceTypes.includes(target) ? [{ code: 'answer-type', details: { expected: `a reference to ${resourceTypes.join(' or ')}` } }] : [];
}
