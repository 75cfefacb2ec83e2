/** TerminologyCapabilities: which code systems are here, and what $expand takes (https://hl7.org/fhir/R4/terminologycapabilities.html). */
import type { TerminologyCapabilities } from '@medplum/fhirtypes';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { presentCodeSystems } from '../../store/terminology/present.ts';
import { andShipped } from '../../store/terminology/shipped.ts';
import { expandNames } from './expand.ts';

/** Features that HL7's terminology clients look for (https://build.fhir.org/ig/HL7/fhir-tx-ecosystem-ig/). */
export const terminologyFeatures = [
  { definition: 'http://hl7.org/fhir/uv/tx-tests/FeatureDefinition/test-version', value: { valueCode: '1.8.0' } },
  { definition: 'http://hl7.org/fhir/uv/tx-ecosystem/FeatureDefinition/CodeSystemAsParameter', value: { valueBoolean: true } },
].map(({ definition, value }) => ({ url: 'http://hl7.org/fhir/uv/application-feature/StructureDefinition/feature', extension: [{ url: 'definition', valueCanonical: definition }, { url: 'value', ...value }] }));

/** Of a code system: versions whose closure is still being made. What is asked of their hierarchy is answered, and slower. */
export const hierarchyPendingExtension = 'https://priora.health/fhir/StructureDefinition/hierarchy-pending';

export async function terminologyCapabilities(database: Queryable, { access, base, now }: Context, version: string): Promise<TerminologyCapabilities> {
  const systems = andShipped(await presentCodeSystems(database, access));
  return {
    resourceType: 'TerminologyCapabilities', url: `${base}/metadata?mode=terminology`, version, name: 'PrioraTerminology', title: 'Terminology of this Priora server', status: 'active', date: now().toISOString(), kind: 'instance',
    software: { name: 'Priora', version }, implementation: { description: 'Priora FHIR server', url: base }, lockedDate: false,
    codeSystem: systems.map(({ url, versions, unclosed = [] }) => ({
      ...(unclosed.length > 0 && { extension: unclosed.map((valueString) => ({ url: hierarchyPendingExtension, valueString })) }), uri: url, ...(versions.some((one) => one !== '') && { version: versions.filter((one) => one !== '').map((code) => ({ code })) }), subsumption: true,
    })),
    expansion: { hierarchical: true, paging: true, incomplete: false, parameter: expandNames.toSorted().map((name) => ({ name })), textFilter: 'Words separated by anything that is no letter or digit; each must begin a word of the code, the display or a designation. Case and accents do not matter.' },
    codeSearch: 'all', validateCode: { translations: true }, translation: { needsMap: false }, closure: { translation: false },
  };
}
