/**
 * Identifiers: CX, EI, EIP, DLN, PLN, and HD as what it is inside them, an assigning authority.
 * An authority with a universal id is the system. One with a namespace only is the system where the URI is configured
 * for the sender, and otherwise the assigner by name: a URI is never made up. Source: v2-to-FHIR CX[Identifier], HD[uri].
 */
import type { Cursor } from '../../draft.ts';
import type { Part } from '../engine/part.ts';
import type { Run } from '../engine/run.ts';
import { codeSystemOf, isOid, tableSystem } from './code-systems.ts';
import { codeText, fillConcept, stringOf } from './coded.ts';
import { dateTimeOf } from './date-time.ts';

const TYPES = 'http://terminology.hl7.org/CodeSystem/v2-0203';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The URI an HD stands for, and which of its components tells it. */
export function authorityUri(hd: Part, run: Run, first = 1): { uri: string; from: Part } | undefined {
  const [namespace, id] = [hd.at(first), hd.at(first + 1)];
  const universal = universalUri(id.text, hd.textAt(first + 2));
  if (universal !== undefined) return { uri: universal, from: id };
  const configured = namespace.text === undefined ? undefined : run.options.authorities?.[namespace.text];
  return configured === undefined ? undefined : { uri: configured, from: namespace };
}

function universalUri(id: string | undefined, type: string | undefined): string | undefined {
  if (id === undefined || /\s/.test(id)) return undefined;
  switch (type?.toUpperCase()) {
    case 'ISO':
      return isOid(id) ? `urn:oid:${id}` : undefined;
    case 'UUID':
    case 'GUID':
      return UUID.test(id) ? `urn:uuid:${id.toLowerCase()}` : undefined;
    case 'URI':
    case 'HL7':
      return /^[a-z][a-z0-9+.-]*:/i.test(id) ? id : undefined;
    case 'NPI':
      return 'http://hl7.org/fhir/sid/us-npi';
    case 'CLIA':
      return 'urn:oid:2.16.840.1.113883.4.7';
    case undefined:
      return isOid(id) ? `urn:oid:${id}` : undefined;
    default:
      return undefined;
  }
}

/** What tells authorities apart in keys: the universal id, or the namespace of this sender. */
export function authorityKey(hd: Part, run: Run, first = 1): string {
  const universal = hd.textAt(first + 1);
  if (universal !== undefined) return `${universal}&${hd.textAt(first + 2) ?? ''}`;
  const namespace = hd.textAt(first);
  return `${run.sender}|${namespace ?? ''}`;
}

/** The system or the assigner of an identifier, from an HD. */
export function emitAuthority(at: Cursor, hd: Part, rule: string, run: Run, first = 1): void {
  const [namespace, id, type] = [hd.at(first), hd.at(first + 1), hd.at(first + 2)];
  const found = authorityUri(hd, run, first);
  if (found !== undefined) {
    at.emit('system', found.uri, found.from.from, rule);
    if (type.text !== undefined) run.draft.consult(type.from);
  }
  if (namespace.text !== undefined && found?.from !== namespace) at.within('assigner').emit('display', stringOf(namespace), namespace.from, rule);
  if (found === undefined && id.text !== undefined) {
    const identifier = at.within('assigner').within('identifier');
    identifier.emit('value', stringOf(id), id.from, rule);
    const told = type.text;
    if (told === undefined) return;
    const coding = identifier.within('type').another('coding');
    coding.set('system', tableSystem('0301', told));
    coding.emit('code', codeText(type), type.from, rule);
  }
}

/** CX. */
export function fillCx(at: Cursor, part: Part, rule: string, run: Run): void {
  const number = part.at(1);
  if (number.text === undefined) return;
  const type = part.at(5);
  const system = numberSystem(type.text, part.at(4));
  emitType(at, type, rule);
  if (system === undefined) emitAuthority(at, part.at(4), rule, run);
  else {
    at.set('system', system);
    for (const place of part.at(4).places()) run.draft.consult(place);
  }
  at.emit('value', stringOf(number), number.from, rule);
  emitCheckDigit(at, part.at(2), part.at(3), rule);
  emitPeriod(at, part.at(7), part.at(8), rule, run);
}

/** Numbers whose type says their system whatever authority is named: the US social security number, the NPI. */
function numberSystem(type: string | undefined, authority: Part): string | undefined {
  if (type === 'NPI') return 'http://hl7.org/fhir/sid/us-npi';
  if (type === 'MB' || type === 'MC') return undefined;
  if (type === 'SS' && (!authority.valued || /^(?:SSA|USA|SSN|2\.16\.840\.1\.113883\.4\.1|USSSA)$/.test(authority.text ?? authority.textAt(2) ?? ''))) return 'http://hl7.org/fhir/sid/us-ssn';
  return undefined;
}

/** The type of an identifier. */
export function emitType(at: Cursor, type: Part, rule: string): void {
  const code = codeText(type);
  if (code === undefined) return;
  const coding = at.within('type').another('coding');
  coding.set('system', tableSystem('0203', code));
  coding.emit('code', code, type.from, rule);
}

/** The check digit of a number and how it is made. */
export function emitCheckDigit(at: Cursor, digit: Part, scheme: Part, rule: string): void {
  if (digit.text !== undefined) {
    const extension = at.another('extension');
    extension.set('url', 'http://hl7.org/fhir/StructureDefinition/identifier-checkDigit');
    extension.emit('valueString', stringOf(digit), digit.from, rule);
  }
  if (scheme.text !== undefined) {
    const extension = at.another('extension');
    extension.set('url', 'http://hl7.org/fhir/StructureDefinition/namingsystem-checkDigit');
    extension.emit('valueString', stringOf(scheme), scheme.from, rule);
  }
}

