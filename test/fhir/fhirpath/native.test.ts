/** FHIRPath compiled: what is refused, what an evaluation may cost, and what a constraint's result is. */
import fc from 'fast-check';
import { FhirPathError } from '../../../fhir/fhirpath/error.ts';
import { compileExpression, type Environment, type Rules } from '../../../fhir/fhirpath/native/index.ts';
import { parseJson } from '../../../fhir/json.ts';

const patient = parseJson(`{
  "resourceType": "Patient", "id": "one", "active": true, "gender": "female",
  "birthDate": "1961-04-30", "_birthDate": { "extension": [{ "url": "http://example.org/time", "valueDateTime": "1961-04-30T04:00:00Z" }] },
  "name": [{ "use": "official", "family": "Núñez", "given": ["María", null, "Elena"], "_given": [null, { "id": "middle" }, null] }, { "use": "maiden", "given": ["Eva"] }],
  "telecom": [{ "system": "phone", "value": "1" }, { "system": "email", "value": "2" }],
  "contained": [{ "resourceType": "Organization", "id": "clinic", "name": "Clinic" }],
  "managingOrganization": { "reference": "#clinic" }, "generalPractitioner": [{ "reference": "Practitioner/two" }],
  "multipleBirthInteger": 2,
  "extension": [{ "url": "http://example.org/weight", "valueQuantity": { "value": 1.50, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg" } }]
}`) as Record<string, unknown>;

const now = new Date('2026-03-01T12:34:56.789Z');

function environment(more: Partial<Environment> = {}, resource: unknown = patient): Environment {
  return { resource, rootResource: resource, now, ...more };
}

function holdsFor(expression: string, more: Partial<Environment> = {}): boolean | undefined {
  return compileExpression(expression, 'Patient').test(patient, undefined, environment(more));
}

function values(expression: string, rules: Rules = 'published'): unknown[] {
  return compileExpression(expression, 'Patient', { rules }).values(patient, undefined, environment());
}

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof FhirPathError) return error.code;
    throw error;
  }
  return undefined;
}

describe('what is refused', () => {
  test.each([
    ['', 'syntax'], ['name.', 'syntax'], ['(name', 'syntax'], ["'open", 'syntax'], ['name name', 'syntax'], ['@2024-13-01', 'syntax'], ['1 +', 'syntax'], ['/* open', 'syntax'], ['name[', 'syntax'], ['#', 'syntax'],
    ['name.nothing()', 'unsupported'], ['elementDefinition()', 'unsupported'], ['name.where()', 'semantic'], ['name.exists(1, 2)', 'semantic'], ['value is Other.Type', 'semantic'],
    [`${'('.repeat(5000)}1${')'.repeat(5000)}`, 'limit'], ['name'.padEnd(30_000, '.name'), 'limit'], [`1${' + 1'.repeat(2000)}`, 'limit'], [`a${'.a'.repeat(2000)}`, 'limit'],
  ])('%s: %s', (expression, code) => {
    expect(codeOf(() => compileExpression(expression, 'Patient'))).toBe(code);
  });

  test('a long list is none of it', () => {
    const codes = Array.from({ length: 900 }, (_, index) => `gender = 'code${index}'`).join(' or ');
    expect(holdsFor(codes)).toBe(false);
    expect(holdsFor(`${codes} or gender = 'female'`)).toBe(true);
    expect(holdsFor(`gender in (${Array.from({ length: 900 }, (_, index) => `'code${index}'`).join(' | ')} | 'female')`)).toBe(true);
    expect(values(`(${codes})`)).toEqual([false]);
  });

  test('messages hold nothing of the expression and nothing of the resource', () => {
    for (const expression of ["'Secret' Secret", 'Secret.secret()', 'name.given.single()', "name.family + 1 'Secret'"]) {
      try {
        values(expression);
      } catch (error) {
        expect((error as Error).message).not.toMatch(/Secret|María|Núñez/i);
      }
    }
  });

  test('any text is compiled or refused, and never anything else', () => {
    const words = fc.constantFrom('name', 'given', '.', '(', ')', 'where', 'exists()', "'a'", '1', '=', 'and', 'is', 'Patient', '$this', '|', '%resource', '{}', '[0]', 'as', '-', '@2020', '"', '`', '\\', "'", '\u2028');
    fc.assert(fc.property(fc.array(words, { maxLength: 12 }), (parts) => {
      const expression = parts.join(' ');
      const code = codeOf(() => holdsFor(expression));
      expect(code === undefined || ['syntax', 'unsupported', 'semantic', 'evaluation', 'limit'].includes(code)).toBe(true);
    }), { numRuns: 500 });
  });

  test('a text in an expression stays a text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (text) => {
      const written = `'${text.replace(/[\\']/g, (sign) => `\\${sign}`)}'`;
      const focus = { resourceType: 'Patient', gender: text, name: [{ family: text }] };
      const holds = compileExpression(`gender = ${written} and name.where(family = ${written}).exists() and gender in (${written} | 'other') and gender.startsWith(${written})`, 'Patient');
      expect(holds.test(focus, undefined, environment({}, focus))).toBe(true);
      expect(holds.test({ ...focus, gender: `${text}!` }, undefined, environment({}, focus))).toBe(false);
    }));
    const hostile = String.raw`gender = '"; globalThis.taken = true; "\'; globalThis.taken = true; //\u0000\u2028${'$'}{globalThis.taken = true}'`;
    expect(holdsFor(hostile)).toBe(false);
    expect('taken' in globalThis).toBe(false);
    // A name that every object has is no element.
    expect(values('constructor | __proto__ | toString | hasOwnProperty | name.constructor')).toEqual([]);
  });
});

