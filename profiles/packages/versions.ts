/**
 * Versions of canonicals and packages: which is newer, and which is meant.
 * Source: https://hl7.org/fhir/R4/references.html#canonical, https://hl7.org/fhir/packages.html (partial versions)
 */

const semantic = /^\d+(\.\d+)*([-+].*)?$/;

/** Below 0 where `a` is older. Numbers compare as numbers; a pre-release comes before its release; other texts before numbers. */
export function compareVersions(a: string, b: string): number {
  if (a === b) return 0;
  const [left, right] = [partsOf(a), partsOf(b)];
  if (left === undefined || right === undefined) {
    if (left !== undefined) return 1;
    if (right !== undefined) return -1;
    return a < b ? -1 : 1;
  }
  for (let place = 0; place < Math.max(left.numbers.length, right.numbers.length); place++) {
    const difference = (left.numbers[place] ?? 0) - (right.numbers[place] ?? 0);
    if (difference !== 0) return difference;
  }
  if (left.label === right.label) return 0;
  if (left.label === '') return 1;
  if (right.label === '') return -1;
  return left.label.localeCompare(right.label, 'en', { numeric: true });
}

function partsOf(version: string): { readonly numbers: readonly number[]; readonly label: string } | undefined {
  if (!semantic.test(version)) return undefined;
  const [, numbers, label] = /^([\d.]+)(?:-([^+]*))?/.exec(version)!;
  return { numbers: numbers!.split('.').map(Number), label: label ?? '' };
}

/**
 * Which of the versions there are is meant.
 * @param wanted exact; a beginning (`7.0`), or with a placeholder (`7.0.x`): the newest that begins so; undefined: the newest
 */
export function chooseVersion(versions: Iterable<string>, wanted: string | undefined): string | undefined {
  const known = [...versions];
  if (wanted === undefined || wanted === '' || wanted === 'latest') return newest(known);
  if (known.includes(wanted)) return wanted;
  const beginning = wanted.replace(/(\.[xX*])+$/, '');
  return newest(known.filter((version) => version.startsWith(`${beginning}.`) && partsOf(version) !== undefined));
}

function newest(versions: readonly string[]): string | undefined {
  return versions.reduce<string | undefined>((best, version) => (best === undefined || compareVersions(version, best) > 0 ? version : best), undefined);
}

/** `http://…/Patient|4.0.1` in its parts. */
export function splitCanonical(canonical: string): { readonly url: string; readonly version: string | undefined } {
  const bar = canonical.indexOf('|');
  if (bar === -1) return { url: canonical, version: undefined };
  return { url: canonical.slice(0, bar), version: canonical.slice(bar + 1).split('#')[0] };
}
