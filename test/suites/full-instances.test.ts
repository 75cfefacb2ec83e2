/**
 * Instances grown from nothing or from an example: what is made of a profile all at once is not valid, what is grown row
 * by row is, and has every row that it may have.
 */
import { createValidator } from '../../profiles/validator.ts';
import type { StructureTable } from '../../profiles/tables/structure-table.ts';
import type { TreeNode } from '../../profiles/compile/tree.ts';
import { sharedPackages } from '../support/packages.ts';
import { withHolders } from './full-instances/holders.ts';
import { errorsBy, instancesIn, type InstanceMaker } from './full-instances/instances.ts';
import { leastResource } from './full-instances/make.ts';
import { rootOf } from './ig-mutations-constraints.ts';
import { openGuides, type Guide } from './ig-examples.ts';

const pas = 'hl7.fhir.us.davinci-pas-2.2.1';
const base = 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition/';
const isHere = sharedPackages().includes(`${pas}.tgz`);

(isHere ? describe : describe.skip)('full instances', () => {
  let guide: Guide;
  let instances: InstanceMaker;
  const tableOf = (name: string): { readonly table: StructureTable; readonly root: TreeNode } => {
    const table = guide.definitions.structure(`${base}${name}`)!;
    return { table, root: rootOf(table)! };
  };

  beforeAll(async () => {
    const [opened] = await openGuides((name) => name === pas);
    const definitions = withHolders(opened!.definitions);
    guide = { ...opened!, definitions, validate: createValidator(definitions, { rules: new Map() }) };
    // No example is given: everything is made.
    instances = instancesIn(guide, []);
  }, 900_000);

  test('a resource of nothing but its type is not valid by its profile', () => {
    const { table } = tableOf('profile-claim');
    expect(errorsBy(guide)({ resource: { resourceType: 'Claim' }, by: table.url })).toContain('element-missing');
  });

  test.each(['profile-claim', 'profile-claimresponse', 'profile-task'])('%s: everything at once is not valid', (name) => {
    const { table } = tableOf(name);
    expect(errorsBy(guide)({ resource: leastResource(instances.maker, table, true)!, by: table.url })).toBeDefined();
  });

  test.each([
    ['profile-claim', ['Claim.extension:administrationReferenceNumber']],
    ['profile-servicerequest', []],
    ['profile-organization', []],
  ])('%s: what is grown is valid, and has every row that it may have', (name, without) => {
    const { table, root } = tableOf(name);
    const { examples, grown } = instances.of(table, root);
    expect(examples).toEqual([]);
    expect(grown.instances.map((instance) => errorsBy(guide)(instance)).filter((errors) => errors !== undefined)).toEqual([]);
    // Contained is only what something refers to.
    const refused = [...grown.refused].filter(([{ row }]) => !without.some((start) => row.id.startsWith(start)) && !row.id.endsWith('.contained')).map(([{ row }, told]) => `${row.id}: ${told}`);
    expect(refused).toEqual([]);
    expect(grown.instances.length).toBeGreaterThan(0);
  });

  test.each(['profile-identifier', 'extension-reviewAction'])('%s is held by something, and valid there', (name) => {
    const { table, root } = tableOf(name);
    const { grown } = instances.of(table, root);
    expect(grown.instances.length).toBeGreaterThan(0);
    expect(grown.instances.map((instance) => errorsBy(guide)(instance)).filter((errors) => errors !== undefined)).toEqual([]);
    expect([...grown.refused].map(([{ row }]) => row.id)).toEqual([]);
  });
});
