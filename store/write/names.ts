/** Names of resources across tenants: what is locked, and what is written once in a commit. */
import { resourceTypeCode } from '../../fhir/resource-types.ts';

export interface ResourceName {
  readonly tenant: number;
  readonly type: string;
  readonly id: string;
}

export const nameOf = ({ tenant, type, id }: ResourceName): string => `${tenant}/${type}/${id}`;

/** Three parameters, $1 to $3, that `unnest($1::smallint[], $2::smallint[], string_to_array($3, U&'\\001F'))` makes rows of. */
export const namesAsParameters = (names: readonly ResourceName[]): unknown[] => [
  `{${names.map((name) => name.tenant).join(',')}}`, `{${names.map((name) => resourceTypeCode(name.type)).join(',')}}`, names.map((name) => name.id).join('\u001f'),
];
