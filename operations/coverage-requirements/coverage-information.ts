/**
 * Coverage information as the extension on an order, in the shape of the edition that the client asks for. Where it names
 * none, only what both editions say alike is said, but for what the first had no word for. Pure.
 * Source: ext-coverage-information of CRD 2.2.1 and 2.0.1.
 */
import type { ContactPoint, Extension, Reference } from '@medplum/fhirtypes';
import { crdExtension, crdTemporary, type Edition } from '../../profiles/crd/names.ts';
import type { Answer, Reason } from './answer.ts';
import { localNameOf, type ClientResource } from './read-call.ts';

export interface Statement {
  readonly answer: Answer;
  /** coverage-assertion-id */
  readonly id: string;
  readonly coverage: Reference;
  /** YYYY-MM-DD */
  readonly date: string;
  readonly expiresOn: string;
  /** Of the payer: whom to ask. */
  readonly contact: { readonly name?: string; readonly telecom: ContactPoint } | undefined;
}

export function extensionOf({ answer, id, coverage, date, expiresOn, contact }: Statement, edition: Edition | undefined): Extension {
  const isFirst = edition === '2.0';
  const code = (url: string, valueCode: string | undefined): Extension[] => valueCode === undefined ? [] : [{ url, valueCode }];
  const [documentation] = answer.docNeeded;
  // The first edition had no word for it (its own value sets end at conditional).
  const settled = (value: string | undefined): string | undefined => isFirst && value === 'indeterminate' ? 'conditional' : value;
  const isUnsettled = isFirst && (answer.covered === 'indeterminate' || answer.paNeeded === 'indeterminate');
  const infoNeeded = isUnsettled ? ['OTH'] : [...new Set(answer.infoNeeded.map((need) => need === 'detail-code' && edition !== '2.2' ? 'OTH' : need))];
  return {
    url: crdExtension.coverageInformation,
    extension: [
      { url: 'coverage', valueReference: coverage },
      ...code('covered', settled(answer.covered)),
      ...code('pa-needed', settled(answer.paNeeded)),
      // The first edition takes one.
      ...(edition === '2.2' ? answer.docNeeded.flatMap((need) => code('doc-needed', need)) : code('doc-needed', isFirst && documentation === 'patient' ? 'clinical' : documentation)),
      ...answer.docPurpose.flatMap((purpose) => code('doc-purpose', purpose)),
      ...infoNeeded.flatMap((need) => code('info-needed', need)),
      ...answer.billingCodes.map((valueCoding) => ({ url: 'billingCode', valueCoding })),
      ...answer.reasons.map((reason) => ({ url: 'reason', valueCodeableConcept: reasonConcept(reason, isFirst) })),
      ...answer.questionnaires.map((valueCanonical) => ({ url: 'questionnaire', valueCanonical })),
      { url: 'date', valueDate: date },
      { url: 'coverage-assertion-id', valueString: id },
      ...(answer.satisfiedPaId === undefined ? [] : [{ url: 'satisfied-pa-id', valueString: answer.satisfiedPaId }]),
      ...contactOf(contact, edition),
      ...(isFirst ? [] : [{ url: 'expiry-date', valueDate: expiresOn }]),
    ],
  };
}

function reasonConcept({ code, text }: Reason, isFirst: boolean): NonNullable<Extension['valueCodeableConcept']> {
  // The first edition has no codes of these reasons.
  return code === undefined || isFirst ? { text } : { coding: [{ system: crdTemporary, code }], text };
}

/** A ContactPoint in the first edition, a ContactDetail in the second: said only to whom it is known which. */
function contactOf(contact: Statement['contact'], edition: Edition | undefined): Extension[] {
  if (!contact || edition === undefined) return [];
  if (edition === '2.0') return [{ url: 'contact', valueContactPoint: contact.telecom }];
  return [{ url: 'contact', valueContactDetail: { ...(contact.name !== undefined && { name: contact.name }), telecom: [contact.telecom] } }];
}

/** What an order that was asked about before says of it. */
export interface Earlier {
  readonly id: string;
  readonly coverage: string | undefined;
  readonly expiresOn: string | undefined;
  /** The whole of it, to be compared with what would be said now. */
  readonly text: string;
}

export function earlierStatements(order: ClientResource, server: string | undefined): Earlier[] {
  return informationOn(order).flatMap((information) => {
    const id = information.extension?.find(({ url }) => url === 'coverage-assertion-id')?.valueString;
    return id === undefined ? [] : [{ id, coverage: coverageIn(information, server), expiresOn: information.extension?.find(({ url }) => url === 'expiry-date')?.valueDate, text: comparable(information) }];
  });
}

/** Two statements with the same text say the same, whenever they were made and in whatever order a server keeps their parts. */
export function comparable({ extension = [] }: Extension): string {
  return JSON.stringify(extension.filter(({ url }) => !made.has(url)).map((part) => JSON.stringify(part)).toSorted());
}

/** What differs between two statements of the same: when it was said, whom to ask, which coverage by which address. */
const made: ReadonlySet<string> = new Set(['date', 'contact', 'coverage', 'coverage-assertion-id', 'expiry-date']);

function coverageIn({ extension = [] }: Extension, server: string | undefined): string | undefined {
  const reference = extension.find(({ url }) => url === 'coverage')?.valueReference?.reference;
  return localNameOf(reference, server) ?? reference;
}

/** The order with these statements in place of those about the same coverage; nothing else of it changes (resp-37). */
export function withStatements(order: ClientResource, { coverage, server }: { readonly coverage: string | undefined; readonly server: string | undefined }, statements: readonly Extension[]): ClientResource {
  const kept = extensionsOn(order).filter((extension) => extension.url !== crdExtension.coverageInformation || coverageIn(extension, server) !== coverage);
  return { ...order, extension: [...kept, ...statements] } as ClientResource;
}

function informationOn(order: ClientResource): Extension[] {
  return extensionsOn(order).filter(({ url }) => url === crdExtension.coverageInformation);
}

function extensionsOn(order: ClientResource): Extension[] {
  return (order as { extension?: Extension[] }).extension ?? [];
}