describe('what an evaluation may cost', () => {
  const wide = { resourceType: 'Questionnaire', item: Array.from({ length: 300 }, (_, index) => ({ linkId: `${index}`, item: Array.from({ length: 10 }, (__, inner) => ({ linkId: `${index}.${inner}` })) })) };
  test.each([
    'descendants().select(%resource.descendants().select(%resource.descendants())).count() > 1',
    'descendants().select(%context.descendants()).descendants().count() > 1',
    'repeat($this.item | $this.item.select(%resource)).exists() and descendants().where(%context.descendants().where(linkId = $this).exists()).exists()',
    "descendants().aggregate($total & $total & 'a', 'a').length() > 1",
    'descendants().aggregate($total + $total, 1.5).exists() and descendants().aggregate($total * $total, 1.5).exists()',
    "descendants().aggregate($total | $this & $total.first(), 'a').count() > 1",
    "descendants().linkId.aggregate($total.replace('a', 'aaaaaaaaaa'), 'a').length() > 1",
    "descendants().aggregate($total.combine($total), 'a').count() > 1",
    'item.sort(item.sort(linkId).first().linkId).select(%context.descendants().sort(id)).exists()',
  ])('%s ends', (expression) => {
    const compiled = compileExpression(expression, 'Questionnaire');
    const code = codeOf(() => compiled.test(wide, undefined, environment({}, wide)));
    expect(code === undefined || code === 'limit' || code === 'evaluation').toBe(true);
  });

  test('a product of resources with themselves is given up', () => {
    expect(codeOf(() => compileExpression('descendants().select(%context.descendants()).count() > 1', 'Questionnaire').test(wide, undefined, environment({}, wide)))).toBe('limit');
  });

  test('repeat() ends where it comes back to where it was', () => {
    expect(values('repeat($this)')).toHaveLength(1);
    expect(values('repeat(name | %resource)')).toHaveLength(3);
    expect(values("repeat('a')")).toEqual(['a']);
    expect(codeOf(() => values('(1).repeat($this + 1)'))).toBe('limit');
  });

  test('generated code does not grow with every turn of an expression', () => {
    let expression = 'telecom';
    for (let depth = 0; depth < 40; depth++) expression = `(${expression} xor (gender = 'a'))`;
    expect(() => holdsFor(expression)).not.toThrow();
    expect(holdsFor(`name${'.select($this | $this)'.repeat(40)}.exists()`)).toBe(true);
    expect(holdsFor(`name${'.where(use.exists() or use.exists())'.repeat(40)}.exists()`)).toBe(true);
    expect(() => holdsFor(`extension${'.value.extension'.repeat(30)}.exists()`)).not.toThrow();
  });
});

