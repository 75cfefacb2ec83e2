/**
 * The search vectors of Microsoft's FHIR server (MIT), each case by its upstream name: resources are created, a query is
 * sent, and what comes back is compared with what the suite expects. Where the suite gives an expectation recomputed by
 * the specification's text (`specExpected`), that one counts.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';
import { documentedResult, undocumented } from './documented.ts';
import { suiteJson, suitePath } from './suite-file.ts';

type Resource = { readonly [element: string]: unknown };
/** Places in the fixture, or names of fixture files. */
type Places = readonly (number | string)[];

interface Case {
  readonly value?: string | number;
  readonly param?: string;
  readonly modifier?: string;
  readonly kind?: 'city' | 'long' | 'accent';
  readonly match?: boolean;
  readonly status?: number;
  readonly resourceType?: string;
  readonly msExpected?: Places;
  readonly specExpected?: Places;
  readonly excludes?: Places;
}
interface Group {
  readonly name: string;
  readonly resourceType: string;
  readonly fixture: readonly Resource[] | string | null;
  readonly cases: readonly Case[];
}

const reference = 'A relative reference is Type/id (R4, references.html#literal): a bare word as Reference.reference refers to nothing. The suite calls these rows a convention of its server.';
const uri = 'The hierarchy of addresses goes by whole path segments, as the suite itself remarks; the suite\'s server compares plain beginnings.';
/** Answered otherwise on purpose: what is answered in place of what the suite expects, and why. */
const deviations: Readonly<Record<string, { readonly expected: Places | number; readonly reason: string }>> = {
  'date: date=ge1979-12-31T23:59:59.9999999': { expected: [1, 2, 3, 4, 5, 6, 7], reason: 'Behind the last 100 nanoseconds of the day nothing of the day is left, and they do not contain it (R4, search.html#prefix, ge).' },
  'date: date=ge1980-05-11T16:32:15.5000001': { expected: [1, 2, 3, 4, 5, 6, 7], reason: 'A time written to the millisecond covers all of it, and so reaches behind the value; digits below the millisecond are those of the suite\'s platform.' },
  'reference: organization=organization/123': { expected: 400, reason: 'No type is called so: a value in error is refused rather than found nowhere (R4, search.html#errors).' },
  'reference: organization=Organization/ijk': { expected: [], reason: reference },
  'reference: organization=ijk': { expected: [], reason: reference },
  'reference: general-practitioner=p2': { expected: [], reason: reference },
  'uri: url:above=http://example.org/rdf#54135-9-9-10': { expected: [], reason: uri },
  'uri: url:below=http': { expected: [], reason: uri },
};

/** Cases that the notes of the suite give in words. */
const inWords: Readonly<Record<string, readonly { readonly query: string; readonly expected: Places }[]>> = {
  string: [{ query: 'family=Smith,Ander', expected: [0, 2] }, { query: 'name=Bea&name=Smith', expected: [0] }, { query: 'name=Richard\\,Muller', expected: [7] }],
  token: [{ query: 'category:not=test', expected: [0, 1, 2, 3, 4, 5, 6, 7, 9] }],
};

/** What the type requires and the fixture leaves out. */
const required: Readonly<Record<string, Resource>> = {
  Observation: { status: 'final', code: { text: 'fixture' } },
  RiskAssessment: { status: 'final', subject: { display: 'fixture' } },
  ValueSet: { status: 'draft' },
};

const suite = suiteJson('ms-fhir-search', 'search-cases.json') as { groups: Group[] } | undefined;
const groups = (suite?.groups ?? []).filter((group) => group.cases.length > 0);

const system = 'urn:test:group';
/** The condition that keeps the groups apart, in the query and in the resources. */
const apart: Readonly<Record<string, { query: string; mark: Resource }>> = Object.fromEntries(groups.map(({ name }) => [name,
  name === 'date' ? { query: `code=${system}|${name}`, mark: { code: { coding: [{ system, code: name }] } } }
  : name === 'composite' ? { query: `identifier=${system}|${name}`, mark: { identifier: [{ system, value: name }] } }
  : { query: `_tag=${system}|${name}`, mark: { meta: { tag: [{ system, code: name }] } } }]));

/** A query as the suite writes it, with `&` and the first `=` of each part as separators and nothing encoded. */
function encoded(query: string): string {
  return query.split('&').map((part) => part.split(/=(.*)/s).slice(0, 2).map(encodeURIComponent).join('=')).join('&');
}

