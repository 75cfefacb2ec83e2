/**
 * Every example at hand is stored, and for every search parameter of its type searches are made of its own values: what
 * is found is what a naive look at all examples finds, for each form that the type of parameter has.
 * Source: FHIR R4, "Search" (https://hl7.org/fhir/R4/search.html)
 */
import { searchParametersOf, type SearchParameter } from '../../fhir/search-parameters.ts';
import type { Node } from '../fhir/fhirpath/oracle.ts';
import { openHouse, send, type TestHouse } from '../support/house.ts';
import { sharedPackages } from '../support/packages.ts';
import { naively } from './naive-index.ts';
import { packageResources } from './package-resources.ts';

/** Of the implementation guides; the newest of those that are there in several versions. */
const packages = sharedPackages().filter((name) => /us\.core-8|pas-2\.2|pdex|crd-2\.2|dtr-2\.2|cdex|hrex/.test(name));

/** Searches of one parameter of one type, at most. */
const mostQuestions = 2;
/** Requests under way at once. */
const together = 6;

interface Question {
  /** The parameter's name with its modifier, and the value as a URL has it, not encoded. */
  readonly name: string;
  readonly value: string;
  /** Whether a resource with these values, in the words of naive-values.ts, is to be found. */
  readonly matches: (values: ReadonlySet<string>) => boolean;
}

const escaped = (text: string): string => text.replaceAll(/[\\,$|]/g, (sign) => `\\${sign}`);
const some = (test: (value: string) => boolean) => (values: ReadonlySet<string>): boolean => [...values].some(test);
const without = (test: (values: ReadonlySet<string>) => boolean) => (values: ReadonlySet<string>): boolean => !test(values);
const asHeard = (text: string): string => text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase().replaceAll(/\s+/g, ' ').trim();

function tokenQuestions(name: string, value: string): Question[] {
  if (value.startsWith('text:')) {
    const words = value.slice(5);
    return words.length > 60 ? [] : [{ name: `${name}:text`, value: escaped(words), matches: some((one) => one.startsWith('text:') && asHeard(one.slice(5)).startsWith(asHeard(words))) }];
  }
  if (value.startsWith('of-type:')) return [{ name: `${name}:of-type`, value: value.slice(8).split('|').map(escaped).join('|'), matches: some((one) => one === value) }];
  const [system = '', code = ''] = value.split(/\|(.*)/s);
  const withCode = some((one) => !/^(text|of-type):/.test(one) && one.slice(one.indexOf('|') + 1) === code);
  if (code === '') return [{ name, value: `${escaped(system)}|`, matches: some((one) => one.startsWith(`${system}|`)) }];
  return [
    { name, value: escaped(code), matches: withCode },
    ...(system === '' ? [] : [{ name, value: `${escaped(system)}|${escaped(code)}`, matches: some((one) => one === value) }]),
    ...(name.startsWith('_') ? [] : [{ name: `${name}:not`, value: escaped(code), matches: without(withCode) }]),
  ];
}

function stringQuestions(name: string, value: string): Question[] {
  if (value.length > 200) return [];
  const middle = value.slice(1, 6);
  return [
    { name, value: escaped(value.slice(0, 8).toUpperCase()), matches: some((one) => asHeard(one).startsWith(asHeard(value.slice(0, 8)))) },
    { name: `${name}:exact`, value: escaped(value), matches: some((one) => one === value) },
    ...(asHeard(middle).length < 3 || /^\s|\s$/.test(middle) ? [] : [{ name: `${name}:contains`, value: escaped(middle), matches: some((one) => asHeard(one).includes(asHeard(middle))) }]),
  ];
}

