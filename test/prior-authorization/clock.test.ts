/** 72 hours or seven days, from receipt on our clock, whatever the sender's clock and calendar say. */
import type { Bundle, Claim, Task } from '@medplum/fhirtypes';
import { startClock } from '../../operations/prior-authorization/clock.ts';
import { loadClocks } from '../../review/clock/load.ts';
import { pasExtension, x12System } from '../../profiles/pas/names.ts';
import { openHouse, send, type TestHouse } from '../support/house.ts';
import { claimOf, claimResponseOf, pendingRequest, submitted } from '../support/pas-requests.ts';
import { interchangeFor } from '../../server/demo/interchange.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true }); });
afterAll(async () => { await house.close(); });

const level = (code: string): NonNullable<Claim['extension']> => [{ url: pasExtension.levelOfServiceCode, valueCodeableConcept: { coding: [{ system: x12System('1338'), code }] } }];

const cases: [string, (claim: Claim) => void, boolean][] = [
  ['normal', () => {}, false],
  ['elective (E)', (claim) => { claim.extension = level('E'); }, false],
  ['priority deferred', (claim) => { claim.priority = { coding: [{ code: 'deferred' }] }; }, false],
  ['"stat" of another list', (claim) => { claim.priority = { coding: [{ system: 'urn:other', code: 'stat' }] }; }, false],
  ['urgent (U)', (claim) => { claim.extension = level('U'); }, true],
  ['emergency (03)', (claim) => { claim.extension = level('03'); }, true],
  ['priority stat', (claim) => { claim.priority = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/processpriority', code: 'stat' }] }; }, true],
];

test.each(cases)('%s', async (_, change, expedited) => {
  const bundle = pendingRequest(house);
  // The sender's dates are of another year; they do not move the clock.
  bundle.timestamp = '2025-01-01T00:00:00Z';
  claimOf(bundle).created = '2025-01-01T00:00:00Z';
  change(claimOf(bundle));
  const { claim, response } = await submitted(house, bundle);
  const due = new Date(house.clock.now.getTime() + (expedited ? 72 : 168) * 3_600_000).toISOString();
  const { rows } = await house.sql.query<{ received_at: Date; expedited: boolean; due_at: Date }>('select received_at, expedited, due_at from prior_authorization where claim = $1', [claim]);
  expect(rows[0]).toEqual({ received_at: house.clock.now, expedited, due_at: new Date(due) });
  const found = (await send('GET', `${house.fhir}/Task?focus=ClaimResponse/${claimResponseOf(response).id}`)).json as Bundle;
  expect(found.entry![0]!.resource as Task).toMatchObject({ status: 'requested', priority: expedited ? 'urgent' : 'routine', restriction: { period: { end: due } } });
});

test('the X12 rail has the same clock: UM06 says how urgent', async () => {
  for (const [code, expedited] of [['U', true], ['03', true], ['E', false]] as const) {
    house.clock.advance(1000);
    const bundle = pendingRequest(house);
    claimOf(bundle).extension = level(code);
    const body = interchangeFor(bundle, `C${claimOf(bundle).id!.slice(1, 8)}A`, house.clock.now.toISOString());
    const answer = await send('POST', `${house.origin}/x12`, Buffer.from(body).toString('latin1'), { 'content-type': 'application/edi-x12' });
    expect(answer.text).toContain('HCR*A4');
    const { rows } = await house.sql.query<{ expedited: boolean; due_at: Date }>('select expedited, due_at from prior_authorization order by received_at desc limit 1');
    expect(rows[0]).toEqual({ expedited, due_at: new Date(house.clock.now.getTime() + (expedited ? 72 : 168) * 3_600_000) });
  }
});

test.each(['2026-03-08T06:59:59Z', '2026-11-01T05:59:59Z', '2026-12-31T23:30:00Z', '2028-02-28T12:00:00Z'])('hours are hours and days are 24 of them, over a change of daylight saving, year and leap day: %s', async (at) => {
  const book = await loadClocks(undefined);
  const claim = { resourceType: 'Claim' } as Claim;
  const received = new Date(at);
  expect(startClock(book, claim, undefined, received)).toMatchObject({ expedited: false, dueAt: new Date(received.getTime() + 604_800_000) });
  expect(startClock(book, { ...claim, extension: level('U') }, undefined, received)).toMatchObject({ expedited: true, dueAt: new Date(received.getTime() + 259_200_000) });
});

test('a decision does not move what is due', async () => {
  const { claim } = await submitted(house, pendingRequest(house));
  const due = async (): Promise<unknown> => (await house.sql.query('select received_at, due_at, expedited from prior_authorization where claim = $1', [claim])).rows[0];
  const before = await due();
  house.clock.advance(86_400_000);
  await send('POST', `${house.fhir}/Claim/${claim}/$decide`, { resourceType: 'Parameters', parameter: [{ name: 'author', valueReference: { display: 'A B' } }, { name: 'item', part: [{ name: 'sequence', valuePositiveInt: 1 }, { name: 'action', valueCode: 'pend' }] }] });
  expect(await due()).toEqual(before);
});
