/** What is wrong with a FHIRPath expression. The text names the expression's parts, never a resource's. */

/**
 * `syntax`: no FHIRPath. `unsupported`: not evaluated here. `semantic`: it cannot apply to the types it is about.
 * `evaluation`: the data give no answer, as where one value is needed and several are there. `limit`: it would take too long.
 */
export type FhirPathErrorCode = 'syntax' | 'unsupported' | 'semantic' | 'evaluation' | 'limit';

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
