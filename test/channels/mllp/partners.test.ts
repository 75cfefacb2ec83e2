/** Who may send, whom messages are for, and by which settings: the partners file, with TLS and without. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPartners } from '../../../channels/hl7v2/partners.ts';
import { ConfigurationError, readConfiguration } from '../../../server/configuration.ts';
import { openHouse, send, type TestHouse } from '../../support/house.ts';
import { createAuthority } from './certificates.ts';
import { openClient } from './client.ts';
import { adt, codeOf, segmentsOf } from './messages.ts';

describe('settings that are refused', () => {
  test.each([
    ['a port that is none', { PRIORA_MLLP_PORT: '70000' }, 'PRIORA_MLLP_PORT'],
    ['open to the network without client certificates', { PRIORA_MLLP_PORT: '0', PRIORA_MLLP_HOST: '0.0.0.0' }, 'PRIORA_MLLP_HOST'],
    ['the same with TLS alone', { PRIORA_MLLP_PORT: '0', PRIORA_MLLP_HOST: '0.0.0.0', PRIORA_MLLP_TLS_CERT: 'c', PRIORA_MLLP_TLS_KEY: 'k' }, 'PRIORA_MLLP_HOST'],
    ['a certificate without its key', { PRIORA_MLLP_PORT: '0', PRIORA_MLLP_TLS_CERT: 'c' }, 'PRIORA_MLLP_TLS_KEY'],
    ['client certificates without TLS', { PRIORA_MLLP_PORT: '0', PRIORA_MLLP_TLS_CLIENT_CA: 'c' }, 'PRIORA_MLLP_TLS_CLIENT_CA'],
    ['a tenant that is not there', { PRIORA_MLLP_PORT: '0', PRIORA_MLLP_TENANT: 'south' }, 'PRIORA_MLLP_TENANT'],
  ])('%s', (_, environment, variable) => {
    expect(() => readConfiguration(environment)).toThrow(ConfigurationError);
    expect(() => readConfiguration(environment)).toThrow(new RegExp(variable));
  });

  test('no port, no listener', () => {
    expect(readConfiguration({ PRIORA_MLLP_HOST: '0.0.0.0' }).mllp).toBeUndefined();
  });

  test.each([
    ['no list', { senders: 'EPIC' }, /senders/],
    ['a word nobody knows', { sender: [] }, /sender/],
    ['a zone that is none', { senders: [{ timeZone: 'Mars/Olympus' }] }, /timeZone.*IANA/],
    ['a character set that is not read', { senders: [{ characterSet: 'KLINGON' }] }, /characterSet.*0211/],
    ['a tenant that is not there', { receivers: [{ tenant: 'south' }] }, /no tenant south/],
    ['rules that are none', { senders: [{ rules: ['x'] }] }, /rules/],
  ])('partners: %s', (_, content, message) => {
    expect(() => readPartners(content, ['default', 'north'], 'default')).toThrow(message);
  });
});

describe('a house for two plans', () => {
  const authority = createAuthority('Test authority');
  let folder: string;
  let house: TestHouse;
  const file = async (name: string, content: string): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, content);
    return path;
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'priora-mllp-'));
    const server = authority.issue('priora');
    house = await openHouse({
      environment: {
        PRIORA_TENANTS: 'north', PRIORA_MLLP_PORT: '0',
        PRIORA_MLLP_TLS_CERT: await file('cert.pem', server.certificate), PRIORA_MLLP_TLS_KEY: await file('key.pem', server.key), PRIORA_MLLP_TLS_CLIENT_CA: await file('ca.pem', authority.certificate),
        PRIORA_MLLP_PARTNERS: await file('partners.yaml', `
senders:
  - { application: EPIC, facility: GENERAL, certificate: general.example.org, timeZone: America/New_York, characterSet: 8859/1 }
  - { application: LAB, certificate: lab.example.org }
receivers:
  - { facility: PLAN, tenant: default }
  - { application: PRIORA, facility: NORTH, tenant: north }
`),
      },
    });
  });
  afterAll(async () => {
    await house.close();
    await rm(folder, { recursive: true });
  });

  const by = async (name: string): ReturnType<typeof openClient> => {
    const own = authority.issue(name);
    return openClient(house.server.mllp!.port, { ca: authority.certificate, cert: own.certificate, key: own.key });
  };
  const refusal = (text: string): readonly string[] => [codeOf(text)!, segmentsOf(text).find(([id]) => id === 'ERR')![3]!.split('^')[0]!];
  const patients = async (base: string): Promise<number> => (await send('GET', `${base}/Patient?_summary=count`)).json.total as number;

  test('a sender by another\'s certificate, one that is not listed, and a receiver that is not here are refused, and nothing is kept', async () => {
    const general = await by('general.example.org');
    const answers = [
      await general.ask(adt({ id: '1', sender: 'LAB|X' })), await general.ask(adt({ id: '2', sender: 'OTHER|GENERAL' })), await general.ask(adt({ id: '3', sender: 'EPIC|GENERAL', receiver: 'PRIORA|SOUTH' })),
      await general.ask(`BHS|^~\\&|\r${adt({ id: '4', sender: 'EPIC|GENERAL' })}${adt({ id: '5', sender: 'LAB|X' })}BTS|2\r`),
      await general.ask(`BHS|^~\\&|\r${adt({ id: '6', sender: 'EPIC|GENERAL' })}${adt({ id: '7', sender: 'EPIC|GENERAL', receiver: 'PRIORA|NORTH' })}BTS|2\r`),
      // Behind a message that is allowed, behind blank lines, and without a header that could be matched.
      await general.ask(`${adt({ id: '8', sender: 'EPIC|GENERAL' })}${adt({ id: '9', sender: 'LAB|X' })}`),
      await general.ask(`\r\n ${adt({ id: '10', sender: 'LAB|X' })}`),
      await general.ask(`\ufeff\r${adt({ id: '11', sender: 'LAB|X' })}`),
      await general.ask('hello'),
    ];
    general.close();
    expect(answers.map(refusal)).toEqual(Array.from({ length: 9 }, () => ['AR', '204']));
    expect((await house.sql.query('select 1 from landing')).rows).toHaveLength(0);
  });

  test('MSH-5 and MSH-6 say whose a message is', async () => {
    const general = await by('general.example.org');
    const message = { sender: 'EPIC|GENERAL', receiver: 'PRIORA|NORTH' };
    expect(codeOf(await general.ask(adt({ id: 'N1', ...message })))).toBe('AA');
    general.close();
    expect([await patients(house.fhir), await patients(`${house.origin}/tenant/north/fhir`)]).toEqual([0, 1]);
    expect((await house.sql.query<{ sender: string }>('select sender from landing')).rows.map(({ sender }) => sender)).toEqual(['mllp general.example.org']);
  });

  test('what was agreed with a sender holds for what it does not say', async () => {
    const general = await by('general.example.org');
    const segments = ['EVN|A01|20260302', 'PID|1||Z1^^^GENERAL&2.16.840.1.113883.19.5&ISO^MR||M\u00fcller^Case||19700214|F', 'PV1|1|I|||||||||||||||||V1^^^GENERAL&2.16.840.1.113883.19.5&ISO^VN|||||||||||||||||||||||||20260302084500'];
    const text = adt({ id: 'Z1', sender: 'EPIC|GENERAL', segments }).replace('20260302085500+0000', '20260302085500');
    expect(codeOf(await general.ask(Buffer.from(text, 'latin1')))).toBe('AA');
    general.close();
    const patient = (await send('GET', `${house.fhir}/Patient?identifier=Z1`)).json.entry[0].resource;
    expect(patient.name[0].family).toBe('M\u00fcller');
    const encounter = (await send('GET', `${house.fhir}/Encounter?patient=Patient/${patient.id}`)).json.entry[0].resource;
    expect(encounter.period.start).toBe('2026-03-02T08:45:00-05:00');
  });
});
