/** The public page of a year's decisions, for a plan to publish. No patient data, no script, nothing from elsewhere. */
import type { FastifyInstance } from 'fastify';
import { reportPage } from '../../../operations/metrics/page.ts';
import { yearlyReport } from '../../../operations/metrics/report.ts';
import { Problem } from '../../../fhir/problems.ts';
import type { House } from '../../house.ts';
import { queryOf } from '../media-types.ts';
import { contextOf } from '../request-context.ts';

const taken: ReadonlySet<string> = new Set(['plan', 'line-of-business', 'state', 'count']);

export function reportRoutes(server: FastifyInstance, house: House): void {
  server.get<{ Params: { year: string } }>('/report/:year', async (request, reply) => {
    const query = queryOf(request);
    const unknown = query.find(([name]) => !taken.has(name));
    if (unknown) throw new Problem('unknown-operation-parameter', { operation: 'report', name: /^[a-z-]{1,40}$/.test(unknown[0]) ? unknown[0] : '(not a name)' });
    const read = (name: string): string | undefined => {
      const values = query.filter(([each]) => each === name);
      if (values.length > 1) throw new Problem('invalid-operation-parameter', { name, reason: 'it occurs more than once' });
      return name === 'year' ? request.params.year : values[0]?.[1];
    };
    const report = await yearlyReport(house, read, contextOf(request, house));
    return reply.type('text/html; charset=utf-8').header('content-security-policy', `default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`).send(reportPage(report));
  });
}