/** What a case asks and expects. The name is made of the upstream values. */
function asked(group: Group, one: Case): { query: string; expected: Places | number } {
  const all = Array.isArray(group.fixture) ? group.fixture.map((_, index) => index) : [];
  const value = String(one.value);
  switch (group.name) {
    case 'date': return { query: `date=${value}`, expected: one.specExpected! };
    case 'date-invalid': return { query: `birthdate=${value}`, expected: one.status! };
    case 'number': return { query: `probability=${value}`, expected: one.msExpected! };
    case 'quantity': return { query: `value-quantity=${value}`, expected: one.msExpected! };
    case 'string': {
      if (one.kind === 'accent') return { query: `name=${value}`, expected: [5, 6] };
      return { query: `address-city${one.modifier}=${value}`, expected: one.match ? [one.kind === 'city' ? 0 : 3] : [] };
    }
    case 'token': return { query: `${one.param}=${value}`, expected: one.msExpected ?? all.filter((place) => !one.excludes!.includes(place)) };
    case 'uri': return { query: `url${one.modifier}=${value}`, expected: one.msExpected! };
    default: return { query: value, expected: one.msExpected! };
  }
}

const places = new Map<string, number | string>();
let house: TestHouse;

/** The suite writes what R4 does not have: empty objects, a single interpretation, and times without a zone, by which it means UTC. */
function asR4(name: string, value: unknown): unknown {
  if (name === 'interpretation' && !Array.isArray(value)) return [value];
  if (typeof value === 'object' && value !== null && Object.keys(value).length === 0) return undefined;
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+$/.test(value) ? `${value}Z` : value;
}

function fixtureFiles(): [string, Resource][] {
  const folder = suitePath('ms-fhir-search', 'fixtures')!;
  return readdirSync(folder).map((file) => [basename(file, '.json'), JSON.parse(readFileSync(join(folder, file), 'utf8')) as Resource]);
}

async function load(group: Group): Promise<void> {
  const fixtures: [number | string, string, Resource][] = Array.isArray(group.fixture)
    ? (group.fixture as Resource[]).map((resource, index) => [index, group.resourceType, resource])
    : fixtureFiles().map(([name, resource]) => [name, String(resource['resourceType']), resource]);
  for (const [place, type, fixture] of fixtures) {
    const { id: _, ...content } = fixture;
    const resource = JSON.stringify({ resourceType: type, ...required[type], ...content, ...apart[group.name]!.mark }, asR4);
    const answer = await send('POST', `${house.fhir}/${type}`, resource);
    if (answer.status !== 201) throw new Error(`${group.name} ${place}: ${answer.text}`);
    places.set(answer.json.id as string, place);
  }
}

/** The places that the answer's Bundle holds; its status where it is none. */
function found(answer: TestAnswer): Places | number {
  if (answer.status !== 200) return answer.status;
  const entries = (answer.json.entry ?? []) as { search: { mode: string }; resource: { id: string } }[];
  return inOrder(entries.filter((entry) => entry.search.mode === 'match').map((entry) => places.get(entry.resource.id) ?? entry.resource.id));
}
const inOrder = (list: Places): Places => list.toSorted((a, b) => String(a).localeCompare(String(b)));

interface Row {
  readonly name: string;
  readonly address: string;
  readonly expected: Places | number;
}

function rowsOf(group: Group): Row[] {
  const cases = [
    ...group.cases.map((one) => ({ type: one.resourceType ?? group.resourceType, ...asked(group, one) })),
    ...(inWords[group.name] ?? []).map((one) => ({ type: group.resourceType, ...one })),
  ];
  return cases.map(({ type, query, expected }) => {
    const name = `${group.name}: ${query.length > 120 ? `${query.slice(0, 120)}…` : query}`;
    const limited = group.name === 'date-invalid' ? query : `${query}&${apart[group.name]!.query}`;
    return { name, address: `${type}?${encoded(limited)}&_count=100`, expected };
  });
}

(suite ? describe : describe.skip)('ms-fhir-search', () => {
  const rows = groups.map((group) => [group.name, rowsOf(group)] as const);
  const names = new Set(rows.flatMap(([, list]) => list.map((row) => row.name)));

  beforeAll(async () => {
    house = await openHouse();
    for (const group of groups) if (group.fixture !== null) await load(group);
  });
  afterAll(async () => { await house.close(); });

  for (const [group, list] of rows) {
    describe(`of ${group}`, () => {
      test.each(list)('$name', async ({ name, address, expected }) => {
        const wanted = deviations[name]?.expected ?? expected;
        const answer = await send('GET', `${house.fhir}/${address}`, undefined, { prefer: 'handling=strict' });
        expect(found(answer)).toEqual(typeof wanted === 'number' ? wanted : inOrder(wanted));
      });
    });
  }

  test('every deviation is a case of the suite, and the documented figures are these', () => {
    expect(Object.keys(deviations).filter((name) => !names.has(name))).toEqual([]);
    expect(undocumented(Object.keys(deviations))).toEqual([]);
    const cases = rows.reduce((sum, [, list]) => sum + list.length, 0);
    const deviating = Object.keys(deviations).length;
    expect(documentedResult('ms-fhir-search')).toEqual({ cases, passed: cases - deviating, deviations: deviating });
  });
});
