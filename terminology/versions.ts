/**
 * Versions of definitions: which of two is later, and which of several is meant
 * (https://hl7.org/fhir/R4/resource.html#versions, https://hl7.org/fhir/R5/versions.html).
 */

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

/** The latest of those that have the wanted version; of all where none is wanted. */
export function latest<T extends { readonly version: string }>(versions: readonly T[], wanted: string | undefined): T | undefined {
  const exact = wanted === undefined ? undefined : versions.find(({ version }) => version === wanted);
  if (exact !== undefined) return exact;
  return versions.filter(({ version }) => wanted === undefined || matchesVersion(version, wanted)).toSorted((a, b) => compareVersions(b.version, a.version))[0];
}
