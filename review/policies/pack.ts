/**
 * Rule packs: what a plan decides by rule, as data.
 *
 * Two kinds of rule live in a pack, and these types keep them apart:
 * - *administrative* rules speak about the contract (is there coverage, is the service in the benefit, is authorization
 *   needed at all, was it already given). They may certify or deny. A denial may rest on {@link AdministrativeFact}s
 *   only, so that a clinical judgement cannot be dressed up as a contract question.
 * - *clinical* rules speak about the patient. They certify or pend. No type here has a value by which one could deny,
 *   modify or reduce: a refusal on clinical grounds is a person's act.
 *
 * Dates are calendar dates (`YYYY-MM-DD`), inclusive at both ends.
 */

export const SCHEMA_VERSION = 1;

/** One code. `system` is the FHIR code system URI. */
export interface CodeRef {
  readonly system: string;
  readonly code: string;
}

/** Codes of one system: exactly these, and every code that starts with one of the prefixes (`G47.3` takes in G47.33). */
export interface CodeSet {
  readonly system: string;
  readonly codes: readonly string[];
  readonly prefixes?: readonly string[];
}

/** Bounds on a number; every bound present must hold. */
export interface Bounds {
  readonly atLeast?: number;
  readonly above?: number;
  readonly atMost?: number;
  readonly below?: number;
}

/** Facts about the contract and the form of the request: the only ones a denial may rest on. */
export type AdministrativeFact =
  | { readonly fact: 'service'; readonly in: readonly CodeSet[] }
  | { readonly fact: 'service-category'; readonly in: readonly CodeSet[] }
  | { readonly fact: 'place-of-service'; readonly in: readonly CodeSet[] }
  /** Whoever is to give the service has one of these identifiers (a network): `codes` are values of a system of identifiers. */
  | { readonly fact: 'performer'; readonly in: readonly CodeSet[] }
  | { readonly fact: 'request-type'; readonly in: readonly CodeSet[] }
  | { readonly fact: 'certification-type'; readonly in: readonly CodeSet[] }
  /** The payer's records hold a coverage for the member. */
  | { readonly fact: 'coverage-present' }
  /** The coverage is in force on every day the service is asked for. */
  | { readonly fact: 'coverage-active-on-service-date' }
  /** The days the service is asked for lie within calendar dates, or within days counted from receipt (negative: before). */
  | { readonly fact: 'service-date'; readonly onOrAfter?: string; readonly onOrBefore?: string; readonly daysFromReceipt?: Bounds }
  /** A certified authorization for the same service, requester and days exists. */
  | { readonly fact: 'duplicate' };

/** Facts about the patient and the amount asked for. */
export type ClinicalFact =
  | { readonly fact: 'diagnosis'; readonly in: readonly CodeSet[] }
  /** Whole years on the service date. */
  | { readonly fact: 'age'; readonly years: Bounds }
  /** FHIR administrative-gender codes. */
  | { readonly fact: 'gender'; readonly in: readonly string[] }
  /** Quantity of the item. With `units`, another unit or none proves nothing. */
  | { readonly fact: 'quantity'; readonly value: Bounds; readonly units?: readonly string[] }
  /** The latest observation, at most `withinDays` old on the service date. `units` are equal UCUM codes; another unit proves nothing. */
  | { readonly fact: 'observation'; readonly code: readonly CodeSet[]; readonly value: Bounds; readonly units: readonly string[]; readonly withinDays?: number }
  /** A condition on the record; with `history`, a resolved one counts too. */
  | { readonly fact: 'condition'; readonly in: readonly CodeSet[]; readonly history?: boolean }
  /** An answer of a completed questionnaire. Exactly one of `equals`, `in`, `value`. */
  | {
      readonly fact: 'answer';
      readonly linkId: string;
      readonly questionnaire?: string;
      readonly equals?: boolean | string;
      readonly in?: readonly CodeSet[];
      readonly value?: Bounds;
      readonly units?: readonly string[];
    }
  /** A document of one of these types came with the request. */
  | { readonly fact: 'document'; readonly in: readonly CodeSet[] };

/** The names of the facts a denial may rest on, for checks at run time. */
export const ADMINISTRATIVE_FACTS: ReadonlySet<string> = new Set<AdministrativeFact['fact']>([
  'service', 'service-category', 'place-of-service', 'performer', 'request-type', 'certification-type',
  'coverage-present', 'coverage-active-on-service-date', 'service-date', 'duplicate',
]);

/** A tree over leaves of type `Leaf`, read in three-valued logic (engine/truth.ts). */
export type Tree<Leaf> = { readonly all: readonly Tree<Leaf>[] } | { readonly any: readonly Tree<Leaf>[] } | { readonly not: Tree<Leaf> } | Leaf;

export type Condition = Tree<AdministrativeFact | ClinicalFact>;
export type AdministrativeCondition = Tree<AdministrativeFact>;

/** Why an administrative decision was taken. `code` may come from a customer's own list (for instance X12 external list 886). */
export interface Reason {
  readonly code?: CodeRef;
  readonly text: string;
}

interface RuleHead {
  readonly id: string;
  readonly title: string;
}

