/** Packages as HL7 publishes them: US Core 3.1.1, 6.1.0 and 7.0.0 at once, PAS 2.0.1 and 2.2.1 at once, and a guide without snapshots. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Definitions } from '../../../profiles/definitions.ts';
import { readShippedPackages } from '../../../profiles/packages/shipped.ts';
import { openDatabase, type Database } from '../../../store/database.ts';
import { createDefinitionsCache } from '../../../store/packages/cache.ts';
import { readInstalled } from '../../../store/packages/definitions.ts';
import { installPackage, type Installed } from '../../../store/packages/install.ts';
import { openPackage } from '../../../store/packages/package-source.ts';
import { createDatabase } from '../../support/house.ts';

const igs = join(process.cwd(), '..', 'shared', 'igs');

(existsSync(igs) ? describe : describe.skip)('Published packages (skipped where ../shared/igs is absent)', () => {
  const shipped = readShippedPackages();
  const results = new Map<string, Installed>();
  let database: Database;
  let drop: () => Promise<void>;
  let definitions: Definitions;
  beforeAll(async () => {
    const created = await createDatabase();
    drop = created.drop;
    database = openDatabase({ connection: { connectionString: created.url }, size: 4, onIdleError: () => {} });
    for (const name of ['hl7.fhir.us.core-3.1.1', 'hl7.fhir.us.core-6.1.0', 'hl7.fhir.us.core-7.0.0', 'hl7.fhir.us.davinci-pas-2.0.1', 'hl7.fhir.us.davinci-pas-2.2.1', 'unofficial-sushi/hl7.fhir.us.davinci-cdex-2.1.0.UNOFFICIAL']) {
      results.set(name, await installPackage(database, await openPackage(join(igs, `${name}.tgz`)), (connection) => readInstalled(connection, shipped), new Date(0)));
    }
    ({ definitions } = await createDefinitionsCache(database, shipped).of(1));
  }, 120_000);
  afterAll(async () => {
    await database.close();
    await drop();
  });

  test('are installed with all their definitions', () => {
    expect([...results].map(([name, { outcome, unusable }]) => [name, outcome, unusable])).toEqual([...results.keys()].map((name) => [name, 'added', []]));
  });

  test.each(['3.1.1', '6.1.0', '7.0.0'])('US Core %s keeps to itself', (version) => {
    const patient = definitions.structure(`http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient|${version}`)!;
    expect(patient).toMatchObject({ version, from: `hl7.fhir.us.core#${version}`, base: 'http://hl7.org/fhir/StructureDefinition/Patient|4.0.1' });
    expect(patient.elements.find(({ id }) => id === 'Patient.extension:race')!.types).toEqual([{ code: 'Extension', profiles: [`http://hl7.org/fhir/us/core/StructureDefinition/us-core-race|${version}`] }]);
  });

  test.each(['2.0.1', '2.2.1'])('PAS %s keeps to itself', (version) => {
    const claim = definitions.structure(`http://hl7.org/fhir/us/davinci-pas/StructureDefinition/profile-claim|${version}`)!;
    expect(claim).toMatchObject({ version, base: `http://hl7.org/fhir/us/davinci-pas/StructureDefinition/profile-claim-base|${version}` });
  });

  test('what is installed says the same as what ships, with its texts', () => {
    const url = 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition/profile-claimresponse|2.2.1';
    const withoutTexts = (table: unknown): unknown => JSON.parse(JSON.stringify(table), (key, value: unknown) => (key === 'human' ? undefined : value));
    expect(withoutTexts(definitions.structure(url)!.elements.map(({ types: _types, binding: _binding, ...row }) => row)))
      .toEqual(withoutTexts(shipped.index.structure(url)!.elements.map(({ types: _types, binding: _binding, ...row }) => row)));
    expect(JSON.stringify(definitions.structure(url))).toContain('"human":');
  });

  test('profiles without snapshots have been given some', () => {
    const task = definitions.structure('http://hl7.org/fhir/us/davinci-cdex/StructureDefinition/cdex-task-attachment-request')!;
    expect(task.elements.length).toBeGreaterThan(50);
    expect(task.elements.find(({ id }) => id === 'Task.code')).toMatchObject({ min: 1 });
  });
});
