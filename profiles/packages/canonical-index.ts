/** Things found by canonical, several versions side by side. */
import { chooseVersion, splitCanonical } from './versions.ts';

export class CanonicalIndex<T> {
  readonly #byUrl = new Map<string, Map<string, T>>();

  /** What was there under the same url and version stays: the first wins. */
  add(url: string, version: string, thing: T): void {
    let versions = this.#byUrl.get(url);
    if (versions === undefined) this.#byUrl.set(url, versions = new Map<string, T>());
    if (!versions.has(version)) versions.set(version, thing);
  }

  /** What another has as well. */
  addAll(other: CanonicalIndex<T>): void {
    for (const [url, versions] of other.#byUrl) for (const [version, thing] of versions) this.add(url, version, thing);
  }

  /** All versions. */
  all(url: string): readonly T[] {
    return [...this.#byUrl.get(url)?.values() ?? []];
  }

  /** @param canonical with a version, part of one, or none (then the newest is meant) */
  find(canonical: string): T | undefined {
    const { url, version } = splitCanonical(canonical);
    const versions = this.#byUrl.get(url);
    if (versions === undefined) return undefined;
    const chosen = chooseVersion(versions.keys(), version);
    return chosen === undefined ? undefined : versions.get(chosen);
  }
}
