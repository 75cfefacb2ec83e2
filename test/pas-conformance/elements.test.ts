/**
 * PAS 2.2.1 on elements: all that is must-support is taken, nothing else is needed, and what is left out is no error.
 */
import type { Bundle, Claim } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { openHouse, send, type TestHouse } from '../support/house.ts';
import { profileNamed, unseen } from '../support/must-support.ts';
import { fullRequest, type FullRequest } from '../support/pas-full-request.ts';
import { actionsOf, claimOf, claimResponseOf, inquire, pendingRequest, request, resourceOf, returnedBundles, submit, submitted } from '../support/pas-requests.ts';
import { asksAbout, cancelItem, flag, update } from '../support/pas-updates.ts';
import { faultsOf } from '../support/pas-response-rules.ts';
import { sharedJson } from '../support/shared.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true }); });
afterAll(async () => { await house.close(); });

let runs = 0;
const full = (options: Partial<FullRequest> = {}): Bundle => fullRequest({
  run: `FULL${++runs}`, at: house.clock.now.toISOString(), asks: 'organization', services: ['E1390', 'G0154', 'A4253', 'B4150'],
  member: { number: 'PD1000001', family: 'Okafor', given: 'Amara', birthDate: '1951-03-09' }, ...options,
});

describe('must-support', () => {
  test('conf-4: a request that says every must-support element is reviewed, and so is its update', async () => {
    const asked = full();
    const answer = (await submit(house, asked)).json as Bundle;
    expect(faultsOf(answer, asked)).toEqual([]);
    expect(Object.keys(actionsOf(answer))).toEqual(['1', '2', '3', '4']);
    const changed = update(asked, (claim) => { flag(claim.item![0]!, 'changed'); cancelItem(claim.item![1]!); });
    expect(actionsOf((await submit(house, changed)).json as Bundle)).toMatchObject({ 2: 'C' });
  });

  test('the request of these tests does say them', () => {
    const bundles = [full(), full({ asks: 'role' }), update(full(), (claim) => {
      flag(claim.item![0]!, 'changed');
      cancelItem(claim.item![1]!);
      claim.extension = [...claim.extension!, { url: 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-certificationType', valueCodeableConcept: { coding: [{ code: '4' }] } }];
      Object.assign(claim.supportingInfo![4]!, { extension: [{ url: 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-infoChanged', valueCode: 'changed' }], modifierExtension: [{ url: 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition/modifierextension-infoCancelled', valueBoolean: true }] });
    })];
    const resources = bundles.flatMap(({ entry }) => entry!.map(({ resource }) => resource!));
    const missing = ([['claim_update', 'Claim'], ['beneficiary', 'Patient'], ['requestor', 'Organization'], ['insurer', 'Organization'], ['practitioner', 'Practitioner'], ['practitioner_role', 'PractitionerRole'], ['coverage', 'Coverage']] as const).flatMap(([name, type]) => {
      const profile = profileNamed(name);
      return profile ? unseen(profile, resources.filter(({ resourceType }) => resourceType === type)).map((path) => `${name}: ${path}`) : [];
    });
    expect(missing).toEqual([]);
  });

  test('conf-5: no must-support element is in the way of an inquiry', async () => {
    const asked = full();
    await submitted(house, asked);
    const answer = await inquire(house, asksAbout(asked, (claim) => { delete claim.extension; claim.billablePeriod = { start: '2026-01-01', end: '2026-12-31' }; }));
    expect([answer.status, returnedBundles(answer).length > 0]).toEqual([200, true]);
  });

  test('conf-10: elements that are not must-support change nothing', async () => {
    const asked = request(house);
    Object.assign(claimOf(asked), { funds: undefined, subType: { text: 'x' }, prescription: { display: 'none' }, facility: { display: 'Ward 3' }, procedure: [{ sequence: 1, procedureCodeableConcept: { text: 'none' } }], total: { value: 1, currency: 'USD' } });
    expect(actionsOf((await submit(house, asked)).json as Bundle)).toEqual({ 1: 'A1' });
  });

  test('conf-11, conf-12: a request of mandatory elements alone is reviewed', async () => {
    const asked = request(house);
    const claim = claimOf(asked);
    for (const name of ['meta', 'diagnosis', 'supportingInfo', 'careTeam'] as const) delete claim[name];
    for (const { resource } of asked.entry!) delete resource!.meta;
    const answer = (await submit(house, asked)).json as Bundle;
    expect(actionsOf(answer)).toEqual({ 1: 'A1' });
  });
});

describe('what is left out', () => {
  const examples = [...sharedJson('pas-examples', 'ig-pas-2.2.1') ?? []].filter(([name]) => /AuthorizationBundleExample|SurgicalRequest|ClaimInquiryBundle/.test(name)).map(([name, { json }]) => ({ name, bundle: json as Bundle, inquiry: name.includes('Inquiry') }));
  if (examples.length === 0) test.todo('conf-14 is skipped: the shared examples are not beside the repository');
  else {
    test('conf-14: official examples without any of their optional elements are never answered with 4xx or 5xx', async () => {
      await fc.assert(fc.asyncProperty(fc.constantFrom(...examples), fc.integer({ min: 1, max: 2 ** 31 - 1 }), fc.double({ min: 0.02, max: 0.9, noNaN: true }), async ({ bundle, inquiry }, seed, share) => {
        const thinned = without(bundle, seed, share);
        const answer = await (inquiry ? inquire : submit)(house, thinned);
        if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text.slice(0, 600)}\n${JSON.stringify(thinned)}`);
      }), { numRuns: 150, seed: 20261122 });
    });
  }
});

/** What PAS or FHIR make mandatory on the way of a request, by type and path below it; everything else may be missing. */
const mandatory = /^(resourceType|id|Bundle\.(type|entry|entry\.(fullUrl|resource))|Claim\.(status|type.*|use|patient.*|created|insurer.*|provider.*|priority.*|insurance(\.(sequence|focal|coverage.*))?|item(\.(sequence|productOrService.*|category.*))?|identifier(\.(system|value))?|careTeam\.(sequence|provider.*)|diagnosis\.(sequence|diagnosisCodeableConcept.*)|supportingInfo\.(sequence|category.*)|related.*|accident\.date|procedure\.sequence)|Patient\.(identifier(\.(system|value|type.*))?|name(\.family)?|gender)|Coverage\.(status|identifier(\.(system|value|type.*))?|beneficiary.*|payor.*|relationship.*)|Organization\.(active|name|identifier(\.(system|value))?)|.*\.(url|reference|system|code|coding|valueCodeableConcept|status|intent|content|subject|attachment|value[A-Z].*|start|end|value|unit|currency|div))$/;

/** The Bundle with a share of its optional elements left out, the same for the same seed. */
function without(bundle: Bundle, seed: number, share: number): Bundle {
  let state = seed;
  const chance = (): number => { state = (Math.imul(state, 48271) >>> 0) % 2147483647; return state / 2147483647; };
  const thin = (value: unknown, path: string): unknown => {
    if (Array.isArray(value)) return value.map((each) => thin(each, path));
    if (typeof value !== 'object' || value === null) return value;
    const type = (value as { resourceType?: string }).resourceType;
    const here = type ?? path;
    const kept: Record<string, unknown> = {};
    for (const [name, each] of Object.entries(value)) {
      const at = name === 'resourceType' || name === 'id' ? name : `${here}.${name}`;
      if (!mandatory.test(at) && chance() < share) continue;
      kept[name] = thin(each, at);
    }
    // An object of which nothing is left is not FHIR.
    return Object.keys(kept).length === 0 ? value : kept;
  };
  return thin(bundle, '') as Bundle;
}

describe('flags of updates', () => {
  const twoLines = async (): Promise<Bundle> => {
    const first = pendingRequest(house);
    const line = claimOf(first).item![0]!;
    claimOf(first).item = [line, { ...structuredClone(line), sequence: 2, servicedDate: `2027-0${1 + (runs++ % 8)}-02` }];
    await submitted(house, first);
    return first;
  };
  const cancelled = async (change: (claim: Claim) => void): Promise<Record<number, string | undefined>> => actionsOf((await submit(house, update(await twoLines(), change))).json as Bundle);

  test('spec-65, spec-66: an update names the Claim before it, which comes along or stays behind', async () => {
    const first = await twoLines();
    const next = update(first);
    expect(actionsOf((await submit(house, next)).json as Bundle)).toEqual({ 1: 'A4', 2: 'A4' });
    const third = update(next);
    third.entry = third.entry!.filter(({ resource }) => resource!.resourceType !== 'Claim' || resource === claimOf(third));
    claimOf(third).related![0]!.claim = { identifier: claimOf(next).identifier![0]! };
    expect(actionsOf((await submit(house, third)).json as Bundle)).toEqual({ 1: 'A4', 2: 'A4' });
    const nobodys = update(first);
    claimOf(nobodys).related![0]!.claim = { identifier: { system: 'urn:x', value: 'NOBODYS' } };
    expect(claimResponseOf((await submit(house, nobodys)).json as Bundle).error![0]!.code.coding![0]!.code).toBe('AA');
  });

  test('spec-69, spec-70: an item is withdrawn by the flag with certification type 3, and not by a flag that says false', async () => {
    expect(await cancelled((claim) => cancelItem(claim.item![1]!))).toEqual({ 1: 'A4', 2: 'C' });
    expect(await cancelled((claim) => { claim.item![1]!.modifierExtension = [{ url: 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition/modifierextension-infoCancelled', valueBoolean: false }]; })).toEqual({ 1: 'A4', 2: 'A4' });
  });

  test.each(['added', 'changed'] as const)('spec-71, spec-72: an item that is new says %s', async (mode) => {
    expect(await cancelled((claim) => {
      claim.item!.push({ ...structuredClone(claim.item![0]!), sequence: 3, servicedDate: '2027-11-11' });
      flag(claim.item![2]!, mode);
    })).toEqual({ 1: 'A4', 2: 'A4', 3: 'A4' });
  });

  test('spec-64: an update of what was denied is refused with an X12 code or left as it was, and never certified', async () => {
    const first = request(house, { member: 'demo-lena-fischer', service: { system: 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', code: 'A9270' } });
    await submitted(house, first);
    const answer = (await submit(house, update(first, (claim) => { claim.item![0]!.quantity = { value: 2 }; flag(claim.item![0]!, 'changed'); }))).json as Bundle;
    expect([{ 1: 'A3' }, {}]).toContainEqual(actionsOf(answer));
    if (claimResponseOf(answer).outcome === 'error') expect(claimResponseOf(answer).error![0]!.code.coding![0]!.system).toBe('https://codesystem.x12.org/005010/901');
  });
});

describe('asking for more', () => {
  const asksForMore = async (): Promise<Bundle> => {
    const bundle = pendingRequest(house);
    delete claimOf(bundle).supportingInfo;
    bundle.entry = bundle.entry!.filter(({ resource }) => resource!.resourceType !== 'Observation');
    const answer = await submit(house, bundle);
    expect(actionsOf(answer.json as Bundle)).toEqual({ 1: 'A4' });
    return answer.json as Bundle;
  };

  test('ainfo-2: what is missing is asked for in the answer, for the line that it is for', async () => {
    const answer = await asksForMore();
    const asked = resourceOf(answer, 'CommunicationRequest');
    expect(claimResponseOf(answer).communicationRequest!.map(({ reference }) => reference)).toEqual(answer.entry!.flatMap(({ resource, fullUrl }) => resource!.resourceType === 'CommunicationRequest' ? [fullUrl] : []));
    expect([asked.payload![0]!.contentString, asked.extension![0]!.valuePositiveInt]).toEqual(['59408-5', 1]);
  });

  test('ainfo-4, ainfo-5: every code of it is an input of a PAS Task', async () => {
    const task = resourceOf(await asksForMore(), 'Task');
    expect(task.meta!.profile).toEqual(['http://hl7.org/fhir/us/davinci-pas/StructureDefinition/profile-task']);
    expect(task.input!.map(({ type, valueUrl, valueCodeableConcept }) => [type.coding![0]!.code, valueUrl ?? valueCodeableConcept?.coding?.[0]?.code])).toEqual([['payer-url', house.fhir], ['attachments-needed', '59408-5'], ['attachments-needed', '2703-7']]);
  });
});

describe('quantities', () => {
  test('prof-2: quantities of answers have a value and a unit or a code', async () => {
    const quantities = await answeredQuantities();
    expect(quantities.length).toBeGreaterThan(0);
    for (const { value, unit, code } of quantities) expect([typeof value, unit !== undefined || code !== undefined]).toEqual(['number', true]);
  });

  test('prof-3: their codes are of the X12 system, as they were sent', async () => {
    const quantities = await answeredQuantities();
    expect(new Set(quantities.flatMap(({ system, code }) => code === undefined ? [] : [system]))).toEqual(new Set(['https://codesystem.x12.org/005010/673']));
  });

  async function answeredQuantities(): Promise<{ value?: number; unit?: string; code?: string; system?: string }[]> {
    const answer = (await submit(house, full({ services: ['A4253', 'G0154'] }))).json as Bundle;
    const claim = (await submitted(house, full({ services: ['E1390'] }))).claim;
    const stored = (await send('GET', `${house.fhir}/Claim/${claim}`)).json as Claim;
    const found: { value?: number; unit?: string; code?: string; system?: string }[] = stored.item!.flatMap(({ quantity }) => quantity ?? []);
    JSON.stringify(claimResponseOf(answer), (name, value: unknown) => { if (/^(quantity|valueQuantity)$/.test(name)) found.push(value as { value?: number }); return value; });
    return found;
  }
});
