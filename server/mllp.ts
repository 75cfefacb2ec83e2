/** The MLLP listener, put together: its settings and files, the HL7v2 rail, the context of each delivery. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { anyPartners, readPartners, type Partners } from '../channels/hl7v2/partners.ts';
import { hl7v2Rail, type Hl7Rail } from '../channels/hl7v2/rail.ts';
import type { Hl7Reviewer } from '../channels/hl7v2/review-request.ts';
import { mapMessage } from '../mappers/hl7v2/map.ts';
import { listen, type MllpListener } from '../channels/mllp/listener.ts';
import { receive } from '../channels/mllp/receive.ts';
import type { MllpTls } from '../channels/mllp/settings.ts';
import { replaySome } from '../operations/intake/replay.ts';
import type { Context } from '../store/context.ts';
import { type Configuration, ConfigurationError, type MllpConfiguration } from './configuration.ts';
import type { House } from './house.ts';
import { faultOf } from './log.ts';
import { defaultTenant } from './tenants.ts';

/** The HL7v2 rail and those it is spoken with. */
export interface Hl7v2 {
  readonly rail: Hl7Rail;
  readonly partners: Partners;
}

/** @throws {ConfigurationError} */
export async function openHl7v2(configuration: Configuration, reviewer: Hl7Reviewer): Promise<Hl7v2> {
  const partners = await readPartnersFile(configuration);
  return { partners, rail: hl7v2Rail(partners, (message, { mapping }) => mapMessage(message, mapping), reviewer) };
}

/** Who may send, for whom; everybody for one tenant where no file says otherwise. */
async function readPartnersFile({ mllp, tenants }: Configuration): Promise<Partners> {
  if (mllp?.partners === undefined) return anyPartners(mllp?.tenant ?? defaultTenant);
  try {
    return readPartners(parse(await readFile(mllp.partners, 'utf8')), [defaultTenant, ...tenants], mllp.tenant);
  } catch (error) {
    // What the parser quotes of a file is the administrator's own.
    throw new ConfigurationError(`PRIORA_MLLP_PARTNERS: ${error instanceof Error ? error.message.split('\n')[0]! : 'the file cannot be read'}`);
  }
}

/** @throws {ConfigurationError}, and where it cannot listen */
export async function openMllp(house: House, settings: MllpConfiguration, { rail, partners }: Hl7v2): Promise<MllpListener> {
  const { metrics, log, intake, clock } = house;
  const tls = await readTls(settings);
  const contextOf = (name: string | undefined, actor: string): Context => contextFor(house, name, actor);
  const listener = await listen({
    settings: { ...settings, tls },
    receive: (frame, peer) => receive({ intake, rail, partners, contextOf, monotonic: clock.monotonic, onAnswer: (code, startedAt) => { metrics.mllpAnswers.observe({ code }, (clock.monotonic() - startedAt) / 1000); } }, frame, peer),
    observer: {
      opened: () => { metrics.mllpConnections.inc(); },
      ended(ending) {
        if (ending !== 'refused' && ending !== 'tls') metrics.mllpConnections.dec();
        metrics.mllpEnded.inc({ ending });
        if (ending !== 'closed' && ending !== 'stopping') log.warn({ ending }, 'an MLLP connection was ended');
      },
    },
  });
  log.info({ host: settings.host, port: listener.port, tls: tls !== undefined, clientCertificates: tls?.clientAuthorities !== undefined }, 'listening for HL7v2 messages by MLLP');
  return listener;
}

/**
 * Messages that are safe and that nobody has looked at: the server ended in between, and a sender that was told so does
 * not send them again.
 */
export async function takeLeftMessages(house: House): Promise<void> {
  for (const { name } of house.tenants) {
    try {
      const { deliveries } = await replaySome({ intake: house.intake, rails: house.rails }, { states: ['received'], channel: 'hl7v2' }, contextFor(house, name, 'mllp'));
      if (deliveries > 0) house.log.info({ deliveries }, 'HL7v2 messages that had landed before were taken in');
    } catch (error) {
      // They stay as they are, and nobody else has to wait for them: `priora inbox` shows and replays them.
      house.log.error(faultOf(error), 'HL7v2 messages that had landed before could not be taken in');
    }
  }
}

function contextFor(house: House, name: string | undefined, actor: string): Context {
  const tenant = house.tenants.find((one) => one.name === name) ?? house.tenant;
  return {
    tenant,
    base: house.baseUrlOf(tenant),
    get parameters() { return house.definitions.parametersOf(tenant.id); },
    refreshParameters: () => house.definitions.refresh(tenant.id),
    access: { tenant: tenant.id },
    actor, request: randomUUID(), now: house.clock.now, random: house.clock.random,
  };
}

async function readTls({ tls }: MllpConfiguration): Promise<MllpTls | undefined> {
  if (!tls) return undefined;
  const file = async (variable: string, path: string): Promise<Buffer> => {
    try {
      return await readFile(path);
    } catch {
      throw new ConfigurationError(`${variable}: the file cannot be read`);
    }
  };
  return {
    certificate: await file('PRIORA_MLLP_TLS_CERT', tls.certificate), key: await file('PRIORA_MLLP_TLS_KEY', tls.key),
    ...(tls.clientAuthorities !== undefined && { clientAuthorities: await file('PRIORA_MLLP_TLS_CLIENT_CA', tls.clientAuthorities) }),
  };
}
