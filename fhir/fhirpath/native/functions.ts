/** The functions of FHIRPath by name. */
import { collectionFunctions } from './functions/collections.ts';
import { conversionFunctions } from './functions/conversion.ts';
import type { Definition } from './functions/definition.ts';
import { existenceFunctions } from './functions/existence.ts';
import { fhirFunctions } from './functions/fhir.ts';
import { mathFunctions } from './functions/math.ts';
import { precisionFunctions } from './functions/precision.ts';
import { stringFunctions } from './functions/strings.ts';
import { walkingFunctions } from './functions/walking.ts';

export const functions: ReadonlyMap<string, Definition> = new Map(
  [existenceFunctions, walkingFunctions, collectionFunctions, conversionFunctions, stringFunctions, mathFunctions, precisionFunctions, fhirFunctions].flatMap((some) => Object.entries(some)),
);
