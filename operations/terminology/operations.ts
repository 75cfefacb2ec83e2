/** The operations of the terminology service (https://hl7.org/fhir/R4/terminology-service.html). */
import type { Database } from '../../store/database.ts';
import type { Operation } from '../registry.ts';
import { parametersAnswer } from './answers.ts';
import { closureOperation } from './closure.ts';
import { expandOperation } from './expand.ts';
import { codeSystemOperations } from './lookup.ts';
import { readParameters } from './parameters.ts';
import { translateOperation } from './translate.ts';
import { validateCodeOperations } from './validate-code.ts';

export function terminologyOperations(database: Database): readonly Operation[] {
  return [...codeSystemOperations(database), expandOperation(database), ...validateCodeOperations(database), translateOperation(database), closureOperation(database), versionsOperation()];
}

/** Which versions of FHIR are spoken here: terminology clients ask before anything else (https://hl7.org/fhir/R5/capabilitystatement-operation-versions.html). */
function versionsOperation(): Operation {
  return {
    code: 'versions', resource: 'Resource', levels: ['system'], canonical: 'http://hl7.org/fhir/OperationDefinition/CapabilityStatement-versions', byGet: true,
    handle: async (call) => {
      readParameters(call, 'versions', new Set());
      return parametersAnswer([{ name: 'version', valueString: '4.0' }, { name: 'default', valueString: '4.0' }]);
    },
  };
}
