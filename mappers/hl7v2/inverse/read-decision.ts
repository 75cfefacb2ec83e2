/**
 * What a PAS response Bundle says that an RPA can say: of each service the action, number, dates, quantity and words,
 * each value with its FHIRPath, so that it can be told where it went and what stayed behind.
 * Source: Da Vinci PAS 2.2.1, profile-claimresponse.
 */
import type { Bundle, ClaimResponse, ClaimResponseAddItem, ClaimResponseItem, Extension, Period, Quantity } from '@medplum/fhirtypes';
import { pasExtension } from '../../../profiles/pas/names.ts';

/** A value and where it stands in the Bundle. */
export interface Told {
  readonly value: string;
  readonly path: string;
}

export interface DecidedService {
  /** Of the item, as the payer counts. */
  readonly sequence: number;
  /** Code of X12 306: A1, A3, A4, A6. */
  readonly action: Told | undefined;
  readonly number: Told | undefined;
  readonly issued: Told | undefined;
  readonly from: Told | undefined;
  readonly to: Told | undefined;
  readonly quantity: Told | undefined;
  /** The payer's own number for the request, by which a person can be asked about it. */
  readonly reference: Told | undefined;
  readonly words: readonly Told[];
}

export interface Decision {
  readonly services: readonly DecidedService[];
  readonly created: Told | undefined;
  readonly number: Told | undefined;
  readonly from: Told | undefined;
  readonly to: Told | undefined;
  /** Of no service in particular. */
  readonly words: readonly Told[];
}

const RESPONSE = 'Bundle.entry[0].resource';

/** Undefined where the Bundle does not begin with a ClaimResponse. */
export function readDecision(bundle: Bundle): Decision | undefined {
  const response = bundle.entry?.[0]?.resource;
  if (response?.resourceType !== 'ClaimResponse') return undefined;
  const notes = (response.processNote ?? []).map(({ number, text }, at) => ({ number, text: told(text, `${RESPONSE}.processNote[${at}].text`) }));
  const wordsFor = (numbers: readonly number[] | undefined): Told[] => notes.flatMap(({ number, text }) => (text !== undefined && number !== undefined && numbers?.includes(number) === true ? [text] : []));
  const services = (response.item ?? []).map((item, at) => serviceOf(item, at, response, wordsFor(item.noteNumber)));
  const pointedAt = new Set((response.item ?? []).flatMap(({ noteNumber }) => noteNumber ?? []));
  return {
    services,
    created: told(response.created, `${RESPONSE}.created`),
    number: told(response.preAuthRef, `${RESPONSE}.preAuthRef`),
    ...ends(response.preAuthPeriod, `${RESPONSE}.preAuthPeriod`),
    words: notes.flatMap(({ number, text }) => (text === undefined || (number !== undefined && pointedAt.has(number)) ? [] : [text])),
  };
}

/** What was authorized in place of what was asked for stands in an addItem, which then counts. */
function serviceOf(item: ClaimResponseItem, at: number, response: ClaimResponse, words: readonly Told[]): DecidedService {
  const path = `${RESPONSE}.item[${at}]`;
  const review = within({ holder: item.adjudication?.[0], path: `${path}.adjudication[0]` }, pasExtension.reviewAction);
  const instead = (response.addItem ?? []).findIndex(({ itemSequence }) => itemSequence?.includes(item.itemSequence) === true);
  const added: ClaimResponseAddItem | undefined = response.addItem?.[instead];
  const action = within(review, pasExtension.reviewActionCode);
  const period = within({ holder: item, path }, pasExtension.itemPreAuthPeriod);
  const issued = within({ holder: item, path }, pasExtension.itemPreAuthIssueDate);
  const reference = within({ holder: item, path }, pasExtension.administrationReferenceNumber);
  const number = within(review, 'number');
  const granted = within(within({ holder: item, path }, pasExtension.itemAuthorizedDetail), 'quantity');
  return {
    sequence: item.itemSequence,
    action: told(action.holder?.valueCodeableConcept?.coding?.[0]?.code, `${action.path}.valueCodeableConcept.coding[0].code`),
    number: told(number.holder?.valueString, `${number.path}.valueString`),
    issued: told(issued.holder?.valueDate, `${issued.path}.valueDate`),
    ...ends(period.holder?.valuePeriod, `${period.path}.valuePeriod`),
    quantity: added === undefined ? amount(granted.holder?.valueQuantity, `${granted.path}.valueQuantity`) : amount(added.quantity, `${RESPONSE}.addItem[${instead}].quantity`),
    reference: told(reference.holder?.valueString, `${reference.path}.valueString`),
    words,
  };
}

interface Held<T> {
  readonly holder: T | undefined;
  readonly path: string;
}

/** The first extension with a url, and where it stands. */
function within({ holder, path }: Held<{ readonly extension?: readonly Extension[] }>, url: string): Held<Extension> {
  const at = holder?.extension?.findIndex((extension) => extension.url === url) ?? -1;
  return { holder: holder?.extension?.[at], path: `${path}.extension[${at}]` };
}

function told(value: string | undefined, path: string): Told | undefined {
  return value === undefined || value.trim() === '' ? undefined : { value, path };
}

function ends(period: Period | undefined, path: string): { readonly from: Told | undefined; readonly to: Told | undefined } {
  return { from: told(period?.start, `${path}.start`), to: told(period?.end, `${path}.end`) };
}

function amount(quantity: Quantity | undefined, path: string): Told | undefined {
  return told(quantity?.value?.toString(), `${path}.value`);
}
