/**
 * The CDS services: one for each hook of CRD, and what its discovery says of them.
 * Source: CDS Hooks 2.0, "Discovery" (https://cds-hooks.hl7.org/2.0/#discovery);
 * http://hl7.org/fhir/us/davinci-crd/2.2.1/hooks.html, deviations.html#configuration-options-extension.
 */
import { editions, hookExtension, hooks, type Hook } from '../../profiles/crd/names.ts';
import type { PolicyPack } from '../../review/policies/pack.ts';
import { coverageInfoOption, optionsOf, type ConfigurationOption } from './options.ts';
import { prefetchOf } from './prefetch.ts';

export interface CdsService {
  readonly hook: Hook;
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** Coverage information is always answered (hook-16); elsewhere it is, as far as it is of use so early (hook-17, hook-19). */
  readonly isPrimary: boolean;
}

const described: Readonly<Record<Hook, Pick<CdsService, 'title' | 'description' | 'isPrimary'>>> = {
  'appointment-book': { isPrimary: true, title: 'Coverage requirements of an appointment', description: 'Tells whether what is booked is covered, whether prior authorization is needed, and what has to be documented.' },
  'encounter-start': { isPrimary: false, title: 'Coverage requirements of an encounter that begins', description: 'Tells whether the encounter is covered, as far as that can be said when it begins.' },
  'encounter-discharge': { isPrimary: false, title: 'Coverage requirements at discharge', description: 'Tells whether the encounter is covered, as far as that can be said at discharge.' },
  'order-dispatch': { isPrimary: true, title: 'Coverage requirements of an order for its performer', description: 'Tells, once it is known who performs an order, whether it is covered, whether prior authorization is needed, and what has to be documented.' },
  'order-select': { isPrimary: false, title: 'Coverage requirements of a selected order', description: 'Tells whether what is selected is covered and whether prior authorization will be needed, before the order is complete.' },
  'order-sign': { isPrimary: true, title: 'Coverage requirements of orders to be signed', description: 'Tells whether orders are covered, whether prior authorization is needed, and what has to be documented.' },
};

export const services: readonly CdsService[] = hooks.map((hook) => ({ hook, id: `${hook}-crd`, ...described[hook] }));

/** What GET /cds-services answers. */
export function discovery(packs: readonly PolicyPack[]): object {
  const options: readonly ConfigurationOption[] = [coverageInfoOption, ...optionsOf(packs)];
  return {
    services: services.map(({ hook, id, title, description }) => ({
      hook, id, title, description,
      prefetch: prefetchOf(hook),
      usageRequirements: 'The patient is covered by this payer. What is not in the prefetch is read from fhirServer with fhirAuthorization.',
      extension: { [hookExtension.version]: editions, [hookExtension.configurationOptions]: options },
    })),
  };
}
