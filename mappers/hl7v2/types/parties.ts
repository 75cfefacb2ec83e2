/**
 * Data types that stand for a party or a place of their own: XCN, CNN, NDL, XON, HD and PL as Practitioner,
 * PractitionerRole, Organization, Device, Location. Each says by which number it is known, which is what its address is
 * made of; without a number it is known by its place in the message. Never by a name.
 * Source: v2-to-FHIR XCN[Practitioner], XON[Organization], PL[Location].
 */
import type { Cursor } from '../../draft.ts';
import type { Part } from '../engine/part.ts';
import type { Run } from '../engine/run.ts';
import { codeSystemOf } from './code-systems.ts';
import { codeText, fillConcept, stringOf } from './coded.ts';
import { authorityKey, emitAuthority, emitCheckDigit, emitPeriod, emitType, fillHdIdentifiers } from './identifiers.ts';
import { emitAssembly, emitUse, fillNameParts } from './names.ts';

export interface Party {
  /** What tells it from others of its type, beside the type itself; undefined where it has no number. */
  key(part: Part, run: Run): string | undefined;
  fill(at: Cursor, part: Part, rule: string, run: Run): void;
}

/** XCN, of Practitioner, RelatedPerson and Patient alike. */
export const person: Party = {
  key: (part, run) => (part.textAt(1) === undefined ? undefined : `${part.textAt(1)}|${part.textAt(13) ?? ''}|${authorityKey(part.at(9), run)}`),
  fill(at, part, rule, run) {
    const [number, type] = [part.at(1), part.at(13)];
    if (number.text !== undefined) {
      const identifier = at.another('identifier');
      emitType(identifier, type, rule);
      if (type.text === 'NPI') identifier.set('system', 'http://hl7.org/fhir/sid/us-npi');
      if (type.text === 'NPI') for (const place of part.at(9).places()) run.draft.consult(place);
      else emitAuthority(identifier, part.at(9), rule, run);
      identifier.emit('value', stringOf(number), number.from, rule);
      emitCheckDigit(identifier, part.at(11), part.at(12), rule);
    }
    const name = at.another('name');
    fillNameParts(name, part, 2, rule, run);
    if (!name.exists) return;
    emitUse(name, part.at(10), rule, run);
    emitPeriod(name, part.at(19), part.at(20), rule, run);
    emitAssembly(name, part.at(18), rule);
    const professional = part.at(21);
    if (professional.text !== undefined) name.emitItem('suffix', stringOf(professional), professional.from, rule);
  },
};

/** CNN: number and name as subcomponents of a component. */
export const namedPerson: Party = {
  key: (part, run) => (part.textAt(1) === undefined ? undefined : `${part.textAt(1)}||${authorityKey(part, run, 9)}`),
  fill(at, part, rule, run) {
    const number = part.at(1);
    if (number.text !== undefined) {
      const identifier = at.another('identifier');
      emitAuthority(identifier, part, rule, run, 9);
      identifier.emit('value', stringOf(number), number.from, rule);
    }
    fillNameParts(at.another('name'), part, 2, rule, run);
  },
};

/** XON. */
export const organization: Party = {
  key(part, run) {
    const number = part.textAt(10) ?? part.textAt(3);
    return number === undefined ? undefined : `${number}|${part.textAt(7) ?? ''}|${authorityKey(part.at(6), run)}`;
  },
  fill(at, part, rule, run) {
    const number = part.textAt(10) === undefined ? part.at(3) : part.at(10);
    if (number.text !== undefined) {
      const identifier = at.another('identifier');
      emitType(identifier, part.at(7), rule);
      emitAuthority(identifier, part.at(6), rule, run);
      identifier.emit('value', stringOf(number), number.from, rule);
      emitCheckDigit(identifier, part.at(4), part.at(5), rule);
    }
    at.emit('name', stringOf(part.at(1)), part.at(1).from, rule);
    if (part.textAt(1) === undefined && number.text !== undefined) at.set('name', stringOf(number));
  },
};

/** CWE as an organization: code and words. */
export const codedOrganization: Party = {
  key: (part, run) => (part.textAt(1) === undefined ? undefined : `${part.textAt(1)}||${codeSystemOf(part.textAt(3), run) ?? `${run.sender}|${part.textAt(3) ?? ''}`}`),
  fill(at, part, rule, run) {
    const [code, words] = [part.at(1), part.textAt(9) === undefined ? part.at(2) : part.at(9)];
    if (code.text !== undefined) {
      const identifier = at.another('identifier');
      const system = codeSystemOf(part.textAt(3), run);
      if (system !== undefined) identifier.emit('system', system, part.at(3).from, rule);
      identifier.emit('value', stringOf(code), code.from, rule);
    }
    at.emit('name', stringOf(words), words.from, rule);
    if (words.text === undefined && code.text !== undefined) at.set('name', stringOf(code));
  },
};

/** HD as an organization or a device: known by its universal id, or by its namespace with this sender. */
export const namespace: Party = {
  key: (part, run) => (part.valued ? authorityKey(part, run) : undefined),
  fill(at, part, rule, run) {
    fillHdIdentifiers(at, part, rule, run);
    if (at.peek('resourceType') === 'Organization' && part.textAt(1) !== undefined) at.set('name', stringOf(part.at(1)));
    if (at.peek('resourceType') === 'Location') at.set('name', stringOf(part.at(1)) ?? stringOf(part.at(2)));
  },
};

