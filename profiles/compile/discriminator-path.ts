/**
 * Paths of discriminators: a restricted FHIRPath. Beside what the specification names, `as` and `first()` are read, which
 * published profiles have (PAS: `extension('…').value as boolean`).
 * Source: https://hl7.org/fhir/R4/profiling.html#discriminator
 */

export type PathStep =
  | { readonly kind: 'element'; readonly name: string }
  | { readonly kind: 'extension'; readonly url: string }
  | { readonly kind: 'type'; readonly type: string }
  | { readonly kind: 'resolve' };

const step = /^(?:(\$this|first\(\))|(resolve\(\))|(?:ofType|as)\(\s*(?:FHIR\.)?([A-Za-z0-9]{1,64})\s*\)|extension\(\s*(?:'([^']*)'|"([^"]*)")\s*\)|([A-Za-z_][A-Za-z0-9_]{0,63})(?:\[x\])?)(?:\.|$)/;

/** @returns undefined for a path that is none */
export function parseDiscriminatorPath(path: string): readonly PathStep[] | undefined {
  let rest = plain(path);
  const steps: PathStep[] = [];
  while (rest !== '') {
    const found = step.exec(rest);
    if (found === null) return undefined;
    const [whole, nothing, resolve, type, url, otherUrl, name] = found;
    if (nothing !== undefined) { /* the same node */ }
    else if (resolve !== undefined) steps.push({ kind: 'resolve' });
    else if (type !== undefined) steps.push({ kind: 'type', type });
    else if (name === undefined) steps.push({ kind: 'extension', url: url ?? otherUrl ?? '' });
    else if (name in Object.prototype) return undefined;
    else steps.push({ kind: 'element', name });
    rest = rest.slice(whole.length);
  }
  return steps;
}

/** `(value as boolean).code` as `value.ofType(boolean).code`. */
function plain(path: string): string {
  return path.trim().replace(/^\(([^()]*(?:\([^()]*\)[^()]*)*)\)/, '$1').replace(/\s+as\s+(?:FHIR\.)?([A-Za-z0-9]+)/g, '.ofType($1)');
}
