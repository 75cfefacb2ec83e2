/** Ids of the CodeSystem resources that tell of imported code systems: they follow from url and version, and nobody else's look so. */
import { hash } from 'node:crypto';

/** The same for each tenant, and for each import of the same version. `store/terminology/imported.ts` has it in SQL. */
export function importedId(url: string, version: string): string {
  return `imported-${hash('sha256', `${url}|${version}`, 'hex').slice(0, 40)}`;
}

/** As PostgreSQL and JavaScript read it. */
export const importedIdPattern = '^imported-[0-9a-f]{40}$';

const pattern = new RegExp(importedIdPattern);

/** Whether this is a resource that an import holds: it is read by everybody, and written by the import alone. */
export function isOfImport(type: string, id: string): boolean {
  return type === 'CodeSystem' && pattern.test(id);
}