/** Start and end of a Period; one that ends before it begins keeps its start only. */
export function emitPeriod(at: Cursor, start: Part, end: Part, rule: string, run: Run, element = 'period'): void {
  fillPeriod(at.within(element), start, end, rule, run);
}

/** The same into the Period itself. */
export function fillPeriod(period: Cursor, start: Part, end: Part, rule: string, run: Run): void {
  const [from, to] = [start.valued ? dateTimeOf(start, run) : undefined, end.valued ? dateTimeOf(end, run) : undefined];
  period.emit('start', from, start.from, rule);
  emitEnd(period, to, end, rule, run);
}

/** EI: the number and who assigned it. */
export function fillEi(at: Cursor, part: Part, rule: string, run: Run): void {
  if (part.textAt(1) === undefined) return;
  emitAuthority(at, part, rule, run, 2);
  at.emit('value', stringOf(part.at(1)), part.at(1).from, rule);
}

/** EIP: the placer's number or the filler's. */
export function fillEip(which: 1 | 2): (at: Cursor, part: Part, rule: string, run: Run) => void {
  return (at, part, rule, run) => {
    const ei = part.at(which);
    if (ei.textAt(1) === undefined) return;
    const coding = at.within('type').another('coding');
    coding.set('system', TYPES);
    coding.set('code', which === 1 ? 'PLAC' : 'FILL');
    fillEi(at, ei, rule, run);
  };
}

/** DLN: a driver's license. */
export function fillDln(at: Cursor, part: Part, rule: string, run: Run): void {
  if (part.textAt(1) === undefined) return;
  const coding = at.within('type').another('coding');
  coding.set('system', TYPES);
  coding.set('code', 'DL');
  at.emit('value', stringOf(part.at(1)), part.at(1).from, rule);
  const issuer = part.at(2);
  if (issuer.text !== undefined) at.within('assigner').emit('display', stringOf(issuer), issuer.from, rule);
  if (part.at(3).valued) at.within('period').emit('end', dateTimeOf(part.at(3), run), part.at(3).from, rule);
}

/** PLN: the number of a practitioner and what kind it is. */
export function fillPln(at: Cursor, part: Part, rule: string, run: Run): void {
  if (part.textAt(1) === undefined) return;
  if (part.textAt(2) === 'NPI') at.set('system', 'http://hl7.org/fhir/sid/us-npi');
  at.emit('value', stringOf(part.at(1)), part.at(1).from, rule);
  if (part.at(2).valued) fillConcept(at.within('type'), part.at(2), rule, run, 'PractitionerIDNumberType');
  if (part.at(3).text !== undefined) at.within('assigner').emit('display', stringOf(part.at(3)), part.at(3).from, rule);
  if (part.at(4).valued) at.within('period').emit('end', dateTimeOf(part.at(4), run), part.at(4).from, rule);
}

/** CWE used as an identifier: code and system. */
export function fillCodedIdentifier(at: Cursor, part: Part, rule: string, run: Run): void {
  const code = part.at(1);
  if (code.text === undefined) return;
  const system = codeSystemOf(part.textAt(3), run);
  if (system !== undefined) at.emit('system', system, part.at(3).from, rule);
  at.emit('value', stringOf(code), code.from, rule);
  if (part.at(2).text !== undefined) at.within('type').emit('text', stringOf(part.at(2)), part.at(2).from, rule);
}

/** A bare number. */
export function fillNumber(at: Cursor, part: Part, rule: string): void {
  at.emit('value', stringOf(part), part.from, rule);
}

/** HD as identifiers of its own: the namespace, and the universal id with its type. */
export function fillHdIdentifiers(at: Cursor, hd: Part, rule: string, run: Run): void {
  const [namespace, id, type] = [hd.at(1), hd.at(2), hd.at(3)];
  if (namespace.text !== undefined) at.another('identifier').emit('value', stringOf(namespace), namespace.from, rule);
  if (id.text === undefined) return;
  const identifier = at.another('identifier');
  const uri = universalUri(id.text, type.text);
  if (uri?.startsWith('urn:')) {
    identifier.set('system', 'urn:ietf:rfc:3986');
    identifier.emit('value', uri, id.from, rule);
    if (type.text !== undefined) run.draft.consult(type.from);
    return;
  }
  identifier.emit('value', stringOf(id), id.from, rule);
  if (type.text === undefined) return;
  const coding = identifier.within('type').another('coding');
  coding.set('system', tableSystem('0301', type.text));
  coding.emit('code', codeText(type), type.from, rule);
}

/**
 * The end of a Period: left out where it is before the start; without its time of day where it is on the day of a start
 * that has none, as per-1 cannot hold for these two.
 */
export function emitEnd(period: Cursor, end: string | undefined, part: Part, rule: string, run: Run): void {
  const start = period.peek('start');
  if (end !== undefined && typeof start === 'string') {
    const length = Math.min(start.length, end.length, 10);
    const [from, to] = [start.slice(0, length), end.slice(0, length)];
    if (to < from || (start.length > 10 && end.length > 10 && Date.parse(end) < Date.parse(start))) {
      run.draft.leave(part.from, 'ends before it begins');
      run.issue('warning', 'period-reversed', 'A period ends before it begins; its end is left out.', part.from);
      return;
    }
    if (from === to && start.length < end.length) {
      run.issueOnce('information', 'period-precision', 'A period ends at a time on the day, or in the month, that it begins without one: its end is told as precisely as its start.', part.from);
      period.emit('end', end.slice(0, start.length), part.from, rule);
      return;
    }
  }
  period.emit('end', end, part.from, rule);
}
