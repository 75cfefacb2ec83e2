/** What tells the form of an element (its class, its template) and nothing of its own. */

/** Of the form of a document, and of no statement in it. */
export const form: ReadonlySet<string> = new Set(['classCode', 'moodCode', 'typeCode', 'determinerCode', 'contextConductionInd', 'contextControlCode', 'inversionInd', 'xsi:type', 'xsi:nil', 'operator', 'institutionSpecified', 'unsorted', 'negationInd', 'independentInd', 'xml:space', 'xml:lang', 'nullFlavor', 'codeSystemName', 'sdtc:valueSet', 'sdtc:valueSetVersion', 'displayable', 'assigningAuthorityName', 'inclusive', 'mediaType', 'representation', 'integrityCheckAlgorithm', 'language', 'ID']);
export const formElements: ReadonlySet<string> = new Set(['templateId', 'typeId', 'realmCode']);
