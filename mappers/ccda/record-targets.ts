/**
 * Whom a C-CDA document is about, and nothing else of it: for whoever only wants to know whether it is the right person.
 * Source: C-CDA 2.1, recordTarget (US Realm Header).
 */
import type { HumanName } from '@medplum/fhirtypes';
import { Problem } from '../../fhir/problems.ts';
import { decodeXml } from './xml/decode.ts';
import type { Element } from './xml/element.ts';
import { parseTree } from './xml/parse.ts';

export interface RecordTarget {
  readonly name: readonly HumanName[];
  /** As far as it is told: YYYY, YYYY-MM or YYYY-MM-DD. */
  readonly birthDate?: string;
}

/** Empty for what is no C-CDA document, or none that can be read. */
export function recordTargets(bytes: Uint8Array): RecordTarget[] {
  const root = treeOf(bytes);
  if (root?.name !== 'ClinicalDocument') return [];
  return root.all('recordTarget').flatMap((target) => {
    const patient = target.at('patientRole', 'patient');
    if (patient === undefined) return [];
    const birthDate = dateOf(patient.child('birthTime')?.get('value'));
    return [{ name: patient.all('name').map(nameOf), ...(birthDate !== undefined && { birthDate }) }];
  });
}

function treeOf(bytes: Uint8Array): Element | undefined {
  try {
    return parseTree(decodeXml(bytes));
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}

function nameOf(name: Element): HumanName {
  const parts = (kind: string): string[] => name.all(kind).flatMap(({ text }) => text ?? []);
  const [family, given] = [parts('family').join(' '), parts('given')];
  if (family === '' && given.length === 0) return name.text === undefined ? {} : { text: name.text };
  return { ...(family !== '' && { family }), ...(given.length > 0 && { given }) };
}

function dateOf(time: string | undefined): string | undefined {
  const [, year, month, day] = /^(\d{4})(\d{2})?(\d{2})?/.exec(time ?? '') ?? [];
  return year === undefined ? undefined : [year, month, day].filter((part) => part !== undefined).join('-');
}
