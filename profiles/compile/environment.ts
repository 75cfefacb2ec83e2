/** What FHIRPath sees of a validation: the resource around the element, what references lead to, profiles, value sets. */
import type { Environment, Meter } from '../../fhir/fhirpath/native/index.ts';
import { narrativeIssues, outsideStyle } from '../../fhir/narrative.ts';
import { isObject, own, type JsonObject, type Session } from './check.ts';

export function environmentOf(session: Session): Environment {
  return new SessionEnvironment(session);
}

class SessionEnvironment implements Environment {
  readonly #session: Session;
  #narrative: string | undefined;
  #isGood = true;

  constructor(session: Session) {
    this.#session = session;
  }

  get resource(): JsonObject {
    return this.#session.resource;
  }

  get rootResource(): JsonObject {
    return this.#session.container;
  }

  get meter(): Meter {
    return this.#session.budget;
  }

  get now(): Date {
    return this.#session.options.now;
  }

  resolve(reference: string): unknown {
    return this.#session.resolve(reference);
  }

  memberOf(value: unknown, _type: string, canonical: string): boolean | undefined {
    const valueSet = this.#session.library.valueSet(canonical);
    if (valueSet === undefined) return undefined;
    if (typeof value === 'string') return known(valueSet.hasCode(value));
    if (!isObject(value)) return undefined;
    const coding = own(value, 'coding');
    const codings = Array.isArray(coding) ? coding.filter(isObject) : [value];
    let all: boolean | undefined = false;
    for (const { system, version, code } of codings) {
      if (typeof system !== 'string' || typeof code !== 'string') continue;
      const one = known(valueSet.has(system, code, typeof version === 'string' ? version : undefined));
      if (one === true) return true;
      if (one === undefined) all = undefined;
    }
    return all;
  }

  conformsTo(value: unknown, _type: string, canonical: string): boolean | undefined {
    const profile = this.#session.library.profile(canonical);
    if (profile === undefined || !isObject(value)) return undefined;
    return own(value, 'resourceType') === undefined ? this.#session.passes(profile.cell, value) : this.#session.conforms(value, profile);
  }

  htmlChecks(xhtml: string): boolean {
    // Two constraints ask for the same.
    if (xhtml !== this.#narrative) {
      this.#narrative = xhtml;
      this.#isGood = isGoodNarrative(xhtml);
    }
    return this.#isGood;
  }
}

function isGoodNarrative(xhtml: string): boolean {
  // Style that names pictures elsewhere is in narratives that HL7 publishes, and harmless.
  return narrativeIssues(xhtml).every(({ reason }) => reason === outsideStyle);
}

function known(membership: 'in' | 'out' | 'unknown'): boolean | undefined {
  return membership === 'unknown' ? undefined : membership === 'in';
}
