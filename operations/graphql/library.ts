/** The graphql package, loaded when the first query comes: most servers are never asked one. */
import type * as Package from 'graphql';

export type GraphQL = typeof Package;

let loading: Promise<GraphQL> | undefined;

export function loadGraphQL(): Promise<GraphQL> {
  return loading ??= import('graphql');
}