describe('patterns', () => {
  test.each([
    ['^(a+)+$', 'a'.repeat(50_000) + '!'],
    ['^(([a-z])+.)+[A-Z]([a-z])+$', 'a'.repeat(50_000)],
    ['(a|a)*b', 'a'.repeat(50_000)],
    ['a*a*a*a*a*b', 'a'.repeat(5000)],
    ['(.*)*x', 'a'.repeat(50_000)],
    ['[a-z]+b', 'a'.repeat(100_000)],
    ['^(a{1,50}){1,20}$', 'a'.repeat(999) + '!'],
    ['(?:[^x]{1,64}(?:[.][^.]{1,64})?)*!', 'ab.'.repeat(5000)],
  ])('%s is given up in time', (pattern, text) => {
    const focus = { resourceType: 'Patient', gender: text };
    for (const expression of [`gender.matches('${pattern}')`, `gender.matchesFull('${pattern}')`, `gender.replaceMatches('${pattern}', '') = 'x'`]) {
      expect(compileExpression(expression, 'Patient').test(focus, undefined, environment({}, focus))).toBe(false);
    }
  });

  test.each([['('], ['[z-a]'], ['(?=a)'], ['(a)\\\\1'], ['a{1000}{1000}'], ['('.repeat(1000)], ['a'.repeat(5000)]])('%s is refused', (pattern) => {
    expect(['evaluation', 'limit']).toContain(codeOf(() => holdsFor(`gender.matches('${pattern}')`)));
    expect(['evaluation', 'limit']).toContain(codeOf(() => values(`gender.replaceMatches('${pattern}', 'a')`)));
  });

  test('both matchers say the same', () => {
    const pattern = fc.array(fc.constantFrom('a', 'b', '[ab]', '[^a]', String.raw`\\d`, String.raw`\\.`, 'c*', '[a-c]+', 'b?', '(a)', '(a|b)', '(ab)*', '{0,2}', '.', '^', '$'), { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''));
    fc.assert(fc.property(pattern, fc.string({ unit: fc.constantFrom('a', 'b', 'c', '.', '1', '\n') }), (written, text) => {
      const focus = { resourceType: 'Patient', gender: text };
      let expected: boolean;
      try {
        expected = new RegExp(written.replaceAll('\\\\', '\\'), 's').test(text);
      } catch {
        return;
      }
      // What repeats a repetition, or nothing, is no pattern to one of them.
      const code = codeOf(() => expect(compileExpression(`gender.matches('${written}')`, 'Patient').test(focus, undefined, environment({}, focus))).toBe(expected));
      expect(code === undefined || code === 'evaluation').toBe(true);
    }), { numRuns: 1000 });
  });
});

