/**
 * What a resource can be found by: one value per type of search parameter.
 * Source: FHIR R4, "Search", section "Search Parameter Types" (https://hl7.org/fhir/R4/search.html#ptypes).
 */
import type { SearchParameter } from '../search-parameters.ts';

interface Value {
  readonly parameter: SearchParameter;
}

export interface TokenSystemCode {
  readonly system: string | undefined;
  readonly code: string | undefined;
}

export interface TokenValue extends Value, TokenSystemCode {
  readonly type: 'token';
  /** What `:text` looks at: the display of a Coding, the text of a CodeableConcept or of an Identifier's type. */
  readonly text: string | undefined;
  /** Identifiers only: the codings of the identifier's type, for `:of-type`. */
  readonly identifierTypes: readonly TokenSystemCode[] | undefined;
}

/**
 * A reference by type and id (`Patient/1`), by address (`url`), by business identifier, or several of these.
 * An absolute address of the form `base/Type/id` has both `url` and type and id: whether `base` is this server
 * is for the caller to know, so type and id mean a resource here only where there is no `url`.
 */
export interface ReferenceValue extends Value {
  readonly type: 'reference';
  readonly targetType: string | undefined;
  readonly targetId: string | undefined;
  /** Of a literal reference (`/_history/2`) or a canonical (`|2.0`). */
  readonly version: string | undefined;
  /** Absolute address, urn or canonical, without the version. */
  readonly url: string | undefined;
  readonly identifier: TokenSystemCode | undefined;
}

/** Both ends inclusive, in milliseconds since 1970 UTC; an open end is -Infinity or Infinity. */
export interface DateValue extends Value {
  readonly type: 'date';
  readonly low: number;
  readonly high: number;
}

export interface StringValue extends Value {
  readonly type: 'string';
  readonly value: string;
  /** {@link normalizedString} of the value. */
  readonly normalized: string;
}

/** `low` and `high` are the limits of what the written precision may mean: 5.40 is from 5.395 to 5.405. */
export interface NumberValue extends Value {
  readonly type: 'number';
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** A Quantity, Money, Range or SampledData. Without `value` it is a range; a missing limit is -Infinity or Infinity. */
export interface QuantityValue extends Value {
  readonly type: 'quantity';
  readonly value: number | undefined;
  readonly low: number;
  readonly high: number;
  readonly system: string | undefined;
  readonly code: string | undefined;
  readonly unit: string | undefined;
}

export interface UriValue extends Value {
  readonly type: 'uri';
  readonly value: string;
}

/** One combination of values of the components, in their order, from one and the same node. */
export interface CompositeValue extends Value {
  readonly type: 'composite';
  readonly components: readonly SimpleSearchValue[];
}

/** A place on Earth in degrees (WGS 84), for `near`. */
export interface PositionValue extends Value {
  readonly type: 'special';
  readonly latitude: number;
  readonly longitude: number;
}

export type SimpleSearchValue = TokenValue | ReferenceValue | DateValue | StringValue | NumberValue | QuantityValue | UriValue | PositionValue;
export type SearchValue = SimpleSearchValue | CompositeValue;