function dateQuestions(name: string, value: string): Question[] {
  const low = Number(value.split('..')[0]);
  if (!Number.isFinite(low)) return [];
  const day = new Date(low).toISOString().slice(0, 10);
  const start = Date.parse(day);
  const end = start + 86_399_999;
  const tests: Readonly<Record<string, (low: number, high: number) => boolean>> = {
    '': (from, to) => from >= start && to <= end, ne: (from, to) => from < start || to > end, gt: (_, to) => to > end, lt: (from) => from < start, sa: (from) => from > end, eb: (_, to) => to < start,
    ge: (from, to) => to > end || (from >= start && to <= end), le: (from, to) => from < start || (from >= start && to <= end),
  };
  return Object.entries(tests).map(([prefix, test]) => ({ name, value: `${prefix}${day}`, matches: some((one) => test(...one.split('..').map(Number) as [number, number])) }));
}

/** What the digits of a number that is searched for may mean. */
function precision(number: string): [number, number] {
  const half = 0.5 * 10 ** -(number.split('.')[1]?.length ?? 0);
  return [Number(number) - half, Number(number) + half];
}

function numberQuestions(name: string, value: string): Question[] {
  if (/e/i.test(value)) return [];
  const [low, high] = precision(value);
  return [
    { name, value, matches: some((one) => Number(one) >= low && Number(one) < high) },
    { name, value: `gt${value}`, matches: some((one) => Number(one) > Number(value)) }, { name, value: `le${value}`, matches: some((one) => Number(one) <= Number(value)) },
  ];
}

function quantityQuestions(name: string, value: string): Question[] {
  const [number = '', unit = ''] = value.split(/ (.*)/s);
  const [system = '', code = ''] = unit.split('|');
  // What a Range covers, or a number beside a comparator, is looked at elsewhere.
  if (number === 'range' || code === '' || /e/i.test(number)) return [];
  const [low, high] = precision(number);
  const within = (one: string): boolean => Number(one.split(' ', 1)[0]) >= low && Number(one.split(' ', 1)[0]) < high;
  const rest = (one: string): string[] => one.slice(one.indexOf(' ') + 1).split('|');
  return [
    { name, value: `${number}|${escaped(system)}|${escaped(code)}`, matches: some((one) => within(one) && rest(one)[0] === system && rest(one)[1] === code) },
    { name, value: `${number}||${escaped(code)}`, matches: some((one) => within(one) && rest(one).slice(1).includes(code)) },
  ];
}

