/**
 * Messages of the shared corpora by MLLP: each is answered, none makes the server fail, and sent again each has the same
 * answer and changes nothing. Every fifth; `PRIORA_TEST_CORPORA=all` takes them all.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openHouse, type TestHouse } from '../../support/house.ts';
import { openClient, type MllpClient } from './client.ts';
import { codeOf } from './messages.ts';

const folder = join(process.cwd(), '..', 'shared', 'corpora', 'hl7v2');
const all = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.hl7')).toSorted() : [];
const files = process.env['PRIORA_TEST_CORPORA'] === 'all' ? all : all.filter((_, index) => index % 5 === 0);
const withCorpora = files.length > 0 ? describe : describe.skip;
// oxlint-disable-next-line no-console -- a suite that does not run must say so
if (files.length === 0) console.warn('HL7v2 corpora: ../shared/corpora/hl7v2 is absent, nothing is sent');

withCorpora('corpora', () => {
  let house: TestHouse;
  let client: MllpClient;
  beforeAll(async () => {
    house = await openHouse({ environment: { PRIORA_MLLP_PORT: '0' } });
    client = await openClient(house.server.mllp!.port);
  });
  afterAll(async () => {
    client.close();
    await house.close();
  });

  const counts = async (): Promise<unknown> => (await house.sql.query('select (select count(*) from resource) as resources, (select count(*) from inbox_message) as messages')).rows[0];

  // Samples share control ids, and some ask for enhanced mode: here each has its own, and one answer.
  const asSent = (name: string): Buffer => {
    const text = readFileSync(join(folder, name), 'latin1').replace(/^\u00ef\u00bb\u00bf/, '');
    const end = text.search(/[\r\n]/);
    const fields = text.slice(0, end === -1 ? undefined : end).split('|');
    fields[9] = `C${all.indexOf(name)}`;
    for (const field of [14, 15]) if (fields[field] !== undefined) fields[field] = '';
    return Buffer.from(fields.join('|') + (end === -1 ? '' : text.slice(end)), 'latin1');
  };

  test('answered, and again the same', async () => {
    const first = new Map<string, string>();
    for (const name of files) first.set(name, await client.ask(asSent(name)));
    const codes = [...first.values()].map((answer) => codeOf(answer));
    expect(codes.filter((code) => code !== 'AA' && code !== 'AE' && code !== 'AR')).toEqual([]);
    expect(house.log.filter((line) => /"msg":"fault"/.test(line))).toEqual([]);
    const before = await counts();
    const taken = [...first].filter(([, answer]) => codeOf(answer) === 'AA');
    const different = [];
    for (const [name, answer] of taken) if (await client.ask(asSent(name)) !== answer) different.push(name);
    expect(different).toEqual([]);
    expect(await counts()).toEqual(before);
    expect(taken.length).toBeGreaterThan(files.length * 0.95);
  }, 600_000);
});