/** A denial on contract grounds. */
export interface AdministrativeDenialRule extends RuleHead {
  readonly category: 'eligibility' | 'coverage-dates' | 'benefit-exclusion' | 'duplicate';
  readonly when: AdministrativeCondition;
  readonly then: { readonly effect: 'deny'; readonly reason: Reason };
}

/** A certification that asks for no clinical review. */
export interface NoAuthorizationNeededRule extends RuleHead {
  readonly category: 'no-authorization-needed';
  readonly when: Condition;
  readonly then: { readonly effect: 'certify'; readonly reason: Reason; readonly validDays?: number };
}

/** A certification under the number of an authorization given before; never under a second one. */
export interface ExistingCertificationRule extends RuleHead {
  readonly category: 'duplicate';
  readonly when: Condition;
  readonly then: { readonly effect: 'certify'; readonly reason: Reason; readonly certification: 'existing' };
}

export type AdministrativeRule = AdministrativeDenialRule | NoAuthorizationNeededRule | ExistingCertificationRule;

/** One thing a reviewer can check: the sentence a person reads and the test the machine does. */
export interface Criterion {
  readonly id: string;
  readonly text: string;
  readonly test: Condition;
}

export type CriterionTree = Tree<Criterion>;

/**
 * What to ask the provider for. Asked when the rule as a whole came out as `when`; with `criterion`, only if that
 * criterion came out so too and its answer could still settle the rule.
 */
export interface InformationRequestRule {
  readonly when: 'insufficient' | 'not-met';
  readonly criterion?: string;
  readonly code: CodeRef;
  readonly text: string;
  /** Canonical of the Questionnaire that asks for it (DTR); `|version` pins one version, without it the newest is meant. */
  readonly questionnaire?: string;
  /** What of it: a code that narrows the first one (X12: HI with LOINC modifier codes). */
  readonly modifier?: CodeRef;
}

export interface ClinicalRule extends RuleHead {
  /** Citation of the policy text the criteria come from. */
  readonly source: string;
  readonly applies: Condition;
  readonly criteria: CriterionTree;
  readonly met: { readonly effect: 'certify'; readonly validDays: number };
  readonly otherwise: { readonly effect: 'pend' };
  readonly requests?: readonly InformationRequestRule[];
}

/**
 * Care that is not told of to others than those who asked for it: services and diagnoses by their codes, and whom to call
 * for what is withheld (PAS 2.2.1, spec-49 and spec-50).
 */
export interface SensitiveCare {
  readonly in: readonly CodeSet[];
  /** Telephone number of the plan, as it is told. */
  readonly phone: string;
}

/** Types of cards that can be given while an order is written: codes of CRD (http://terminology.hl7.org/CodeSystem/cdshooks-card-type). */
export const CARD_TOPICS = [
  'claim', 'insurance', 'limits', 'network', 'appropriate-use', 'cost', 'therapy-alternatives-opt', 'therapy-alternatives-req', 'clinical-reminder', 'duplicate-therapy', 'contraindication', 'guideline', 'off-guideline',
] as const;
export type CardTopic = typeof CARD_TOPICS[number];

/** What clients can follow: a page, or an app that is launched with the patient and this text. */
export interface CardLink {
  readonly label: string;
  readonly url: string;
  readonly type: 'absolute' | 'smart';
  readonly appContext?: string;
}

/** Something that a card offers to do with one click. */
export type CardOffer =
  /** The order as it is, but of another service. */
  | { readonly offer: 'alternate'; readonly label: string; readonly code: CodeRef }
  /** An order of its own that goes with this one. */
  | { readonly offer: 'companion'; readonly label: string; readonly type: 'ServiceRequest' | 'DeviceRequest'; readonly code: CodeRef }
  /** A task to fill in a form, where no DTR is spoken. */
  | { readonly offer: 'form'; readonly label: string; readonly questionnaire: string };

/** A card for whoever writes an order that the condition is met by (Da Vinci CRD). It decides nothing. */
export interface CardRule {
  readonly id: string;
  readonly topic: CardTopic;
  /** Hooks of CDS Hooks that it is for; all of them where nothing is said. */
  readonly hooks?: readonly string[];
  readonly when: Condition;
  /** Fewer than 140 characters. */
  readonly summary: string;
  /** Markdown. */
  readonly detail?: string;
  readonly indicator?: 'info' | 'warning' | 'critical';
  readonly links?: readonly CardLink[];
  readonly offers?: readonly CardOffer[];
}

/** One version of one plan's rules. */
export interface PolicyPack {
  readonly schemaVersion: typeof SCHEMA_VERSION;
  readonly plan: string;
  readonly pack: string;
  readonly version: string;
  readonly title: string;
  readonly effective: { readonly from: string; readonly to?: string };
  readonly administrative: readonly AdministrativeRule[];
  readonly clinical: readonly ClinicalRule[];
  readonly cards?: readonly CardRule[];
  readonly sensitive?: SensitiveCare;
}

/** Something that makes a pack unusable. */
export interface PackProblem {
  /** JSON pointer into the pack; empty for the pack as a whole. */
  readonly pointer: string;
  readonly message: string;
}