function referenceQuestions(name: string, value: string): Question[] {
  if (value.startsWith('identifier:')) return [{ name: `${name}:identifier`, value: value.slice(11).split('|').map(escaped).join('|'), matches: some((one) => one === value) }];
  if (/[|#]/.test(value)) return [];
  const [type, id] = value.split('/');
  const literal = { name, value: escaped(value), matches: some((one) => one === value) };
  return /^[A-Z]\w+\/[^/]+$/.test(value) ? [literal, { name: `${name}:${type}`, value: id!, matches: literal.matches }] : [literal];
}

function questionsOf({ type, code: name }: SearchParameter, value: string): Question[] {
  switch (type) {
    case 'token': return tokenQuestions(name, value);
    case 'string': return stringQuestions(name, value);
    case 'date': return dateQuestions(name, value);
    case 'number': return numberQuestions(name, value);
    case 'quantity': return quantityQuestions(name, value);
    case 'reference': return referenceQuestions(name, value);
    // An address of a definition means every version of it.
    case 'uri': return /[|]/.test(value) ? [] : [{ name, value: escaped(value), matches: some((one) => one === value || one.startsWith(`${value}|`)) }];
    // Both parts tokens: the other kinds are in the suite of Microsoft's server.
    case 'composite': return /^[^|]*\|[^|]* \$ [^|\d-][^|]*\|[^|]*$/.test(value) && !/text:|of-type:|\.\./.test(value) ? [{ name, value: value.split(' $ ').map((part) => part.split('|').map(escaped).join('|')).join('$'), matches: some((one) => one === value) }] : [];
    case 'special': return [];
  }
}

/** Looked after by the server, or of a kind that has no values of its own. */
const passedOver = new Set(['_lastUpdated', '_id']);

(packages.length > 0 ? describe : describe.skip)('searches of the examples\' own values', () => {
  let house: TestHouse;
  const stored = new Map<string, Map<string, Node>>();

  beforeAll(async () => {
    // Attachments stay where they are: one that is moved out gets an address that its example does not have.
    house = await openHouse({ environment: { PRIORA_ATTACHMENT_INLINE_LIMIT: String(16 * 1024 * 1024) } });
    const all = new Map<string, Node>();
    for (const resource of packages.flatMap((name) => packageResources(name, { definitions: false }))) {
      const { meta, ...content } = resource;
      const { versionId: _, lastUpdated: __, ...rest } = (meta ?? {}) as Record<string, unknown>;
      if (typeof resource['id'] === 'string' && resource.resourceType !== 'SearchParameter') all.set(`${resource.resourceType}/${resource['id']}`, { ...content, ...(Object.keys(rest).length > 0 && { meta: rest }) });
    }
    let refused = 0;
    for (const [address, resource] of all) {
      const answer = await send('PUT', `${house.fhir}/${address}`, resource);
      if (answer.status !== 201) {
        refused += 1;
        continue;
      }
      const ofType = stored.get(resource.resourceType) ?? new Map<string, Node>();
      stored.set(resource.resourceType, ofType.set(String(resource['id']), resource));
    }
    // ClaimResponses to prior authorizations are made by deciding, and a few examples are not of R4.
    expect(refused / all.size).toBeLessThan(0.05);
  }, 900_000);
  afterAll(async () => { await house?.close(); });

  test('find the same as a naive look', async () => {
    const wrong: string[] = [];
    let asked = 0;
    for (const [type, resources] of stored) {
      for (const parameter of searchParametersOf(type)) {
        // The server says how far a Subscription is, and not who made it.
        if (passedOver.has(parameter.code) || (type === 'Subscription' && parameter.code === 'status')) continue;
        const values = new Map([...resources].map(([id, resource]) => [id, naively(parameter, resource)]));
        const forms = new Map<string, Question[]>();
        for (const value of new Set([...values.values()].flatMap((set) => [...set]))) {
          for (const question of questionsOf(parameter, value)) {
            const form = `${question.name} ${/^(?:eq|ne|gt|lt|ge|le|sa|eb)(?=\d)/.exec(question.value)?.[0] ?? ''} ${question.value.split('|').length}`;
            forms.set(form, [...forms.get(form) ?? [], question]);
          }
        }
        const questions = [
          ...[...forms.values()].flatMap((list) => list.slice(0, mostQuestions)),
          ...(parameter.type === 'special' || parameter.type === 'composite' ? [] : [true, false].map((missing) => ({ name: `${parameter.code}:missing`, value: String(missing), matches: (set: ReadonlySet<string>) => (set.size === 0) === missing }))),
        ];
        asked += questions.length;
        const next = questions.values();
        await Promise.all(Array.from({ length: together }, async () => {
          for (const { name, value, matches } of next) {
            const expected = [...values].filter(([, set]) => matches(set)).map(([id]) => id).toSorted();
            const answer = await send('GET', `${house.fhir}/${type}?${new URLSearchParams({ [name]: value }).toString()}&_count=1000`);
            const found = answer.status === 200 ? ((answer.json.entry ?? []) as { resource: { id: string } }[]).map((entry) => entry.resource.id).toSorted() : [`status ${answer.status}`];
            if (JSON.stringify(found) !== JSON.stringify(expected)) wrong.push(`${type}?${name}=${value}: missing ${expected.filter((id) => !found.includes(id)).slice(0, 3).join(' ')}, too many ${found.filter((id) => !expected.includes(id)).slice(0, 3).join(' ')}`);
          }
        }));
      }
    }
    expect(wrong.slice(0, 40)).toEqual([]);
    expect(asked).toBeGreaterThan(3000);
  }, 900_000);
});
