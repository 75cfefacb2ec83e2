/**
 * Value sets that SNOMED CT defines by their address (https://hl7.org/fhir/R4/snomedct.html#implicit): all concepts, those
 * below one, all reference sets, the members of one, and what an expression constraint finds.
 */
import type { ValueSetComposeInclude } from '@medplum/fhirtypes';

const snomed = 'http://snomed.info/sct';
const address = /^http:\/\/snomed\.info\/sct(\/\d{6,18}(?:\/version\/\d{8})?)?\?fhir_vs(?:=(.*))?$/s;

/** The concept under which reference sets are. */
const referenceSets = '900000000000455006';

/** The composition; undefined for an address that is none of these. */
export function impliedInclude(url: string): ValueSetComposeInclude | undefined {
  const found = address.exec(url);
  if (found === null) return undefined;
  const [, edition, what] = found;
  const include = { system: snomed, ...(edition !== undefined && { version: `${snomed}${edition}` }) };
  if (what === undefined) return include;
  const constraint = (value: string): ValueSetComposeInclude => ({ ...include, filter: [{ property: 'constraint', op: '=', value }] });
  const [, kind, id] = /^(isa|refset)\/([1-9]\d{5,17})$/.exec(what) ?? [];
  if (kind === 'isa') return { ...include, filter: [{ property: 'concept', op: 'is-a', value: id! }] };
  if (kind === 'refset') return constraint(`^ ${id}`);
  if (what === 'refset') return constraint(`< ${referenceSets}`);
  return what.startsWith('ecl/') ? constraint(decoded(what.slice('ecl/'.length))) : undefined;
}

/** A constraint may still be percent-encoded, as the address has it. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