describe('the result of a constraint', () => {
  test.each([
    ['{}', false], ['name.where(use = \'old\').use', false], ['active', true], ['active.not()', false], ['gender', true], ['telecom', true], ['name.given', true], ['false', false], ['1', true],
    ['gender = {}', false], ['({} or true)', true], ['({} and false).not()', true], ['({} implies false)', false], ['(false implies {})', true], ['({} xor true)', false],
    ["photo.url = 'a'", false], ["(photo.url = 'a').not()", false], ["photo.url != 'a'", false], ["gender in ('male' | 'female')", true], ["(gender in ('male' | 'other')).not()", true],
    ['name.given.count() = 4', true], ['name.given[1].hasValue()', false], ["name[0].given[1].id = 'middle'", true], ['name.first().given.count() + telecom.count() > 4', true],
    ["birthDate.extension('http://example.org/time').value is dateTime", true], ['multipleBirth is integer', true], ['multipleBirth is Integer', true], ['multipleBirth is boolean', false], ['multipleBirth.ofType(integer) = 2', true], ['multipleBirthInteger = 2', true], ['deceased is boolean', false],
    ["extension.value.ofType(Quantity).code = 'kg'", true], ["extension.value.code = 'kg'", true], ["extension('http://example.org/weight').value = 1500 'g'", true], ["extension.value < 2 'kg'", true],
    ['birthDate < today()', true], ["birthDate = '1961-04-30'", true], ['name.tail().use = \'maiden\'', true], ["name.first().family.matches('^N.*z$')", true],
    ['managingOrganization.resolve() is Organization', true], ["managingOrganization.resolve().name = 'Clinic'", true], ["contained.name = 'Clinic'", true], ['contained.contained.empty()', true], ['generalPractitioner.resolve().exists()', false],
    ["%`vs-administrative-gender` = 'http://hl7.org/fhir/ValueSet/administrative-gender'", true], ['Patient.name.exists()', true], ['Person.name.exists()', false], ['name.all(given.exists())', true], ['name.exists(family.empty())', true],
  ])('%s: %s', (expression, expected) => {
    expect(holdsFor(expression)).toBe(expected);
  });

  test('of a primitive, with its extensions or with nothing else', () => {
    const one = { id: 'a', extension: [{ url: 'http://example.org/a', valueCode: 'b' }] };
    const rule = compileExpression('hasValue() or (children().count() > id.count())', 'date');
    expect(rule.test('2020-01-01', undefined, environment())).toBe(true);
    expect(rule.test(undefined, one, environment())).toBe(true);
    expect(rule.test(undefined, { id: 'a' }, environment())).toBe(false);
    expect(compileExpression("extension('http://example.org/a').value = 'b'", 'date').test(undefined, one, environment())).toBe(true);
    expect(compileExpression('empty() or ($this = \'*\') or (toInteger() >= 0)', 'string').test('7', undefined, environment())).toBe(true);
  });

  test('is not known where it hinges on what nobody knows', () => {
    const rule = "gender.memberOf('http://example.org/codes')";
    expect(holdsFor(rule)).toBeUndefined();
    expect(holdsFor(`${rule} or active`)).toBe(true);
    expect(holdsFor(`${rule} and active.not()`)).toBe(false);
    expect(holdsFor(`${rule} or ${rule}.not()`)).toBe(true);
    expect(holdsFor(`${rule}.not()`)).toBeUndefined();
    expect(holdsFor(`${rule} implies active.not()`)).toBeUndefined();
    expect(holdsFor("telecom.system.memberOf('http://example.org/codes')", { memberOf: (value) => value === 'email' })).toBe(true);
    expect(holdsFor(rule, { memberOf: () => true })).toBe(true);
    expect(holdsFor(rule, { memberOf: (value, type) => value === 'male' && type === 'code' })).toBe(false);
    expect(holdsFor("name.where(conformsTo('http://example.org/name')).exists()")).toBeUndefined();
    expect(holdsFor("name.where(conformsTo('http://example.org/name')).exists()", { conformsTo: (_, type) => type === 'HumanName' })).toBe(true);
    expect(holdsFor("gender.subsumes('other')", { subsumes: (general, special) => general === 'female' && special === 'other' })).toBe(true);
    expect(holdsFor('generalPractitioner.resolve() is Practitioner', { resolve: (reference) => (reference === 'Practitioner/two' ? { resourceType: 'Practitioner' } : undefined) })).toBe(true);
    expect(compileExpression('htmlChecks()', 'xhtml').test('<div/>', undefined, environment({ htmlChecks: () => false }))).toBe(false);
  });

  test('a malformed resource is no reason to fail', () => {
    const kinds = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.array(fc.oneof(fc.string(), fc.constant(null), fc.integer())), fc.dictionary(fc.constantFrom('family', 'given', '_given', 'extension', 'url', 'reference', 'start', 'end', 'value'), fc.anything({ maxDepth: 2 })));
    const malformed = fc.dictionary(fc.constantFrom('name', 'telecom', 'contained', 'extension', 'birthDate', '_birthDate', 'gender', 'active', 'period'), kinds);
    const rules = ['contained.contained.empty()', "name.given.where($this.startsWith('a')).exists()", 'name.all(period.start <= period.end)', "extension.value.code = 'a'", 'children().count() > id.count()', 'descendants().where(as(uri) = \'#\').empty()', 'birthDate.extension.exists()', 'active or gender', 'name.given.isDistinct()'].map((rule) => compileExpression(rule, 'Patient'));
    fc.assert(fc.property(malformed, (members) => {
      const focus = { resourceType: 'Patient', ...members };
      for (const rule of rules) expect(codeOf(() => rule.test(focus, undefined, environment({}, focus))) ?? 'evaluation').toBe('evaluation');
    }), { numRuns: 300 });
  });
});

