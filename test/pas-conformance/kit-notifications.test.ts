/**
 * Groups 1 and 2.3.2 of the server suites of the Inferno PAS kit, for both versions: a Subscription that is shaken hands
 * with, and the notification of what was pended and is decided by the reviewer of the showcase: the whole answer for
 * 2.2.1, its address alone for 2.0.1, after which the kit asks what it is.
 */
import type { Bundle } from '@medplum/fhirtypes';
import { eventsIn, openReceiver, pasTopic, subscriptionTo, type Receiver } from '../delivery/subscriptions/receiver.ts';
import { validateWith } from '../delivery/subscriptions/validate.ts';
import { packagesAreHere } from '../support/definitions.ts';
import { openHouse, send, type TestHouse } from '../support/house.ts';
import { fullRequest } from '../support/pas-full-request.ts';
import { actionsOf, returnedBundles } from '../support/pas-requests.ts';
import { asksAbout } from '../support/pas-updates.ts';

let house: TestHouse;
let receiver: Receiver;
beforeAll(async () => { house = await openHouse({ demo: true }); });
afterAll(async () => { await house.close(); });
beforeEach(async () => { receiver = await openReceiver(); });
afterEach(async () => { await receiver.close(); });

const guide = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition';
const settled = (): Promise<void> => house.server.subscriptions!.settled();
const asking = (run: string): Bundle => fullRequest({ run, at: house.clock.now.toISOString(), asks: 'organization', services: ['E1390', 'B4150', 'A4253'], member: { number: 'PD1000005', family: 'Tester', given: 'Sam', birthDate: '1980-01-01' } });

describe.each([['2.2.1', 'full-resource', 'KIT221A'], ['2.0.1', 'id-only', 'KIT201A']] as const)('PAS %s, %s', (version, content, run) => {
  test('a Subscription is created as requested, shaken hands with, and told of the decision of what was pended', async () => {
    const base = `${house.origin}/pas/${version}/fhir`;
    const created = await send('POST', `${base}/Subscription`, subscriptionTo(receiver.url, { topic: pasTopic, filters: ['org-identifier=1999999984'], content, headers: ['Authorization: Bearer kit'] }));
    expect([created.status, created.json.resourceType, ['requested', 'active'].includes(created.json.status)]).toEqual([201, 'Subscription', true]);
    await receiver.until('handshake', 1);
    await settled();
    const [handshake] = receiver.of('handshake');
    expect([handshake!.headers.authorization, handshake!.headers['content-type'], handshake!.json.type, handshake!.json.entry.length]).toEqual(['Bearer kit', expect.stringMatching(/^application\/fhir\+json/), 'history', 1]);
    expect((await send('GET', `${base}/Subscription/${created.json.id}`)).json.status).toBe('active');

    const asked = asking(run);
    const pended = (await send('POST', `${base}/Claim/$submit`, asked)).json as Bundle;
    expect(actionsOf(pended)).toEqual({ 1: 'A4', 2: 'A4', 3: 'A1' });
    await receiver.heard(1);
    // The queue has it for some seconds from now; the test does not wait for them.
    await house.sql.query('update graphile_worker._private_jobs set run_at = now()');
    await receiver.heard(2);
    await settled();

    expect(receiver.of('event-notification').map(({ headers, json: { type, entry } }) => [headers.authorization, type, entry[0].resource.parameter[0].valueReference.reference])).toEqual([1, 2].map(() => ['Bearer kit', 'history', `${base}/Subscription/${created.json.id}`]));
    const { json, text } = receiver.of('event-notification').at(-1)!;
    const { focus } = eventsIn(json).at(-1)!;
    expect(json.entry[1].fullUrl).toBe(focus);
    const decided = { 1: 'A1', 2: 'A3', 3: 'A1' };
    if (content === 'full-resource') {
      const { resource } = json.entry[1];
      expect([resource.resourceType, resource.type, resource.entry[0].resource.resourceType, actionsOf(resource)]).toEqual(['Bundle', 'collection', 'ClaimResponse', decided]);
    } else {
      expect([focus!.startsWith(`${base}/ClaimResponse/`), json.entry[1].resource, text.includes('Tester')]).toEqual([true, undefined, false]);
    }
    // Whoever was told asks, and gets what was decided under the same address.
    const inquiry = await send('POST', `${base}/Claim/$inquire`, asksAbout(asked, (claim) => { delete claim.extension; }));
    const found = version === '2.0.1' ? [inquiry.json as Bundle] : returnedBundles(inquiry);
    const now = found.find((bundle) => bundle.entry!.some(({ fullUrl }) => fullUrl === pended.entry![0]!.fullUrl));
    expect(actionsOf(now!)).toEqual(decided);
    if (content === 'id-only') expect(focus).toBe(pended.entry![0]!.fullUrl);
    await send('DELETE', `${base}/Subscription/${created.json.id}`);

    if (!packagesAreHere) return;
    const validate = await validateWith(['unofficial-sushi/hl7.fhir.uv.subscriptions-backport.r4-1.1.0.UNOFFICIAL']);
    for (const each of receiver.received) {
      expect(await validate(each.json, `${guide}/backport-subscription-notification-r4`)).toEqual([]);
      expect(await validate(each.json.entry[0].resource, `${guide}/backport-subscription-status-r4`)).toEqual([]);
    }
  }, 120_000);
});
