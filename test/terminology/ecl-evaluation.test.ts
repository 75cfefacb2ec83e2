/** What expression constraints find, in a small invented release: the whole set, and each concept looked up by itself. */
import fc from 'fast-check';
import sql from 'sql-template-tag';
import { Problem } from '../../fhir/problems.ts';
import { openDatabase, type Database } from '../../store/database.ts';
import { eclConcepts } from '../../store/terminology/ecl/concepts.ts';
import { importRelease } from '../../store/terminology/import.ts';
import { withTerminology } from '../../store/terminology/stored-source.ts';
import type { Question } from '../../terminology/source.ts';
import { openFiles } from '../../terminology/import/files.ts';
import { openRelease } from '../../terminology/import/formats.ts';
import { parseEcl } from '../../terminology/ecl/parse.ts';
import { createDatabase } from '../support/house.ts';
import { rf2, Workshop, type SampleConcept } from './releases.ts';

/** Concepts by short names; in expressions `@name` stands for the id. */
const ids: Readonly<Record<string, string>> = {
  root: '100000101', illness: '100000201', plague: '100000301', mild: '100000401', fever: '100000501', place: '100000601', arm: '100000701', hand: '100000801', leg: '100000901',
  change: '100001001', swelling: '100001101', rot: '100001201', attribute: '100001301', site: '100001401', shape: '100001501', cause: '100001601', strength: '100001701', brand: '100001801', wet: '100001901',
  refset: '100002001', short: '100002101', long: '100002201', drug: '100002301', pill: '100002401', tonic: '100002501', old: '100002601', history: '900000000000522004', sameAs: '900000000000527005', replacedBy: '900000000000526001', older: '100002701', both: '100002801',
};
const id = (name: string): string => ids[name]!;
const names = new Map(Object.entries(ids).map(([name, code]) => [code, name]));

const concept = (name: string, parents: readonly string[], more: Partial<SampleConcept> = {}): SampleConcept => ({ id: id(name), name: `The ${name}`, parents: parents.map(id), ...more });
const has = (group: number, attribute: string, value: string): readonly [number, string, string] => [group, id(attribute), ids[value] ?? value];

const sample: readonly SampleConcept[] = [
  concept('root', []),
  concept('illness', ['root']),
  concept('plague', ['illness'], { defined: true, synonyms: ['Glorp fever', 'Heart-attack of glorp'], attributes: [has(1, 'site', 'arm'), has(1, 'shape', 'swelling'), has(2, 'site', 'leg'), has(2, 'shape', 'rot')] }),
  concept('mild', ['plague'], { time: '20200131', module: '900000000000012004', attributes: [has(1, 'site', 'hand'), has(1, 'shape', 'rot')] }),
  concept('fever', ['illness'], { defined: true, attributes: [has(0, 'cause', 'pill')] }),
  // Swelling and leg, though not in one group.
  concept('both', ['illness'], { attributes: [has(1, 'site', 'arm'), has(2, 'shape', 'swelling'), has(3, 'site', 'leg')] }),
  concept('place', ['root']), concept('arm', ['place']), concept('hand', ['arm']), concept('leg', ['place']),
  concept('change', ['root']), concept('swelling', ['change']), concept('rot', ['change']),
  concept('attribute', ['root']), ...['site', 'shape', 'cause', 'strength', 'brand', 'wet'].map((name) => concept(name, ['attribute'])),
  concept('refset', ['root']), concept('short', ['refset']), concept('long', ['refset']),
  concept('drug', ['root']),
  concept('pill', ['drug'], { attributes: [has(0, 'strength', '#5'), has(0, 'brand', '"GLORPADOL extra"'), has(0, 'wet', 'false')] }),
  concept('tonic', ['drug'], { attributes: [has(0, 'strength', '#12.5'), has(0, 'wet', 'true')] }),
  concept('history', ['root']), concept('sameAs', ['history']), concept('replacedBy', ['history']),
  concept('old', [], { inactive: true }), concept('older', [], { inactive: true }),
];
const members = [
  { refset: id('short'), concept: id('plague') }, { refset: id('short'), concept: id('arm') }, { refset: id('long'), concept: id('plague') }, { refset: id('long'), concept: id('fever') },
  { refset: id('sameAs'), concept: id('old'), target: id('plague') }, { refset: id('replacedBy'), concept: id('older'), target: id('plague') },
];

