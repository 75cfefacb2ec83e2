/**
 * Who sends HL7v2 messages here and whom they are for: from a settings file (YAML or JSON). Without one everybody who can
 * reach the listener may send to the tenant `default`.
 */
import { z } from 'zod';
import { characterSetNamed } from '../../mappers/hl7v2/syntax/character-sets.ts';
import { compileRules } from '../../mappers/hl7v2/engine/compile.ts';
import type { Hl7MappingOptions } from '../../mappers/hl7v2/map.ts';
import { type Hl7Segment, valueAt } from '../../mappers/hl7v2/syntax/message.ts';

/** What is known of a sender. */
export interface Sender {
  /** What it is called in records: a name of the administrator's choice. */
  readonly name?: string;
  /** Name of table 0211: what it uses where MSH-18 says nothing. */
  readonly characterSet?: string;
  /** How its messages are mapped: time zone, authorities, code systems, rules of its own. */
  readonly mapping: Hl7MappingOptions;
}

export interface Partners {
  /** The sender of a message by MSH-3 and MSH-4; undefined where none is listed. */
  senderOf(header: Hl7Segment | undefined): Sender | undefined;
  /**
   * Whether a message may come by a connection.
   *
   * @param certificate common name of the client certificate, where the connection has one
   */
  mayComeBy(header: Hl7Segment | undefined, certificate: string | undefined): boolean;
  /** Name of the tenant that MSH-5 and MSH-6 are for; undefined where there is none. */
  tenantOf(header: Hl7Segment | undefined): string | undefined;
}

const timeZone = z.string().refine((name) => isTimeZone(name), 'an IANA time zone such as America/New_York is expected');
const characterSet = z.string().refine((name) => characterSetNamed(name) !== undefined, 'a character set of table 0211 that this server reads is expected');

const rules = z.custom<NonNullable<Hl7MappingOptions['rules']>>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), 'rules by segment are expected');

const schema = z.strictObject({
  senders: z.array(z.strictObject({
    name: z.string().min(1).max(200).optional(),
    /** MSH-3.1 and MSH-4.1; any where absent. */
    application: z.string().min(1).optional(),
    facility: z.string().min(1).optional(),
    /** Common name of the client certificate that this sender must show. */
    certificate: z.string().min(1).optional(),
    characterSet: characterSet.optional(),
    timeZone: timeZone.optional(),
    /** URI by the namespace of HD.1, and by the coding system of CWE.3. */
    authorities: z.record(z.string(), z.string()).optional(),
    codeSystems: z.record(z.string(), z.string()).optional(),
    /** By segment, in the form of the shipped rules. */
    rules: rules.optional(),
  })).optional(),
  receivers: z.array(z.strictObject({
    /** MSH-5.1 and MSH-6.1; any where absent. */
    application: z.string().min(1).optional(),
    facility: z.string().min(1).optional(),
    tenant: z.string().min(1),
  })).optional(),
});

type Entry = NonNullable<z.infer<typeof schema>['senders']>[number];

/** Everybody, for one tenant. */
export function anyPartners(tenant: string): Partners {
  return { senderOf: () => undefined, mayComeBy: () => true, tenantOf: () => tenant };
}

/**
 * The first entry that matches counts, in the order of the file. A list that is there is complete: who matches no entry
 * is refused, and so is what has no header to match. A sender with several certificates has several entries, of which the first has its settings.
 *
 * @param content the file, parsed
 * @throws {RangeError} with a line for the administrator; RuleFault where the rules of a sender cannot be used
 */
export function readPartners(content: unknown, tenants: readonly string[], fallback: string): Partners {
  const result = schema.safeParse(content ?? {});
  if (!result.success) throw new RangeError(result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
  const { senders, receivers } = result.data;
  const unknown = receivers?.find(({ tenant }) => !tenants.includes(tenant));
  if (unknown) throw new RangeError(`receivers: there is no tenant ${unknown.tenant}`);
  const known = new Map(senders?.map((sender) => [sender, senderOf(sender)]));
  const find = (header: Hl7Segment | undefined): Entry | undefined => senders?.find((sender) => matches(sender, header, 3));
  return {
    senderOf(header) {
      const found = find(header);
      return found && known.get(found);
    },
    mayComeBy(header, certificate) {
      if (senders === undefined) return true;
      return senders.some((sender) => matches(sender, header, 3) && (sender.certificate === undefined || sender.certificate === certificate));
    },
    tenantOf: (header) => (receivers === undefined ? fallback : receivers.find((receiver) => matches(receiver, header, 5))?.tenant),
  };
}

function senderOf({ name, characterSet: set, timeZone: zone, authorities, codeSystems, rules: own }: Entry): Sender {
  const mapping: Hl7MappingOptions = { ...(zone !== undefined && { timeZone: zone }), ...(authorities && { authorities }), ...(codeSystems && { codeSystems }), ...(own && { rules: own }) };
  // Rules that cannot be used are told now, and not when the first message comes.
  if (own) compileRules(own);
  return { ...(name !== undefined && { name }), ...(set !== undefined && { characterSet: set }), mapping };
}

/** @param field of the application; the facility is the next */
function matches({ application, facility }: { readonly application?: string | undefined; readonly facility?: string | undefined }, header: Hl7Segment | undefined, field: number): boolean {
  return (application === undefined || valueAt(header, field) === application) && (facility === undefined || valueAt(header, field + 1) === facility);
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
