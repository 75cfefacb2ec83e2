/**
 * Bundles sent to the base: a transaction (all entries or none, in one commit) and a batch (each entry for itself).
 * Source: https://hl7.org/fhir/R4/http.html#transaction
 */
import type { FastifyInstance } from 'fastify';
import { Problem } from '../../../fhir/problems.ts';
import type { House } from '../../house.ts';
import { readBatch } from '../bundles/batch.ts';
import { readTransaction } from '../bundles/transaction.ts';
import { assertPlainAddress, readResourceBytes } from '../media-types.ts';
import { representationOf } from '../representation.ts';
import { asResource } from '../resource-body.ts';

// https://hl7.org/fhir/R4/valueset-bundle-type.html
const bundleTypes: ReadonlySet<unknown> = new Set(['document', 'message', 'transaction', 'transaction-response', 'batch', 'batch-response', 'history', 'searchset', 'collection']);

export function transactionRoutes(server: FastifyInstance, house: House): void {
  server.post('/', { config: { interaction: ['transaction', 'batch'] } }, async (request, reply) => {
    assertPlainAddress(request, 'transaction');
    const representation = representationOf(request);
    const bundle = asResource(readResourceBytes(request, 'a Bundle of type transaction or batch'), 'Bundle');
    const { type, entry = [] } = bundle as { type?: unknown; entry?: unknown };
    if (type !== 'transaction' && type !== 'batch') throw new Problem('bundle-type', { found: typeof type === 'string' && bundleTypes.has(type) ? type : 'none of FHIR', expected: 'transaction or batch' }, 'Bundle.type');
    if (!Array.isArray(entry)) throw new Problem('invalid-element', { element: 'Bundle.entry', reason: 'a list is expected' }, 'Bundle.entry');
    // A Bundle may have no entries, but JSON has no empty list for that (https://hl7.org/fhir/R4/json.html#primitive).
    if (entry.length === 0 && 'entry' in bundle) throw new Problem('invalid-element', { element: 'Bundle.entry', reason: 'it must not be empty; a Bundle without entries has none' }, 'Bundle.entry');
    if (entry.length > house.configuration.bundleLimit) throw new Problem('bundle-too-large', { count: entry.length, limit: house.configuration.bundleLimit }, 'Bundle.entry');
    const answer = await (type === 'transaction' ? readTransaction(bundle, entry, request, house) : readBatch(entry, request, server, house));
    return representation.send(reply.status(200), answer);
  });
}