/** EI as a device or specimen. */
export const entity: Party = {
  key: (part, run) => (part.textAt(1) === undefined ? undefined : `${part.textAt(1)}|${authorityKey(part, run, 2)}`),
  fill(at, part, rule, run) {
    const identifier = at.another('identifier');
    emitAuthority(identifier, part, rule, run, 2);
    identifier.emit('value', stringOf(part.at(1)), part.at(1).from, rule);
  },
};

/** Levels of PL, the widest first, with the code of v2's location-physical-type. */
const LEVELS = [[4, 'si', 'Site'], [7, 'bu', 'Building'], [8, 'lvl', 'Level'], [1, 'wi', 'Wing'], [2, 'ro', 'Room'], [3, 'bd', 'Bed']] as const;

/**
 * PL: a Location for each level, each part of the one around it; what is referred to is the narrowest. The point of care
 * (PL.1) has no physical type of its own and is given that of a wing, as it lies between building and room.
 */
export const place: Party = {
  key: (part, run) => placeKey(part, run, 3),
  fill(at, part, rule, run) {
    const levels = LEVELS.filter(([n]) => part.at(n).valued);
    const narrowest = levels.at(-1);
    if (narrowest === undefined) {
      at.emit('description', stringOf(part.at(9)), part.at(9).from, rule);
      return;
    }
    let around: string | undefined;
    for (const level of levels) {
      const url = level === narrowest ? undefined : run.url('Location', placeKey(part, run, level[0]) ?? '');
      const isKnown = url !== undefined && run.draft.has(url);
      const location = url === undefined ? at : run.draft.resource('Location', url);
      if (isKnown) for (const each of part.at(level[0]).places()) run.draft.consult(each);
      else fillLevel(location, part.at(level[0]), level, rule, run);
      if (around !== undefined && !isKnown) location.within('partOf').set('reference', around);
      around = url;
    }
    fillRest(at, part, rule, run);
  },
};

function fillLevel(at: Cursor, level: Part, [, code, display]: (typeof LEVELS)[number], rule: string, run: Run): void {
  const identifier = at.another('identifier');
  const text = level.at(1);
  if (text.text !== undefined) {
    identifier.emit('value', stringOf(text), text.from, rule);
    at.set('name', stringOf(text));
  }
  const universal = level.at(2);
  if (universal.text !== undefined) {
    identifier.within('assigner').within('identifier').emit('value', stringOf(universal), universal.from, rule);
    run.draft.consult(level.at(3).from);
  }
  at.set('mode', 'instance');
  const coding = at.within('physicalType').another('coding');
  coding.set('system', 'http://terminology.hl7.org/CodeSystem/location-physical-type').set('code', code).set('display', display);
}

function fillRest(at: Cursor, part: Part, rule: string, run: Run): void {
  at.emit('description', stringOf(part.at(9)), part.at(9).from, rule);
  const own = part.at(10);
  if (own.textAt(1) !== undefined) {
    const identifier = at.another('identifier');
    emitAuthority(identifier, own, rule, run, 2);
    identifier.emit('value', stringOf(own.at(1)), own.at(1).from, rule);
  }
  const status = part.at(5);
  if (status.text !== undefined) run.draft.leave(status.from, 'the status of a bed is that of a moment, not of the place');
}

/** A place is known by all that is around it. */
function placeKey(part: Part, run: Run, level: number): string | undefined {
  const names: string[] = [];
  for (const [n] of LEVELS) {
    names.push(part.textAt(n) ?? part.at(n).textAt(2) ?? '');
    if (n === level) break;
  }
  return names.some((each) => each !== '') ? `${run.sender}|${names.join('|')}` : undefined;
}

/** DLD as a place: what kind of place the patient was discharged to. */
export const dischargeLocation: Party = {
  key: () => undefined,
  fill(at, part, rule, run) {
    const kind = part.at(1);
    if (!kind.valued) return;
    fillConcept(at.another('type'), kind.component > 0 ? kind : part, rule, run, 'DischargedToLocation');
    at.set('name', codeText(kind.at(1)));
  },
};

/** NDL: a person with the time and place of what was done, as a PractitionerRole. */
export const dated: Party = {
  key: () => undefined,
  fill(at, part, rule, run) {
    const named = part.at(1);
    if (named.valued) {
      const key = namedPerson.key(named, run);
      const url = key === undefined || run.differs(run.url('Practitioner', key), named.content) ? run.placeUrl('Practitioner', part.segment, part.field, part.repetition) : run.url('Practitioner', key);
      const isKnown = run.draft.has(url);
      const practitioner = run.draft.resource('Practitioner', url);
      if (isKnown) for (const each of named.places()) run.draft.consult(each);
      else namedPerson.fill(practitioner, named, rule, run);
      at.within('practitioner').set('reference', url);
    }
    emitPeriod(at, part.at(2), part.at(3), rule, run);
  },
};
