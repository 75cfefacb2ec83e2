/**
 * An official example, broken at random: whatever is sent, an answer that PAS knows comes back. Never a 5xx, never a
 * value that was sent in the text of an error.
 */
import type { Bundle, OperationOutcome } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { openHouse, send, type TestHouse } from '../support/house.ts';
import { decision, denial, pendingRequest, submitted } from '../support/pas-requests.ts';
import { sharedJson } from '../support/shared.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true }); });
afterAll(async () => { await house.close(); });

type Path = (string | number)[];

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [...(path.length > 0 ? [path] : []), ...Object.entries(value).flatMap(([name, element]) => pathsOf(element, [...path, Array.isArray(value) ? Number(name) : name]))];
}

/** A word that no text of ours has, so that it can be found where it must not be. */
const secret = 'Xanthippe-Quux-4711';

const replacement = fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 1e300, '', secret, `${secret}\u0000`, [], {}, [null], [secret], { value: secret }, { reference: `Patient/${secret}` }, { coding: secret }, [[secret]], '2026-02-30', '\ud800');

type Mutation = { readonly at: number; readonly how: 'delete' | 'replace' | 'duplicate' | 'wrap' | 'copy'; readonly value: unknown; readonly from: number };

const mutation: fc.Arbitrary<Mutation> = fc.record({ at: fc.nat(), how: fc.constantFrom('delete', 'replace', 'duplicate', 'wrap', 'copy'), value: replacement, from: fc.nat() });

function mutated(original: unknown, mutations: readonly Mutation[]): unknown {
  const copy = structuredClone(original);
  for (const { at, how, value, from } of mutations) {
    const paths = pathsOf(copy);
    // Nothing is left to break.
    if (paths.length === 0) break;
    const path = paths[at % paths.length]!;
    const name = path.at(-1);
    const owner = path.slice(0, -1).reduce<unknown>((node, step) => (node as Record<string | number, unknown>)[step], copy) as Record<string | number, unknown> | unknown[];
    if (name === undefined) continue;
    const holder = owner as Record<string | number, unknown>;
    switch (how) {
      case 'delete': if (Array.isArray(owner)) owner.splice(Number(name), 1); else Reflect.deleteProperty(holder, name); break;
      case 'replace': holder[name] = structuredClone(value); break;
      case 'duplicate': if (Array.isArray(owner)) owner.splice(Number(name), 0, structuredClone(holder[name])); else holder[`${name}x`] = structuredClone(holder[name]); break;
      case 'wrap': holder[name] = [holder[name]]; break;
      case 'copy': holder[name] = structuredClone(paths[from % paths.length]!.reduce<unknown>((node, step) => (node as Record<string | number, unknown>)[step], copy)); break;
    }
  }
  return copy;
}

const seeds = [...sharedJson('pas-examples', 'ig-pas-2.2.1') ?? []].filter(([name]) => /^Bundle-.*(Authorization|Request|Inquiry)BundleExample\.json$/.test(name)).map(([, { json }]) => json);

async function assertWellAnswered(operation: string, body: unknown): Promise<void> {
  const answer = await send('POST', `${house.fhir}/${operation}`, JSON.stringify(body));
  if (answer.status >= 500) throw new Error(`${answer.status}: ${house.log.findLast((line) => line.includes('fault'))}`);
  const json = answer.json as Bundle | OperationOutcome;
  if (answer.status === 200) expect(['Bundle', 'Parameters']).toContain(json.resourceType);
  else {
    expect(json.resourceType).toBe('OperationOutcome');
    expect(answer.text).not.toContain('Xanthippe');
  }
}

describe('at random', () => {
  const bundles = seeds.length > 0 ? fc.constantFrom<unknown>(...seeds) : fc.constant(undefined).map(() => pendingRequest(house));

  test.each(['Claim/$submit', 'Claim/$inquire'])('%s of a broken Bundle', async (operation) => {
    await expect(fc.assert(fc.asyncProperty(bundles, fc.array(mutation, { minLength: 1, maxLength: 4 }), async (seed, mutations) => {
      await assertWellAnswered(operation, mutated(seed, mutations));
    }), { numRuns: operation === 'Claim/$submit' ? 600 : 250, endOnFailure: true })).resolves.toBeUndefined();
  }, 120_000);

  test('$decide of broken Parameters', async () => {
    const { claim } = await submitted(house, pendingRequest(house));
    const seed = decision({ ...denial, action: 'modify', more: [{ name: 'productOrService', valueCodeableConcept: { coding: [{ code: 'x' }] } }, { name: 'period', valuePeriod: { start: '2026-01-01' } }, { name: 'quantity', valueQuantity: { value: 1 } }] });
    await expect(fc.assert(fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 4 }), async (mutations) => {
      await assertWellAnswered(`Claim/${claim}/$decide`, mutated(seed, mutations));
    }), { numRuns: 250, endOnFailure: true })).resolves.toBeUndefined();
  }, 120_000);

  test('nothing that was sent is in the log', () => {
    expect(house.log.length).toBeGreaterThan(0);
    expect(house.log.filter((line) => line.includes('Xanthippe') || line.includes('SMITH'))).toEqual([]);
  });
});
