/** What is wrong with a FHIRPath expression. The text names the expression's parts, never a resource's. */

export type FhirPathErrorCode = 'syntax' | 'unsupported';

export class FhirPathError extends Error {
  override readonly name = 'FhirPathError';
  readonly code: FhirPathErrorCode;
  /** Where in the expression, counted in characters from 0; undefined where it is about the whole. */
  readonly position: number | undefined;

  constructor(code: FhirPathErrorCode, message: string, position?: number) {
    super(position === undefined ? message : `${message} at ${position}`);
    this.code = code;
    this.position = position;
  }
}
