/**
 * Shards and the ids that carry them.
 *
 * Everything in one patient's compartment has the same shard, so that a patient's rows stay together when the
 * store is spread over machines. An id that the server hands out carries its shard, so a read by id can go to one
 * machine without asking where the row is; an id that a client chose is hashed.
 */
import { hash } from 'node:crypto';
import type { Context } from './context.ts';

export const shardCount = 1024;

/** The shard of everything owned by `owner`: the id of a Patient, or a resource's own id where it has no patient. */
export function shardOf(tenant: number, owner: string): number {
  return shardInId(owner) ?? Number.parseInt(hash('sha1', `${tenant}\u0000${owner}`, 'hex').slice(0, 4), 16) % shardCount;
}

/**
 * A new id: a UUID of version 7 (RFC 9562, section 5.7), so that ids made one after another are neighbours in the
 * index, with the shard in ten of the twelve bits of `rand_a`. Without a shard to join, one is drawn.
 */
export function newId(context: Pick<Context, 'now' | 'random'>, shard?: number): string {
  const bytes = Buffer.alloc(16);
  const noise = Buffer.from(context.random(10));
  bytes.writeUIntBE(context.now().getTime(), 0, 6);
  bytes.set(noise.subarray(0, 8), 8);
  const bits = ((shard ?? noise.readUInt16BE(8) % shardCount) << 2) | (noise[9]! & 0x03);
  bytes.writeUInt16BE(0x7000 | bits, 6);
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

const versionSeven = /^[0-9a-f]{8}-[0-9a-f]{4}-7([0-9a-f]{3})-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** The shard in an id of ours; undefined for an id that somebody else chose. */
export function shardInId(id: string): number | undefined {
  const bits = versionSeven.exec(id)?.[1];
  return bits === undefined ? undefined : Number.parseInt(bits, 16) >> 2;
}
