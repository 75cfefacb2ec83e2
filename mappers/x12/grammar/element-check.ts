/** Checks the elements of one segment: presence, type, length, codes, pairs. Faults carry their IK403 code. */
import { elementName, type Element, isBlank, type Segment, valueAt } from '../segment.ts';
import { fitsFormat, isDate, isTime } from './dates.ts';
import type { ElementRule, SegmentRule } from './definition.ts';

export interface ElementFault {
  severity: 'error' | 'warning';
  element: number;
  component?: number;
  repetition?: number;
  number?: string;
  /** IK403. */
  code: string;
  value?: string;
  text: string;
}

/** Checks a segment against its rule. */
export function checkElements(segment: Segment, rule: SegmentRule): ElementFault[] {
  const faults: ElementFault[] = [];
  const count = Math.max(rule.elements.length, segment.elements.length);
  for (let index = 0; index < count; index += 1) {
    const own = rule.elements[index];
    const element = segment.elements[index];
    const at = index + 1;
    if (own === undefined) {
      if (!isBlank(element)) faults.push(fault('error', at, '3', `${elementName(segment.id, at)} is beyond the segment's last element.`, valueAt(segment, at)));
      continue;
    }
    faults.push(...checkElement(segment.id, at, element, own));
  }
  faults.push(...noteFaults(rule.notes, (at) => !isBlank(segment.elements[at - 1])).map(({ missing, code, text }) => ({ ...fault('error', missing, code, `${elementName(segment.id, missing)} ${text}`), ...numberOf(rule.elements[missing - 1]) })));
  faults.push(...checkDates(segment));
  return faults;
}

function numberOf(rule: ElementRule | undefined): { number?: string } {
  return rule === undefined ? {} : { number: rule.number };
}

function checkElement(id: string, at: number, element: Element | undefined, rule: ElementRule): ElementFault[] {
  const name = elementName(id, at);
  if (element === undefined || isBlank(element)) {
    return rule.usage === 'R' ? [{ ...fault('error', at, '1', `${name} is required.`), number: rule.number }] : [];
  }
  const first = element[0]!;
  if (rule.usage === 'N') return [{ ...fault('warning', at, 'I10', `${name} is not used in this guide.`, first[0]), number: rule.number }];
  if (element.length > 1) {
    if (rule.repeats !== true) return [{ ...fault('error', at, '12', `${name} does not repeat.`), number: rule.number }];
    return element.flatMap((repetition, index) => checkElement(id, at, [repetition], rule).map((each) => ({ ...each, repetition: index + 1 })));
  }
  if (rule.components === undefined) {
    if (first.length > 1) return [{ ...fault('error', at, '13', `${name} has no components.`), number: rule.number }];
    return checkValue(first[0]!, rule, name).map((each) => ({ ...each, element: at }));
  }
  const faults: ElementFault[] = [];
  if (first.length > rule.components.length && first.slice(rule.components.length).some((component) => component !== '')) {
    faults.push({ ...fault('error', at, '13', `${name} has too many components.`), number: rule.number });
  }
  for (const [index, component] of rule.components.entries()) {
    const value = first[index] ?? '';
    const componentName = elementName(id, at, index + 1);
    const found =
      value === ''
        ? component.usage === 'R'
          ? [{ ...fault('error', at, '1', `${componentName} is required.`), number: component.number }]
          : []
        : component.usage === 'N'
          ? [{ ...fault('warning', at, 'I10', `${componentName} is not used in this guide.`, value), number: component.number }]
          : checkValue(value, component, componentName);
    faults.push(...found.map((each) => ({ ...each, element: at, component: index + 1 })));
  }
  for (const { missing, code, text } of noteFaults(rule.notes, (component) => (first[component - 1] ?? '') !== '')) {
    faults.push({ ...fault('error', at, code, `${elementName(id, at, missing)} ${text}`), component: missing, ...numberOf(rule.components[missing - 1]) });
  }
  return faults;
}

