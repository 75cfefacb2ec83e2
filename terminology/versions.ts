/**
 * Versions of definitions: which of two is later, and which of several is meant
 * (https://hl7.org/fhir/R4/resource.html#versions, https://hl7.org/fhir/R5/versions.html). R5 lets a definition name its own
 * rule (versionAlgorithm); R4 does not, so publishers whose versions follow another one are known here by their addresses.
 */
import { sharedScope } from './heads.ts';

const semantic = /^(\d+)\.(\d+)(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/;

/** Below 0 where the first is earlier. Semantic versions by their parts, dates and whole numbers as such, all else by natural order. */
export function compareVersions(a: string, b: string): number {
  if (a === b) return 0;
  const [left, right] = [semantic.exec(a), semantic.exec(b)];
  if (left && right) {
    for (const part of [1, 2, 3]) {
      const difference = Number(left[part] ?? 0) - Number(right[part] ?? 0);
      if (difference !== 0) return difference;
    }
    // What has a label comes before what has none.
    if (left[4] === undefined || right[4] === undefined) return Number(left[4] === undefined) - Number(right[4] === undefined);
    return natural(left[4], right[4]);
  }
  return natural(a, b);
}

function natural(a: string, b: string): number {
  return new Intl.Collator('en', { numeric: true }).compare(a, b);
}

/** Whether a version is the wanted one: the same, or one of those that `x` or a missing part stand for. */
export function matchesVersion(version: string, wanted: string): boolean {
  // An edition of SNOMED CT stands for its releases.
  if (version === wanted || wanted === '*' || version.startsWith(`${wanted}/version/`)) return true;
  if (!/^\d+(\.(\d+|x|X|\*))*$/.test(wanted)) return false;
  const parts = wanted.split('.');
  const have = version.split('.');
  return parts.length <= have.length && parts.every((part, index) => part === 'x' || part === 'X' || part === '*' || part === have[index]);
}

interface Versioned {
  readonly version: string;
  readonly url?: string;
  readonly key?: unknown;
  readonly resource?: { readonly status?: string };
}

/** Below 0 where the first is earlier, by the rule of the publisher where there is one. Both have the same url. */
export function compareDefinitions(a: Versioned, b: Versioned): number {
  const released = releaseDates.get(a.url ?? '');
  if (released === undefined) return compareVersions(a.version, b.version);
  return byText(released(a.version), released(b.version)) || ownLast(a, b) || byInternational(a, b) || natural(a.version, b.version);
}

/** The date of a release as YYYYMMDD; empty where the version tells none: then it is the earliest. */
const releaseDates: ReadonlyMap<string, (version: string) => string> = new Map([
  ['http://snomed.info/sct', (version) => /(?:^|\/version\/)(\d{8})$/.exec(version)?.[1] ?? ''],
  // MMDDYYYY, as NLM names its releases, or a date as FHIR writes it
  ['http://www.nlm.nih.gov/research/umls/rxnorm', (version) => {
    const [, month, day, year] = /^(0[1-9]|1[0-2])(\d{2})(\d{4})$/.exec(version) ?? [];
    return year === undefined ? /^\d{4}(?:-\d{2}){2}$/.exec(version)?.[0].replaceAll('-', '') ?? '' : `${year}${month}${day}`;
  }],
]);

function byText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** Of releases of one date a tenant's own, or one that a request brings along, counts before what is installed for all. */
function ownLast(a: Versioned, b: Versioned): number {
  return Number(isShared(b)) - Number(isShared(a));
}

function isShared({ key }: Versioned): boolean {
  return (key as { readonly tenant?: number } | undefined)?.tenant === sharedScope;
}

const internationalEdition = 'http://snomed.info/sct/900000000000207008/';

/** A national edition has the international one in it. */
function byInternational(a: Versioned, b: Versioned): number {
  return Number(b.version.startsWith(internationalEdition)) - Number(a.version.startsWith(internationalEdition));
}

/** A draft, or what is retired, is meant where nothing else is there. */
function inUse({ resource }: Versioned): number {
  return Number(resource?.status !== 'draft' && resource?.status !== 'retired');
}

/** The latest of those that have the wanted version; of all where none is wanted. Those in use count before others. */
export function latest<T extends Versioned>(versions: readonly T[], wanted: string | undefined): T | undefined {
  const exact = wanted === undefined ? undefined : versions.find(({ version }) => version === wanted);
  if (exact !== undefined) return exact;
  return versions.filter(({ version }) => wanted === undefined || matchesVersion(version, wanted)).toSorted((a, b) => inUse(b) - inUse(a) || compareDefinitions(b, a))[0];
}