const workshop = new Workshop();
let database: Database;
let drop: () => Promise<void>;
let key: { tenant: number; number: number };
beforeAll(async () => {
  const created = await createDatabase();
  drop = created.drop;
  database = openDatabase({ connection: { connectionString: created.url }, size: 4, onIdleError: () => {} });
  const files = await openFiles(await workshop.folder('SnomedCT_Invention', rf2(sample, members)));
  const { system } = await importRelease(database, files, await openRelease('snomed', files, {}), { tenant: 0, format: 'snomed', now: () => new Date('2026-03-02T09:00:00Z'), onProgress: () => {} });
  key = { tenant: 0, number: system };
});
afterAll(async () => {
  await database.close();
  await drop();
  await workshop.clean();
});

const written = (text: string): string => text.replace(/@(\w+)/g, (_, name: string) => id(name));

/** Every concept at once, and along with another constraint that differs in its concepts alone. */
async function together(text: string): Promise<string[]> {
  const other = written(text).replace(/\d{9}/g, (code) => code === id('illness') ? id('place') : code === id('arm') ? id('leg') : code);
  return withTerminology(database, { tenant: 1 }, async (source) => {
    const [system] = await source.codeSystems('http://snomed.info/sct');
    const questions = [written(text), other].flatMap((one) => Object.values(ids).map((code): Question => ({ system: system!, code, where: [{ kind: 'ecl', constraint: parseEcl(one) }] })));
    const answers = await source.ask(questions);
    return Object.keys(ids).filter((_, index) => answers[index]!.truths[0] === true).toSorted();
  });
}

async function all(text: string): Promise<string[]> {
  const { rows } = await database.query<{ code: string }>(sql`
    select code from code_system_concept where tenant = 0 and system = ${key.number} and concept in (${eclConcepts(parseEcl(written(text)), key)}) order by concept`);
  return rows.map(({ code }) => names.get(code)!).toSorted();
}

async function lookedUp(text: string): Promise<string[]> {
  const { rows } = await database.query<{ code: string }>(sql`
    select c.code from code_system_concept c where tenant = 0 and system = ${key.number} and c.concept in (${eclConcepts(parseEcl(written(text)), key, sql`c.concept`)})`);
  return rows.map(({ code }) => names.get(code)!).toSorted();
}

const active = Object.keys(ids).filter((name) => name !== 'old' && name !== 'older').toSorted();
const illnesses = ['both', 'fever', 'illness', 'mild', 'plague'];