describe('values', () => {
  test('are JSON as it was, and text or decimals where they are computed', () => {
    expect(values('name.given')).toEqual(['María', undefined, 'Elena', 'Eva']);
    expect(values('name.first().given.first() & \'!\'')).toEqual(['María!']);
    expect(values('now() | today() | timeOfDay()')).toEqual(['2026-03-01T12:34:56.789Z', '2026-03-01', '12:34:56.789']);
    expect(String(values('1.50 + 1.50')[0])).toBe('3.00');
    expect(values("1.5 'kg' * 2").map((one) => JSON.stringify(one))).toHaveLength(1);
    expect(compileExpression('birthDate | active', 'Patient').typedValues(patient, undefined, environment()).map(({ type }) => type)).toEqual(['date', 'boolean']);
    expect(values('name.defineVariable(\'n\', family).select(%n | given.first())')).toEqual(['Núñez', 'María', 'Núñez', 'Eva']);
    // What is computed once does not depend on what changes from item to item.
    expect(values("('a' | 'b').select(defineVariable('v', $this).select(%resource.name.where(%v = 'b').count()))")).toEqual([0, 2]);
    expect(values("(1 | 2).aggregate($total + %resource.telecom.where($total > 0).count() + $this, 0)")).toEqual([5]);
    expect(values("('a' | 'female').select(%resource.where(gender = 'female').count())")).toEqual([1, 1]);
    expect(values("gender.iif($this = 'female', 'f', 'other')")).toEqual(['f']);
  });

  test('the letter of the specification refuses what published constraints may do', () => {
    for (const expression of ['name.as(HumanName)', 'telecom and active', 'name.surname', 'multipleBirthInteger', 'active.as(Nothing)', 'children().first()', "iif('a', 1, 2)", 'name.startsWith(\'a\')', 'Person.name']) {
      expect([expression, codeOf(() => values(expression, 'specification'))]).toEqual([expression, expect.stringMatching(/semantic|evaluation/)]);
      expect([expression, codeOf(() => values(expression)) ?? 'evaluation']).toEqual([expression, 'evaluation']);
    }
  });

  test('a published constraint that is known to be wrong is read as it is meant', () => {
    const rule = compileExpression("reference.startsWith('#').not() or (reference.substring(1).trace('url') in %rootResource.contained.id.trace('ids'))", 'Reference');
    expect(rule.test({ display: 'a' }, undefined, environment())).toBe(true);
    expect(rule.test({ reference: '#clinic' }, undefined, environment())).toBe(true);
    expect(rule.test({ reference: '#other' }, undefined, environment())).toBe(false);
    const name = compileExpression("name.matches('[A-Z]([A-Za-z0-9_]){0,254}')", 'ValueSet');
    expect([{}, { name: 'Kinds' }, { name: 'of Kinds' }].map((one) => name.test(one, undefined, environment()))).toEqual([true, true, false]);
  });
});
