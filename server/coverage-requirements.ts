/** Coverage requirements discovery, put together: rules, what may be read of clients' servers, and who counts. */
import type { Logger } from 'pino';
import { clientReader } from '../operations/coverage-requirements/read-client.ts';
import { createCoverageRequirementsService, type CoverageRequirementsService } from '../operations/coverage-requirements/service.ts';
import type { Outbound } from '../operations/outbound/call.ts';
import type { PolicyPack } from '../review/policies/pack.ts';
import type { Database } from '../store/database.ts';
import type { Configuration } from './configuration.ts';
import { faultOf } from './log.ts';
import type { Metrics } from './metrics.ts';

export interface CoverageRequirementsParts {
  readonly database: Database;
  readonly policies: readonly PolicyPack[];
  readonly configuration: Configuration;
  readonly outbound: Outbound;
  readonly metrics: Metrics;
  readonly log: Logger;
}

export function assembleCoverageRequirements({ database, policies, configuration, outbound, metrics, log }: CoverageRequirementsParts): CoverageRequirementsService {
  return createCoverageRequirementsService({
    database, policies, budget: configuration.cdsBudget,
    openClient: clientReader(outbound, configuration.cdsBudget),
    observer: {
      answered: (hook, covered, authorization) => { metrics.guidance.inc({ hook, covered, authorization }); },
      feedback: (service, outcome) => { metrics.cardFeedback.inc({ service, outcome }); },
      fault: (error, context) => { log.error({ request: context.request, ...faultOf(error) }, 'a CDS call was answered with technical'); },
    },
  });
}
