/**
 * What is given: manufacturedProduct to a medication concept, or a Medication where a maker or lot is told too.
 * Source: C-CDA on FHIR, "Medications" (consumable); C-CDA 2.1, Medication Information
 */
import type { Cursor } from '../../draft.ts';
import type { Conversion } from '../conversion.ts';
import { organization } from '../header/participants.ts';
import { putConcept, requireConcept, saysSomething } from '../values/concept.ts';
import { putIdentifiers } from '../values/identifier.ts';
import { wordsOf } from '../values/text.ts';
import { putTime } from '../values/times.ts';
import { type Element, ownText } from '../xml/element.ts';

/** The product of a consumable or supply. */
export function productOf(statement: Element): Element | undefined {
  return statement.at('consumable', 'manufacturedProduct') ?? statement.at('product', 'manufacturedProduct');
}

/** Its parts that tell what kind of element it is have been read. */
export function markProduct(c: Conversion, product: Element): void {
  c.consult(product, 'classCode', 'nullFlavor');
  c.consult(product.parent!, 'typeCode', 'nullFlavor');
  const material = product.child('manufacturedMaterial') ?? product.child('manufacturedLabeledDrug');
  if (material !== undefined) c.consult(material, 'classCode', 'determinerCode', 'nullFlavor');
  for (const template of product.all('templateId')) template.useAll();
}

/** The concept of a product: its code, else its name. */
export function putProductConcept(c: Conversion, at: Cursor, product: Element | undefined, rule: string): void {
  const material = product?.child('manufacturedMaterial') ?? product?.child('manufacturedLabeledDrug');
  const code = material?.child('code');
  const name = material?.child('name');
  if (saysSomething(c, code)) putConcept(c, at, code, rule);
  const named = name === undefined ? undefined : wordsOf(c, name);
  if (named !== undefined && at.peek('text') === undefined) c.put(at, 'text', named.text, named.from, named.attribute, rule);
  if (at.peek('coding') === undefined && at.peek('text') === undefined) requireConcept(c, at, code, rule);
}

/** The `medication[x]` of a statement. */
export function putMedication(c: Conversion, at: Cursor, statement: Element, rule: string): void {
  const product = productOf(statement);
  if (product !== undefined) markProduct(c, product);
  const maker = product?.child('manufacturerOrganization');
  const lot = product?.at('manufacturedMaterial', 'lotNumberText');
  const expires = product?.at('manufacturedMaterial', 'sdtc:expirationTime');
  for (const id of product?.all('id') ?? []) {
    if (id.get('root') === undefined) c.consult(id, 'nullFlavor');
    else c.leave(id, 'a product that is a code has no identifier');
  }
  const made = organization(c, maker, `${rule}/manufacturer`);
  if (product === undefined || (made === undefined && lot?.text === undefined)) {
    putProductConcept(c, at.within('medicationCodeableConcept'), product, rule);
    return;
  }
  const medication = c.placed('Medication', product);
  putIdentifiers(c, medication.cursor, product, `${rule}/product/id`);
  putProductConcept(c, medication.cursor.within('code'), product, rule);
  c.refer(medication.cursor, 'manufacturer', made);
  if (lot?.text !== undefined) c.put(medication.cursor.within('batch'), 'lotNumber', lot.text, lot, ownText, `${rule}/lot`);
  putTime(c, medication.cursor.within('batch'), 'expirationDate', expires, `${rule}/expiration`);
  c.refer(at, 'medicationReference', medication);
}
