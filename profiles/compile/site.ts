/**
 * Where an element stands, as contexts of extensions name it: by its path, by the path of what it is a copy of, and by
 * its type and what that specializes. `Element` stands for anything, resources too.
 * Source: https://hl7.org/fhir/R4/defining-extensions.html#context
 */
import { lineage } from '../../fhir/element-types.ts';

export interface Site {
  readonly names: ReadonlySet<string>;
  readonly paths: readonly string[];
  /** Where the content of an extension stands that is here; made when it is first asked for. */
  extension?: Site;
}

/** @param paths as `Patient.name`; a choice without its `[x]` */
export function siteOf(paths: readonly string[], types: readonly string[]): Site {
  const plain = paths.map(plainPath);
  return { names: new Set([...plain, ...types.flatMap((type) => [type, ...lineage(type)])]), paths: plain };
}

/** `ClaimResponse.item.adjudication.extension`, for one. */
export function insideExtension(site: Site): Site {
  return site.extension ??= siteOf(site.paths.map((path) => `${path}.extension`), ['Extension']);
}

export function plainPath(path: string): string {
  return path.replaceAll('[x]', '');
}
