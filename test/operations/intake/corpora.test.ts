/**
 * Real documents and messages through the whole inbox, twice: what is taken is taken once, what is not is kept with a
 * reason that names a place or a code, and the second time changes nothing and is answered alike. Every sixth file of the
 * shared corpora; PRIORA_CORPUS_STEP=1 takes all.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalogue } from '../../../fhir/problems.ts';
import { takeMessages } from '../../../operations/intake/take-messages.ts';
import type { Rail } from '../../../operations/intake/message.ts';
import { serverContext } from '../../../server/publish-definitions.ts';
import { openHouse, type TestHouse } from '../../support/house.ts';
import { tableCounts } from '../../support/pas-requests.ts';

const corpora = join(process.cwd(), '..', 'shared', 'corpora');
const step = Number(process.env['PRIORA_CORPUS_STEP'] ?? 6);

let house: TestHouse;
beforeAll(async () => { house = await openHouse(); });
afterAll(async () => { await house.close(); });

function filesOf(channel: string, extension: string): readonly string[] {
  const folder = join(corpora, channel);
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith(extension)).toSorted();
  // Beside documents there are single sections, which nobody sends.
  const whole = names.map((name) => join(folder, name)).filter((path) => extension !== '.xml' || readFileSync(path, 'latin1').includes('ClinicalDocument'));
  return whole.filter((_, index) => index % step === 0);
}

const channels = [['ccda', '.xml', 'application/cda+xml'], ['hl7v2', '.hl7', 'x-application/hl7-v2+er7']] as const;
const here = channels.filter(([channel]) => existsSync(join(corpora, channel)));
(here.length < channels.length ? test.skip : test)(`the corpora are in ${corpora}`, () => { expect(here).toHaveLength(channels.length); });

if (here.length > 0) test.each(here)('%s: every file again changes nothing and is answered alike', async (channel, extension, mediaType) => {
  const files = filesOf(channel, extension);
  const rail = house.server.house.rails.get(channel);
  if (rail === undefined) throw new Error(`no rail takes ${channel}`);
  const context = () => serverContext(house.server.house, 'test');
  // The corpora were written by people who number their messages alike: here each file is of a sender of its own.
  const ofSender = (index: number): Rail => ({ ...rail, * read(body, type) { for (const message of rail.read(body, type)) yield { ...message, key: message.key === undefined ? undefined : `${index}|${message.key}` }; } });
  const take = (index: number) => takeMessages(house.server.house.intake, ofSender(index), { sender: `sender ${index}`, mediaType, body: readFileSync(files[index]!) }, context());
  const states = new Map<string, number>();
  const problems = new Map<string, number>();
  const answers: string[] = [];
  for (const index of files.keys()) {
    const { answer, messages } = await take(index);
    answers.push(answer.body);
    for (const { outcome } of messages) {
      states.set(outcome.state, (states.get(outcome.state) ?? 0) + 1);
      if (outcome.state !== 'quarantined') continue;
      const errors = outcome.issues.filter(({ severity }) => severity === 'error');
      expect(errors.length).toBeGreaterThan(0);
      for (const { code } of errors) problems.set(code, (problems.get(code) ?? 0) + 1);
    }
  }
  // What is not taken is the sender's to mend: none of it is FHIR that our mappers made wrong.
  expect([...problems.keys()].filter((code) => code === 'mapping-failed' || Object.hasOwn(catalogue, code) && code !== 'malformed-xml')).toEqual([]);
  expect(states.get('accepted')).toBeGreaterThan(files.length / 2);
  expect(house.log.filter((line) => line.includes('"fault"'))).toEqual([]);
  const before = await tableCounts(house.sql);
  for (const index of files.keys()) {
    const { answer } = await take(index);
    // What was quarantined is tried again, and answered as of now.
    if (channel === 'ccda') expect(answer.body).toBe(answers[index]);
  }
  const after = await tableCounts(house.sql);
  const { resource_history: versions, outbox: changes, ...kept } = before;
  const { resource_history: laterVersions, outbox: laterChanges, ...now } = after;
  expect(now).toEqual(kept);
  // A Task of what is still quarantined says when it was tried last, and nothing else has a new version.
  const { rows: [row] } = await house.sql.query<{ count: number }>(`select count(*)::integer as count from inbox_message where state = 'quarantined' and channel = $1`, [channel]);
  expect(laterVersions! - versions!).toBe(row!.count);
  expect(laterChanges! - changes!).toBe(row!.count);
}, 600_000);
