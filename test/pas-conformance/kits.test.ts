/**
 * The public kits beside that of PAS (kit*.test.ts): Subscriptions Backport, CRD server, DTR payer. Each test of their
 * lists, by its id there, is shown by a test of ours, or it is said why not. What this file shows is that nothing of the
 * lists is forgotten, and that the tests which it names are there. Cards of order-sign stand for those of every hook: they
 * are made in one place, and a rule pack says at which hooks.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const lists = join(process.cwd(), '..', 'shared', 'suites', 'conformance-test-lists');
const subscriptions = 'test/delivery/subscriptions/delivery.test.ts';
const refused = 'test/delivery/subscriptions/refused.test.ts';
const backport = 'test/pas-conformance/subscriptions.test.ts';
const hooks = 'test/server/cds-hooks.test.ts';
const cards = 'test/server/cds-hooks-cards.test.ts';
const crd = 'test/operations/coverage-requirements/valid.test.ts';
const dtr = 'test/operations/documentation/valid.test.ts';
const packages = 'test/operations/documentation/package.test.ts';
const cql = 'test/operations/documentation/cql.test.ts';
const steps = 'test/operations/documentation/next-question.test.ts';

interface Shown { readonly file: string; readonly title: string }
const by = (file: string, title: string): Shown => ({ file, title });
const whole = by(crd, 'on every example of the guide is whole');
const everyCard = by(cards, 'are instructions, references, apps, forms, other orders and more orders, each whole');
const prepared = by(cql, 'every expression of a questionnaire is a statement of a library that it names, in CQL and in ELM');
const once = by(subscriptions, 'a change is told once, with the resource, under addresses that anybody can resolve');

/** Of each list: ids, and what shows them. A sentence says why nothing here does. */
const shown: Readonly<Record<string, readonly (readonly [ids: RegExp, Shown | string])[]>> = {
  'inferno-subscriptions_r5_backport_r4_server.tsv': [
    [/^(1\.1|3\.[123]\.1)\./, by(backport, 'a rest-hook begins as requested and is active after its handshake')],
    [/^(1\.2|3\.3\.2)\./, once],
    [/^3\.[12]\.2\./, by(subscriptions, 'content %s tells no more')],
    [/^2\.01$/, by(backport, 'the CapabilityStatement instantiates that of the guide and says all that it says')], [/^2\.02$/, by(subscriptions, 'the CapabilityStatement has the topics')],
    [/^4\.01$/, by(backport, 'Subscriptions, notifications and statuses are by their profiles')], [/^4\.02$/, by(subscriptions, 'a heartbeat comes when nothing else has, and not without being asked for')],
    [/^5\.01$/, by(subscriptions, '$status of several: by id, by status, or all')],
    [/^6\.01$/, by(refused, 'an extension of R5')], [/^6\.02$/, by(refused, 'an unknown topic')], [/^6\.03$/, by(refused, 'an unknown filter')], [/^6\.04$/, by(refused, 'websocket')],
    [/^6\.05$/, by(refused, 'http to the public')], [/^6\.0[67]$/, by(refused, 'a media type that nobody reads')],
  ],
  'inferno-crd_server.tsv': [
    [/^1\.01$/, 'A proxy in front of the server ends TLS.'], [/^1\.0[23]$/, by(hooks, 'lists a service for each hook')],
    [/^2\.01$/, whole], [/^(2|3\.[1-6])\.0[23]$/, 'What the client sends is judged.'], [/^2\.04$/, whole],
    [/^3\.[123]\.01$/, by(cards, 'appointment-book and the encounter hooks tell of the appointment and the encounter')], [/^3\.[456]\.01$/, whole],
    [/^3\.[1-6]\.04$/, 'What the client sends is judged.'],
    [/^3\.[1-6]\.05$/, whole], [/^3\.[1-6]\.(06|07|08|09)$/, everyCard], [/^3\.[1-6]\.1[01]$/, whole],
    [/^3\.[46]\.1[234]$/, everyCard], [/^3\.[1235]\.12$/, everyCard],
    [/^3\.([1235]\.13|[46]\.15)$/, by('test/server/cds-hooks-coverage.test.ts', 'its end, on the client\\\'s own resource')],
    [/^3\.7\.0[12]$/, everyCard], [/^3\.7\.03$/, whole],
  ],
  'inferno-dtr_payer_server.tsv': [
    [/^1\.01$/, by(dtr, 'the demo\\\'s questionnaires, libraries and value sets')], [/^(1\.02|2\.0[29])$/, 'What the client sends is judged.'],
    [/^(1\.03|2\.03)$/, by(dtr, 'packages for %s, and all that is in them')], [/^(1\.04|2\.04)$/, by(packages, 'with what it needs: libraries of libraries, value sets, the draft; all names in versions')],
    [/^(1\.0[56]|2\.0[56]|2\.1[12])$/, prepared], [/^2\.0[17]$/, by(packages, 'an adaptive one comes without questions, and its draft contains what is derived from it')],
    [/^2\.08$/, by(packages, 'an adaptive one comes without questions, and its draft contains what is derived from it')], [/^2\.10$/, by(dtr, 'an adaptive response at its first and at its last step')],
    [/^2\.13$/, by(steps, 'one page after the other, as the answers lead, to the end')],
  ],
};

describe.each(Object.entries(shown))('%s', (list, rows) => {
  test('every test of the list is shown once, or it is said why not', () => {
    const file = join(lists, list);
    if (!existsSync(file)) return;
    const ids = readFileSync(file, 'utf8').trim().split('\n').slice(1).map((line) => line.split('\t')[0]!);
    expect(ids.map((id) => [id, rows.filter(([match]) => match.test(id)).length]).filter(([, count]) => count !== 1)).toEqual([]);
    expect(rows.filter(([match]) => !ids.some((id) => match.test(id))).map(([match]) => match.source)).toEqual([]);
  });

  test('what shows them is there', () => {
    const missing = rows.flatMap(([, how]) => typeof how === 'string' || readFileSync(how.file, 'utf8').includes(how.title) ? [] : [`${how.file}: ${how.title}`]);
    expect(missing).toEqual([]);
  });
});
