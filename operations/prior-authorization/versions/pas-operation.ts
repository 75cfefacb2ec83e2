/** An operation of PAS whose answers differ between versions, as its OperationDefinition names it. */
export type PasOperation = 'submit' | 'inquire';