/** Syntax notes that are not kept, each by the element that should or should not be there (IK403 2 and 10). */
function noteFaults(notes: readonly string[] | undefined, isThere: (at: number) => boolean): { missing: number; code: string; text: string }[] {
  return (notes ?? []).flatMap((note) => {
    const elements = (note.slice(1).match(/\d\d/g) ?? []).map(Number);
    const [first = 0, ...others] = elements;
    const absent = elements.filter((at) => !isThere(at));
    switch (note.charAt(0)) {
      case 'P':
        return absent.length === 0 || absent.length === elements.length ? [] : absent.map((missing) => ({ missing, code: '2', text: 'is missing beside its pair.' }));
      case 'R':
        return absent.length < elements.length ? [] : [{ missing: first, code: '2', text: 'or another of its group is required.' }];
      case 'E':
        return elements.length - absent.length <= 1 ? [] : elements.filter(isThere).slice(1).map((missing) => ({ missing, code: '10', text: 'stands beside one that excludes it.' }));
      case 'C':
        return isThere(first) ? others.filter((at) => !isThere(at)).map((missing) => ({ missing, code: '2', text: 'is required by another element.' })) : [];
      case 'L':
        return isThere(first) && !others.some(isThere) ? [{ missing: others[0] ?? first, code: '2', text: 'or another is required by an element.' }] : [];
      default:
        return [];
    }
  });
}

function checkValue(value: string, rule: ElementRule, name: string): ElementFault[] {
  const found = (code: string, text: string, severity: 'error' | 'warning' = 'error'): ElementFault[] => [{ ...fault(severity, 0, code, text, value), number: rule.number }];
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f]/.test(value)) return found('6', `${name} holds a control character.`);
  if (rule.type === 'DT' && !isDate(value)) return found('8', `${name} is not a date.`);
  if (rule.type === 'TM' && !isTime(value)) return found('9', `${name} is not a time.`);
  if ((rule.type === 'N0' || rule.type === 'N2') && !/^-?\d+$/.test(value)) return found('6', `${name} is not a whole number.`);
  if (rule.type === 'R' && !/^-?(\d+\.?\d*|\.\d+)$/.test(value)) return found('6', `${name} is not a number.`);
  // Sign and decimal point do not count.
  const length = rule.type === 'R' || rule.type === 'N0' || rule.type === 'N2' ? value.replaceAll(/[-.]/g, '').length : value.length;
  const severity = rule.toleratedLength === true ? 'warning' : 'error';
  const faults: ElementFault[] = [];
  if (length < (rule.minimum ?? 0)) faults.push(...found('4', `${name} is shorter than ${rule.minimum}.`, severity));
  if (length > (rule.maximum ?? Infinity)) faults.push(...found('5', `${name} is longer than ${rule.maximum}.`, severity));
  // A code of the wrong length is both.
  if (rule.codes !== undefined && !rule.codes.includes(value)) {
    faults.push(...found('7', `${name} holds a code this guide does not know.`, rule.isOpen === true || rule.toleratedCodes?.includes(value) === true ? 'warning' : 'error'));
  }
  return faults;
}

/** Dates whose format stands in the element before them. */
function checkDates(segment: Segment): ElementFault[] {
  if (segment.id === 'DTP') return dateFault(segment, 3, valueAt(segment, 2), valueAt(segment, 3));
  if (segment.id === 'DMG') return dateFault(segment, 2, valueAt(segment, 1), valueAt(segment, 2));
  if (segment.id !== 'HI') return [];
  return segment.elements.flatMap((_, index) => dateFault(segment, index + 1, valueAt(segment, index + 1, 3), valueAt(segment, index + 1, 4), 4));
}

function dateFault(segment: Segment, element: number, qualifier: string, value: string, component?: number): ElementFault[] {
  if (value === '' || fitsFormat(qualifier, value)) return [];
  return [{ ...fault('error', element, '8', `${elementName(segment.id, element, component)} is not a date of its format.`, value), number: '1251', ...(component === undefined ? {} : { component }) }];
}

function fault(severity: 'error' | 'warning', element: number, code: string, text: string, value?: string): ElementFault {
  return { severity, element, code, text, ...(value === undefined || value === '' ? {} : { value }) };
}