const cases: readonly (readonly [expression: string, found: readonly string[]])[] = [
  // 6.1 simple
  ['@plague', ['plague']], ['999999101', []], ['*', active],
  ['< @illness', ['both', 'fever', 'mild', 'plague']], ['<< @illness', illnesses], ['<! @illness', ['both', 'fever', 'plague']], ['<<! @illness', ['both', 'fever', 'illness', 'plague']],
  ['> @mild', ['illness', 'plague', 'root']], ['>> @mild', ['illness', 'mild', 'plague', 'root']], ['>! @mild', ['plague']], ['>>! @mild', ['mild', 'plague']],
  ['< *', active.filter((name) => name !== 'root')], ['<< *', active], ['>! *', ['arm', 'attribute', 'change', 'drug', 'history', 'illness', 'place', 'plague', 'refset', 'root']],
  ['^ @short', ['arm', 'plague']], ['^ *', ['arm', 'fever', 'old', 'older', 'plague']], ['^ (< @refset)', ['arm', 'fever', 'plague']],
  ['^ [targetComponentId] @sameAs', ['plague']], ['^ @sameAs', ['old']],
  // 6.12 top and bottom
  ['!!> (<< @plague OR << @place)', ['place', 'plague']], ['!!< (<< @plague OR << @place)', ['hand', 'leg', 'mild']],
  // 6.2 refinements
  ['< @illness : @site = @arm', ['both', 'plague']], ['< @illness : @site = << @arm', ['both', 'mild', 'plague']], ['* : @site = << @arm, @shape = @swelling', ['both', 'plague']],
  ['* : {@site = << @arm, @shape = @swelling}', ['plague']], ['* : {@site = @leg, @shape = @swelling}', []], ['* : {@site = @arm}, {@site = @leg}', ['both', 'plague']],
  ['* : {@site = @hand, @shape = @rot} OR {@cause = *}', ['fever', 'mild']], ['* : {@cause = @pill}', ['fever']],
  // Outside of groups each attribute is by itself.
  ['* : {@strength = #5, @wet = false}', []], ['< @drug : [3..3] {* = *}', ['pill']],
  ['* : @site = *', ['both', 'mild', 'plague']], ['* : * = @rot', ['mild', 'plague']], ['* : << @attribute = @pill', ['fever']],
  ['* : @site = @arm OR @cause = @pill', ['both', 'fever', 'plague']], ['* : (@site = @arm OR @cause = @pill), @shape = *', ['both', 'plague']],
  ['* : @strength = #5', ['pill']], ['* : @strength >= #5.0', ['pill', 'tonic']], ['* : @strength > #5', ['tonic']], ['* : @strength != #5', ['tonic']], ['* : @strength < #100', ['pill', 'tonic']],
  ['* : @brand = "glorpadol"', ['pill']], ['* : @brand = "extra glorp"', ['pill']], ['* : @brand = "padol"', []], ['* : @brand = wild:"*DOL ex*"', ['pill']], ['* : @brand != "glorpadol"', []], ['* : @wet = true', ['tonic']], ['* : @wet != true', ['pill']],
  ['* : R @site = < @illness', ['arm', 'hand', 'leg']], ['* : R @cause = @fever', ['pill']], ['<< @plague . @site', ['arm', 'hand', 'leg']], ['@fever . @cause . @strength', []], ['(@plague OR @fever) . *', ['arm', 'leg', 'pill', 'rot', 'swelling']],
  // 6.3 cardinality
  ['* : [1..1] @site = *', ['mild']], ['* : [2..*] @site = *', ['both', 'plague']], ['* : [2..2] @site = << @place', ['both', 'plague']], ['< @illness : [0..0] @site = *', ['fever']], ['< @illness : [0..1] @site = *', ['fever', 'mild']], ['< @illness : [0..*] @site = @arm', ['both', 'fever', 'mild', 'plague']],
  ['* : [2..*] {@site = *}', ['both', 'plague']], ['* : [1..1] {@site = *, @shape = *}', ['mild']], ['< @illness : [0..0] {@site = *}', ['fever']], ['< @illness : [0..1] {@shape = *}', ['both', 'fever', 'mild']], ['* : {[2..*] @site = *}', []], ['* : {[0..0] @shape = *, @site = *}', ['both']], ['* : {[0..1] @shape = *, @site = @leg}', ['both', 'plague']],
  ['* : [2..*] R @site = < @illness', ['arm', 'leg']],
  // 6.4 and 6.5
  ['< @illness AND ^ @short', ['plague']], ['^ @short OR ^ @long', ['arm', 'fever', 'plague']], ['< @illness MINUS ^ @long', ['both', 'mild']], ['< @illness, ^ @short, ^ @long', ['plague']],
  ['* : @site != << @arm', ['both', 'plague']], ['* : [0..0] @site != << @arm, [1..*] @site = << @arm', ['mild']], ['* : @site = (<< @place MINUS << @arm)', ['both', 'plague']], ['* : @site != *', []],
  // 6.7 nested
  ['<< (^ @short)', ['arm', 'hand', 'mild', 'plague']], ['> (^ @short)', ['illness', 'place', 'root']], ['(< @illness : @site = @hand) OR @arm', ['arm', 'mild']], ['< @illness : @cause = (< @drug : @strength = #5)', ['fever']], ['< @illness : (@site OR @cause) = *', ['both', 'fever', 'mild', 'plague']], ['< @illness : [0..0] (< @attribute MINUS @cause) = *', ['fever']],
  // 6.8 descriptions
  ['* {{ term = "fev glo" }}', ['plague']], ['* {{ term = ("fever" "hand") }}', ['fever', 'hand', 'plague']], ['* {{ term = "attack" }}', ['plague']], ['* {{ term = wild:"The *lag*" }}', ['plague']], ['* {{ term = wild:"the plagu_" }}', []], ['<< @illness {{ D term = "ever", type = syn }}', []], ['<< @illness {{ term = "fever", type = fsn }}', ['fever']], ['@plague {{ term != "plague" }}', ['plague']],
  ['@plague {{ language = es }}', []], ['@plague {{ language != es }}', ['plague']], ['<< @illness {{ term = "glorp", dialect = en-gb (accept) }}', ['plague']], ['<< @illness {{ term = "glorp", dialect = en-gb (prefer) }}', []], ['<< @illness {{ term = "glorp", dialect = en-us }}', []], ['<< @illness {{ dialectId = 900000000000509007, moduleId = 900000000000012004 }}', ['mild']],
  ['<< @illness {{ effectiveTime < "20210101" }}', ['mild']], ['<< @illness {{ effectiveTime = ("20200131" "20210131"), active = true }}', ['mild']], ['* {{ id = 90000000101 }}', ['root']],
  // 6.9 concepts
  ['<< @illness {{ C definitionStatus = defined }}', ['fever', 'plague']], ['<< @illness {{ C definitionStatus != defined }}', ['both', 'illness', 'mild']], ['<< @illness {{ C definitionStatus = (primitive defined) }}', illnesses], ['<< @illness {{ C definitionStatusId = 900000000000073002 }}', ['fever', 'plague']],
  ['* {{ C moduleId = 900000000000012004 }}', ['mild']], ['<< @illness {{ C moduleId != 900000000000012004 }}', ['both', 'fever', 'illness', 'plague']], ['<< @illness {{ C effectiveTime > "20200131" }}', ['both', 'fever', 'illness', 'plague']], ['* {{ C active = false }}', ['old', 'older']], ['* {{ C active = 1 }} {{ C definitionStatus = defined }}', ['fever', 'plague']],
  // 6.10 and 6.11
  ['^ @sameAs {{ M targetComponentId = << @illness }}', ['old']], ['^ @sameAs {{ M targetComponentId != << @illness }}', []], ['^ @short {{ M referencedComponentId = << @place, active = 1 }}', ['arm']],
  ['@plague {{ + HISTORY-MIN }}', ['old', 'plague']], ['@plague {{ + HISTORY-MOD }}', ['old', 'older', 'plague']], ['@plague {{ + HISTORY }}', ['old', 'older', 'plague']], ['@plague {{ + HISTORY (@replacedBy) }}', ['older', 'plague']],
];

