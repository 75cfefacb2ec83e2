/** Expression constraints where value sets are: in addresses that SNOMED CT defines, and as filters of a composition. */
import { importRelease } from '../../store/terminology/import.ts';
import { openFiles } from '../../terminology/import/files.ts';
import { openRelease } from '../../terminology/import/formats.ts';
import { openHouse, send, type TestHouse } from '../support/house.ts';
import { csv, rf2, Workshop } from './releases.ts';

const [root, illness, plague, mild, gone, refsets, list, site, arm] = ['100000101', '100000201', '100000301', '100000401', '100000501', '900000000000455006', '100000701', '100000801', '100000901'] as const;
const workshop = new Workshop();
let house: TestHouse;

beforeAll(async () => {
  house = await openHouse();
  const load = async (format: string, path: string): Promise<void> => {
    const files = await openFiles(path);
    await importRelease(house.server.house.database, files, await openRelease(format, files, {}), { tenant: 0, format, now: () => house.clock.now, onProgress: () => {} });
  };
  const concepts = [
    { id: root, name: 'Everything' }, { id: illness, name: 'Illness', parents: [root] }, { id: plague, name: 'Plague', parents: [illness], attributes: [[1, site, arm]] as const }, { id: mild, name: 'Mild plague', parents: [plague] },
    { id: gone, name: 'Gone', inactive: true }, { id: refsets, name: 'Reference set', parents: [root] }, { id: list, name: 'List', parents: [refsets] }, { id: site, name: 'Site', parents: [root] }, { id: arm, name: 'Arm', parents: [root] },
  ];
  await load('snomed', await workshop.folder('SnomedCT_First', rf2(concepts, [{ refset: list, concept: plague }], '20260131')));
  await load('snomed', await workshop.folder('SnomedCT_Second', rf2(concepts.filter(({ id }) => id !== mild), [{ refset: list, concept: plague }], '20260731')));
  await load('loinc', await workshop.folder('Loinc_2.99', {
    'Loinc.csv': csv([['LOINC_NUM', 'LONG_COMMON_NAME', 'STATUS'], ['99901-1', 'Glorp', 'ACTIVE']]),
    'AnswerList.csv': csv([['AnswerListId', 'AnswerListName', 'AnswerStringId', 'DisplayText'], ['LL999-1', 'Glorpness', 'LA9991-1', 'Much']]),
  }));
});
afterAll(async () => {
  await house.close();
  await workshop.clean();
});

/** Codes of the value set, or the status and what is wrong. */
async function expanded(url: string): Promise<unknown> {
  const { status, json } = await send('GET', `${house.fhir}/ValueSet/$expand?excludeNested=true&url=${encodeURIComponent(url)}`);
  return status === 200 ? ((json.expansion.contains ?? []) as { code: string }[]).map(({ code }) => code).toSorted() : [status, json.issue[0].diagnostics ?? json.issue[0].details?.text];
}

const sct = 'http://snomed.info/sct';
const first = `${sct}/900000000000207008/version/20260131`;

test('what is no constraint is refused with the place, what cannot be told by its name', async () => {
  expect(await expanded(`${sct}?fhir_vs=ecl/<< ${plague} AND`)).toEqual([400, expect.stringContaining('not valid at character 17: a concept id is expected')]);
  expect(await expanded(`${sct}?fhir_vs=ecl/^ [mapTarget] ${list}`)).toEqual([400, expect.stringContaining('cannot be evaluated here: of the fields of reference sets one of referencedComponentId and targetComponentId')]);
  expect(await expanded(`${sct}?fhir_vs=nonsense`)).toEqual([404, expect.any(String)]);
  expect(await expanded(`${sct}/900000000000207008/version/20250101?fhir_vs`)).toEqual([422, expect.any(String)]);
});

describe('addresses', () => {
  test.each([
    ['?fhir_vs=isa/', `${sct}?fhir_vs=isa/${illness}`, [illness, plague]],
    ['?fhir_vs=ecl/', `${sct}?fhir_vs=ecl/< ${illness}`, [plague]],
    ['?fhir_vs=ecl/ with terms between bars', `${sct}?fhir_vs=ecl/< ${illness} |Illness| : ${site} |Site| = *`, [plague]],
    ['?fhir_vs=ecl/ that is encoded twice', `${sct}?fhir_vs=ecl/${encodeURIComponent(`<< ${illness}`)}`, [illness, plague]],
    ['?fhir_vs=refset/', `${sct}?fhir_vs=refset/${list}`, [plague]],
    ['?fhir_vs=refset', `${sct}?fhir_vs=refset`, [list]],
    ['a version', `${first}?fhir_vs=isa/${illness}`, [illness, plague, mild]],
    ['an edition: its latest version', `${sct}/900000000000207008?fhir_vs=isa/${illness}`, [illness, plague]],
    ['LOINC, all of it', 'http://loinc.org/vs', ['99901-1', 'LA9991-1']],
    ['LOINC, a list of answers', 'http://loinc.org/vs/LL999-1', ['LA9991-1']],
  ])('%s', async (_, url, codes) => { expect(await expanded(url)).toEqual(codes.toSorted()); });

  test('all of SNOMED CT', async () => { expect(await expanded(`${first}?fhir_vs`)).toEqual(expect.arrayContaining([root, illness, plague, mild])); });
});

test('a filter of a composition, within other filters', async () => {
  const valueSet = {
    resourceType: 'ValueSet', id: 'by-ecl', url: 'urn:by-ecl', status: 'active',
    compose: {
      include: [{ system: sct, filter: [{ property: 'constraint', op: '=', value: `<< ${illness}` }, { property: 'concept', op: 'is-a', value: plague }] }, { system: sct, filter: [{ property: 'concept', op: 'in', value: list }] }],
      exclude: [{ system: sct, filter: [{ property: 'constraint', op: '=', value: `* : ${site} = ${root}` }] }],
    },
  };
  expect((await send('PUT', `${house.fhir}/ValueSet/by-ecl`, valueSet)).status).toBe(201);
  expect(await expanded('urn:by-ecl')).toEqual([plague]);
  const validate = async (code: string): Promise<boolean> => {
    const { json } = await send('GET', `${house.fhir}/ValueSet/$validate-code?url=urn:by-ecl&system=${sct}&code=${code}`);
    return (json.parameter as { name: string; valueBoolean: boolean }[]).find(({ name }) => name === 'result')!.valueBoolean;
  };
  expect([await validate(plague), await validate(illness), await validate('999999101')]).toEqual([true, false, false]);
});