test.each(cases)('%s', async (expression, found) => {
  expect(await all(expression)).toEqual(found);
  expect(await lookedUp(expression)).toEqual(found);
});

describe('what the tables cannot tell is refused by its name, with its place', () => {
  test.each([
    ['LOINC#1-8', 1, 'codes of other schemes are not in the release'],
    ['^ [mapTarget] @short', 1, 'of the fields of reference sets one of referencedComponentId and targetComponentId can be asked for'],
    ['^ @short {{ M mapTarget = "A" }}', 18, 'of the fields of reference sets only referencedComponentId and targetComponentId are kept'],
    ['^ @short {{ M active = false }}', 18, 'inactive members are not kept'],
    ['* {{ D active = false }}', 8, 'inactive descriptions are not kept'],
    ['* : { R @site = * }', 7, 'an attribute in reverse has no meaning in a group'],
    ['* : R @site = #5', 5, 'an attribute in reverse leads to concepts'],
  ])('%s', (expression, position, what) => {
    let refused: unknown;
    try {
      eclConcepts(parseEcl(written(expression)), key);
    } catch (error) {
      refused = error;
    }
    expect(refused instanceof Problem && [refused.code, refused.issues[0].details]).toEqual(['ecl-not-evaluated', { position, what }]);
  });
});

test('any constraint is SQL that PostgreSQL takes, and both ways of asking agree', async () => {
  const someConcept = fc.constantFrom('@illness', '@plague', '@place', '@arm', '@root', '@short', '@pill', '*');
  const { constraint } = fc.letrec<{ constraint: string; part: string; refinement: string; comparison: string }>((tie) => ({
    part: fc.oneof({ depthSize: 'small', withCrossShrink: true }, someConcept, fc.tuple(fc.constantFrom('<', '<<', '<!', '>', '>>', '>!', '!!>', '!!<', '^', '<< ^'), fc.oneof(someConcept, tie('constraint').map((inner) => `(${inner})`))).map(([sign, of]) => `${sign} ${of}`), tie('constraint').map((inner) => `(${inner})`)),
    comparison: fc.oneof(tie('part').map((value) => `= ${value}`), tie('part').map((value) => `!= ${value}`), fc.constantFrom('= #5', '> #1', '= "glorp"', '!= true')),
    refinement: fc.oneof(
      { depthSize: 'small' },
      fc.tuple(fc.constantFrom('', '[0..0] ', '[0..1] ', '[1..2] ', '[2..*] '), fc.constantFrom('@site', '@shape', '*', '(< @attribute)'), tie('comparison')).map(([many, name, value]) => `${many}${name} ${value}`),
      fc.tuple(fc.constantFrom('', '[0..0] ', '[2..*] '), fc.constantFrom('@site', '*'), tie('comparison'), fc.constantFrom('@shape = *', '[0..1] @shape = @rot')).map(([many, name, value, other]) => `${many}{ ${name} ${value}, ${other} }`),
    ),
    constraint: fc.oneof(
      { depthSize: 'small' }, tie('part'), fc.tuple(tie('part'), fc.constantFrom('AND', 'OR', 'MINUS'), tie('part')).map((parts) => parts.join(' ')), fc.tuple(tie('part'), tie('refinement')).map(([focus, by]) => `${focus} : ${by}`),
      tie('part').map((of) => `${of} . @site`), tie('part').map((of) => `${of} {{ C definitionStatus = defined }}`), tie('part').map((of) => `${of} {{ term = "the" }}`), tie('part').map((of) => `${of} {{ + HISTORY }}`),
    ),
  }));
  await fc.assert(fc.asyncProperty(constraint, async (expression) => {
    const found = await all(expression);
    expect(await lookedUp(expression)).toEqual(found);
    expect(await together(expression)).toEqual(found);
  }), { numRuns: 150 });
});
